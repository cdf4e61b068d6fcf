// A corpus, for ever, in large parts: as ids of words, in one flat array.
import { InputError } from '../text/index.ts';
import { type BatchShape, BUCKETS, bucketOf, isKept } from './batches.ts';
import { type CorpusBlock, corpusState, ONE_SENTENCE_A_LINE, readCorpus } from './corpus.ts';
import type { EncoderVocabulary } from './vocabulary.ts';
import { eachLine, eachWord } from './words.ts';

export interface ChunkSettings {
  readonly shape: BatchShape;
  readonly lowerCase: boolean;
  /** Sentences of a chunk at most. */
  readonly shuffle: number;
}

/** Where a chunk is read from: all that is needed to read it again. */
export interface ChunkPlace {
  /** Its number, from 0. */
  readonly chunk: number;
  /** Start of its first line in the unpacked corpus, in bytes, and the number of the line, from 1. */
  readonly offset: number;
  readonly line: number;
}

/** Ids of a chunk at most: 128 MB. */
const MOST_IDS = 32 * 1024 * 1024;

const START = { offset: 0, line: 1 };

/** The sentences of one part of a corpus at a time, those of a length that batches take, in the order of the file. */
export class Chunks {
  readonly path: string;
  readonly #vocabulary: EncoderVocabulary;
  readonly #settings: ChunkSettings;
  readonly #language: string;
  readonly #signal: AbortSignal | undefined;
  readonly #state: { readonly size: number; readonly modified: number };

  #blocks: AsyncGenerator<CorpusBlock, string> | undefined;
  /** The block that is being cut into sentences, and how far: UTF-16 units of its text, lines. */
  #block: CorpusBlock | undefined;
  #at = 0;
  #lines = 0;

  #place: ChunkPlace = { chunk: 0, ...START };
  #whole = false;
  #ids = new Int32Array(64 * 1024);
  #used = 0;
  /** Where the sentences end in `#ids`. */
  readonly #ends: number[] = [];
  /** Sentences of the chunk by bucket. */
  readonly #histogram = new Int32Array(BUCKETS);

  private constructor(
    text: { readonly language: string; readonly path: string },
    vocabulary: EncoderVocabulary,
    settings: ChunkSettings,
    state: { readonly size: number; readonly modified: number },
    signal: AbortSignal | undefined,
  ) {
    this.path = text.path;
    this.#language = text.language;
    this.#vocabulary = vocabulary;
    this.#settings = settings;
    this.#state = state;
    this.#signal = signal;
  }

