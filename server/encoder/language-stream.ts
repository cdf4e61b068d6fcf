// Batches of one language. Every bucket of lengths goes round on its own, shuffled anew for each round.
import { Random } from '../tensor/index.ts';
import { BUCKETS, sentencesOf } from './batches.ts';
import { type ChunkPlace, type ChunkSettings, Chunks } from './chunks.ts';
import type { EncoderVocabulary } from './vocabulary.ts';

/** All that the rest of a stream depends on besides its corpus, vocabulary, settings and seed. */
export interface LanguageState {
  readonly place: ChunkPlace;
  /** By bucket: sentences that were taken from the chunk, all rounds together. */
  readonly taken: readonly number[];
}

export interface LanguageOptions {
  readonly seed: number;
  readonly state?: LanguageState | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class LanguageStream {
  readonly chunks: Chunks;
  readonly #settings: ChunkSettings;
  readonly #language: string;
  readonly #seed: number;
  #taken: number[];
  /** By bucket: the order of the newest round. */
  #orders = new Map<number, { readonly round: number; readonly sentences: readonly number[] }>();

  private constructor(chunks: Chunks, language: string, settings: ChunkSettings, { seed, state }: LanguageOptions) {
    this.chunks = chunks;
    this.#language = language;
    this.#settings = settings;
    this.#seed = seed;
    this.#taken = state === undefined ? new Array<number>(BUCKETS).fill(0) : [...state.taken];
  }

  /** Begins at the start of the corpus, or goes on from `state`. */
  static async open(
    text: { readonly language: string; readonly path: string },
    vocabulary: EncoderVocabulary,
    settings: ChunkSettings,
    options: LanguageOptions,
  ): Promise<LanguageStream> {
    const place = options.state?.place;
    const chunks = await Chunks.open(text, vocabulary, settings, { place, signal: options.signal });
    return new LanguageStream(chunks, text.language, settings, options);
  }

  state(): LanguageState {
    return { place: this.chunks.place, taken: [...this.#taken] };
  }

  /** Share of a bucket in the batches of the chunk if every sentence came once, from 0 to 1. */
  shareOf(bucket: number): number {
    const batches = (k: number) => this.chunks.countOf(k) / sentencesOf(k, this.#settings.shape);
    let all = 0;
    for (let k = 0; k < BUCKETS; k++) all += batches(k);
    return batches(bucket) / all;
  }

  /** Whether as many sentences were taken as the chunk has, and the corpus has more than this chunk. */
  get isThrough(): boolean {
    return !this.chunks.whole && this.#taken.reduce((sum, n) => sum + n, 0) >= this.chunks.count;
  }

  async nextChunk(): Promise<void> {
    await this.chunks.next();
    this.#taken = new Array<number>(BUCKETS).fill(0);
    this.#orders.clear();
  }

  /** The next batch of a bucket: a full one, or all sentences of the bucket where there are fewer. */
  take(bucket: number): Int32Array[] {
    const count = this.chunks.countOf(bucket);
    const size = Math.min(count, sentencesOf(bucket, this.#settings.shape));
    return Array.from({ length: size }, () => {
      const taken = this.#taken[bucket]!++;
      return this.chunks.ids(this.#order(bucket, Math.floor(taken / count))[taken % count]!);
    });
  }

  /** Depends on nothing but names and numbers, so that an order need not be saved. */
  #order(bucket: number, round: number): readonly number[] {
    const known = this.#orders.get(bucket);
    if (known?.round === round) return known.sentences;
    const random = new Random(
      this.#seed,
      `chunk ${this.#language} ${this.chunks.place.chunk} bucket ${bucket} round ${round}`,
    );
    const sentences = random.shuffle(this.chunks.sentencesIn(bucket));
    this.#orders.set(bucket, { round, sentences });
    return sentences;
  }
}