  /** Reads the first chunk, or the one at `place`. */
  static async open(
    text: { readonly language: string; readonly path: string },
    vocabulary: EncoderVocabulary,
    settings: ChunkSettings,
    { place, signal }: { readonly place?: ChunkPlace | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<Chunks> {
    const chunks = new Chunks(text, vocabulary, settings, await corpusState(text.path), signal);
    chunks.#start(place ?? START);
    await chunks.#read(place?.chunk ?? 0);
    return chunks;
  }

  get place(): ChunkPlace {
    return this.#place;
  }

  /** Size and time of the corpus when it was opened. */
  get state(): { readonly size: number; readonly modified: number } {
    return this.#state;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** How many sentences of a bucket the chunk holds. */
  countOf(bucket: number): number {
    return this.#histogram[bucket]!;
  }

  /** True where the chunk is the whole corpus: there is no other. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Numbers of the sentences of a bucket, in the order of the file. */
  sentencesIn(bucket: number): number[] {
    const sentences: number[] = [];
    for (let i = 0, start = 0; i < this.count; start = this.#ends[i++]!) {
      if (bucketOf(this.#ends[i]! - start, this.#settings.shape) === bucket) sentences.push(i);
    }
    return sentences;
  }

  /** How many different sentences the chunk holds in these buckets; counts no further than `most`. */
  distinct(buckets: ReadonlySet<number>, most: number): number {
    const found = new Set<string>();
    for (let i = 0; i < this.count && found.size < most; i++) {
      const ids = this.ids(i);
      if (buckets.has(bucketOf(ids.length, this.#settings.shape))) found.add(ids.join(' '));
    }
    return found.size;
  }

  /** A copy of the ids of a sentence. */
  ids(sentence: number): Int32Array {
    return this.#ids.slice(sentence === 0 ? 0 : this.#ends[sentence - 1], this.#ends[sentence]);
  }

  /**
   * Goes on to the next chunk: the lines that follow, and from the first again after the last. `place` stays where it is
   * until the chunk is there.
   */
  async next(): Promise<void> {
    if (this.#whole) throw new RangeError('the chunk is the whole corpus');
    await this.#read(this.#place.chunk + 1);
  }

  async close(): Promise<void> {
    const blocks = this.#blocks;
    this.#blocks = undefined;
    this.#block = undefined;
    await blocks?.return('');
  }

  #start(from: { readonly offset: number; readonly line: number }): void {
    this.#blocks = readCorpus(this.path, { lowerCase: this.#settings.lowerCase, from, signal: this.#signal });
  }

  /** Fills the chunk up, over the end of the corpus and on from its start, but for a corpus that is smaller: one pass. */
  async #read(chunk: number): Promise<void> {
    this.#used = 0;
    this.#ends.length = 0;
    this.#histogram.fill(0);
    let place = this.#here();
    for (let emptyEnds = 0; !this.#isFull(); ) {
      if (this.#block !== undefined || (await this.#nextBlock())) {
        place ??= this.#here();
        this.#takeLines(this.#block!);
        continue;
      }
      if (this.count === 0) {
        // What was left after the last chunk may hold nothing; the second time it was the whole corpus.
        if (++emptyEnds === 2) throw this.#none();
        place = undefined;
      } else if (place?.line === 1) {
        this.#whole = true;
        break;
      }
      await this.#requireUnchanged();
      this.#start(START);
    }
    this.#place = { chunk, offset: place!.offset, line: place!.line };
  }

  #isFull(): boolean {
    return this.count >= this.#settings.shuffle || this.#used >= MOST_IDS - this.#settings.shape.maxLength;
  }

  /** The line that comes next; undefined where a block must be read to know it. */
  #here(): { readonly offset: number; readonly line: number } | undefined {
    const block = this.#block;
    if (block === undefined) return undefined;
    let offset = 0;
    for (let i = 0; i < this.#lines; i++) offset = block.bytes.indexOf('\n', offset) + 1;
    return { offset: block.offset + offset, line: block.line + this.#lines };
  }

  async #nextBlock(): Promise<boolean> {
    const { done, value } = await this.#blocks!.next();
    if (done) return false;
    this.#block = value;
    this.#at = 0;
    this.#lines = 0;
    return true;
  }

  #takeLines({ text }: CorpusBlock): void {
    eachLine(text, this.#at, (start, end) => {
      this.#takeLine(text, start, end);
      this.#at = end + 1;
      this.#lines++;
      return !this.#isFull();
    });
    if (this.#at >= text.length) this.#block = undefined;
  }

  #takeLine(text: string, start: number, end: number): void {
    const { shape } = this.#settings;
    const first = this.#used;
    eachWord(text, start, end, (word) => {
      // A line that is too long is dropped below.
      if (this.#used - first > shape.maxLength) return;
      if (this.#used === this.#ids.length) this.#grow();
      this.#ids[this.#used++] = this.#vocabulary.id(word);
    });
    const length = this.#used - first;
    if (isKept(length, shape)) {
      this.#ends.push(this.#used);
      this.#histogram[bucketOf(length, shape)]!++;
    } else this.#used = first;
  }

  #grow(): void {
    const ids = new Int32Array(2 * this.#ids.length);
    ids.set(this.#ids);
    this.#ids = ids;
  }

  async #requireUnchanged(): Promise<void> {
    const { size, modified } = await corpusState(this.path);
    if (size === this.#state.size && modified === this.#state.modified) return;
    throw new InputError(
      'the corpus changes while it is read',
      'restore it and run the same command again to go on, or end the training with what it has learnt (--finish; in the editor: Finish Now)',
      { path: this.path },
    );
  }

  #none(): InputError {
    const what = `the corpus of ${this.#language} has no line of 3 to ${this.#settings.shape.maxLength} words`;
    return new InputError(what, ONE_SENTENCE_A_LINE, { path: this.path });
  }
}
