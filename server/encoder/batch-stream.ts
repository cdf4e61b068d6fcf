// What a step of pre-training reads: a batch of each language, all of one bucket, for ever, and the same for a seed.
import { z } from 'zod';
import { Random } from '../tensor/index.ts';
import { InputError } from '../text/index.ts';
import { type BatchShape, BUCKETS, sentencesOf, timeOf } from './batches.ts';
import { corpusState, sha256OfFile } from './corpus.ts';
import { type LanguageState, LanguageStream } from './language-stream.ts';
import type { EncoderVocabulary } from './vocabulary.ts';

export interface LanguageBatch {
  /** Sentences as ids, without padding; at least one, at most `StepBatch.most`. */
  readonly sentences: readonly Int32Array[];
}

export interface StepBatch {
  readonly bucket: number;
  /** Words of the longest sentence that the bucket can hold. */
  readonly time: number;
  /** Sentences of a full batch of the bucket. */
  readonly most: number;
  /** In the order of the texts. */
  readonly languages: readonly LanguageBatch[];
}

export interface StreamShape extends BatchShape {
  readonly lowerCase: boolean;
  /** Sentences that are shuffled together, at most. Default: 1,000,000. */
  readonly shuffle?: number;
}

export interface CorpusText {
  readonly language: string;
  readonly path: string;
}

const count = z.number().int().nonnegative();

export const batchPositionSchema = z.strictObject({
  /** Steps that were drawn. */
  step: count,
  languages: z.array(
    z.strictObject({
      language: z.string(),
      /** Of the corpus: bytes, and milliseconds since 1970. */
      size: count,
      modified: z.number(),
      place: z.strictObject({ chunk: count, offset: count, line: count.min(1) }),
      taken: z.array(count).length(BUCKETS),
    }),
  ),
});

/** How far a stream is, as plain JSON: going on from it gives the batches that would have come. */
export type BatchPosition = z.infer<typeof batchPositionSchema>;

/** Where to go on, and what the corpora were when it began. */
export interface BatchResumption {
  readonly position: BatchPosition;
  /** Of the file of each text, lower-case hex. */
  readonly sha256: readonly string[];
}

const SHUFFLE = 1_000_000;

/**
 * A bucket is drawn at most this many times as often as a language's own sentences would fill it: else the few long
 * sentences of one corpus would come again and again for the many of another.
 */
const REPEATED = 8;

/** Next chunks that are looked at for a bucket that all languages have, if the present ones have none. */
const LOOK_AHEAD = 64;

/**
 * Batches of several corpora. The languages take turns: one draws a bucket, as often as its own sentences fill it, and
 * all give a batch of this bucket, so that the sentences of a step have about one length and its graph one shape.
 */
export class BatchStream {
  readonly #texts: readonly CorpusText[];
  readonly #streams: readonly LanguageStream[];
  readonly #shape: StreamShape;
  readonly #seed: number;
  #step: number;
  /** After the last whole step, for an interrupted one may have gone on to another chunk. */
  #states: readonly LanguageState[];

  private constructor(
    texts: readonly CorpusText[],
    streams: readonly LanguageStream[],
    shape: StreamShape,
    { seed, step }: { readonly seed: number; readonly step: number },
  ) {
    this.#texts = texts;
    this.#streams = streams;
    this.#shape = shape;
    this.#seed = seed;
    this.#step = step;
    this.#states = streams.map((stream) => stream.state());
  }

  /**
   * Reads the first chunk of each corpus. Texts, vocabularies, shape and seed must be those that `from` was taken with.
   * @param vocabularies in the order of the texts
   * @throws InputError for a corpus that cannot be read, has no sentence to train on, or is not that of `from`
   * @throws the signal's reason, here and from `next`
   */
  static async open(
    texts: readonly CorpusText[],
    vocabularies: readonly EncoderVocabulary[],
    shape: StreamShape,
    seed: number,
    { from, signal }: { readonly from?: BatchResumption | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<BatchStream> {
    if (from !== undefined) await requireSameCorpora(texts, from, signal);
    const position = from?.position;
    const settings = { shape, lowerCase: shape.lowerCase, shuffle: shape.shuffle ?? SHUFFLE };
    const streams: LanguageStream[] = [];
    try {
      for (const [i, text] of texts.entries()) {
        const state = position?.languages[i];
        streams.push(await LanguageStream.open(text, vocabularies[i]!, settings, { seed, state, signal }));
      }
    } catch (error) {
      for (const { chunks } of streams) await chunks.close();
      throw error;
    }
    return new BatchStream(texts, streams, shape, { seed, step: position?.step ?? 0 });
  }

  /**
   * The batch of the next step. Not to be called again before it is there, nor after it threw.
   * @throws InputError where the languages have no bucket in common, or a corpus changes
   */
  async next(): Promise<StepBatch> {
    for (const stream of this.#streams) {
      if (stream.isThrough) await stream.nextChunk();
    }
    const bucket = await this.#draw();
    const languages = this.#streams.map((stream) => ({ sentences: stream.take(bucket) }));
    this.#step++;
    this.#states = this.#streams.map((stream) => stream.state());
    return { bucket, time: timeOf(bucket, this.#shape), most: sentencesOf(bucket, this.#shape), languages };
  }

  /** Of each language: different sentences of the present chunk that can be drawn, counted no further than `most`. */
  distinct(most: number): number[] {
    const shared = new Set(this.#shared());
    return this.#streams.map(({ chunks }) => chunks.distinct(shared, most));
  }

  /** Of each language: sentences of a bucket in the present chunk. */
  countsOf(bucket: number): number[] {
    return this.#streams.map(({ chunks }) => chunks.countOf(bucket));
  }

  /**
   * Of each language: the share of the sentences of the present chunk, from 0 to 1, that can be drawn, because every other
   * language has some of about this length.
   */
  drawable(): number[] {
    const shared = this.#shared();
    return this.#streams.map(({ chunks }) => {
      return shared.reduce((sum, bucket) => sum + chunks.countOf(bucket), 0) / chunks.count;
    });
  }

  /** Buckets that every language has sentences of: those that are drawn. */
  #shared(): number[] {
    return this.#weights().flatMap((weight, bucket) => (weight > 0 ? [bucket] : []));
  }

  /** After the last whole step, also where `next` was interrupted. */
  position(): BatchPosition {
    const languages = this.#states.map(({ place, taken }, i) => ({
      language: this.#texts[i]!.language,
      ...this.#streams[i]!.chunks.state,
      place: { ...place },
      taken: [...taken],
    }));
    return { step: this.#step, languages };
  }

  async close(): Promise<void> {
    for (const { chunks } of this.#streams) await chunks.close();
  }

  async #draw(): Promise<number> {
    for (let i = 0; i < LOOK_AHEAD; i++) {
      const weights = this.#weights();
      const sum = weights.reduce((a, b) => a + b, 0);
      if (sum > 0) return drawn(weights, new Random(this.#seed, `bucket ${this.#step}`).uniform() * sum);
      const larger = this.#streams.filter(({ chunks }) => !chunks.whole);
      if (larger.length === 0) break;
      for (const stream of larger) await stream.nextChunk();
    }
    throw this.#nothingShared();
  }

  /** By bucket: how often the language whose turn it is draws it; 0 where some language has no such sentence. */
  #weights(): number[] {
    const leader = this.#streams[this.#step % this.#streams.length]!;
    return Array.from({ length: BUCKETS }, (_, bucket) => {
      const shares = this.#streams.map((stream) => stream.shareOf(bucket));
      return Math.min(leader.shareOf(bucket), REPEATED * Math.min(...shares));
    });
  }

  #nothingShared(): InputError {
    const [first, ...others] = this.#texts;
    const names = others.map(({ language }) => language).join(', ');
    return new InputError(
      `no sentence of ${first!.language} is about as long as one of ${names}, but a step takes sentences of one length`,
      'cut all corpora into sentences in the same way, one on a line',
      { path: first!.path },
    );
  }
}

/** The place of a number from [0, sum of the weights) among them. */
function drawn(weights: readonly number[], at: number): number {
  let rest = at;
  let last = 0;
  for (const [bucket, weight] of weights.entries()) {
    if (weight > 0) last = bucket;
    if (weight > 0 && rest < weight) return bucket;
    rest -= weight;
  }
  return last; // rounding
}

/** A copy, or a file that was fetched again, has another time: what is in it decides then. */
async function requireSameCorpora(
  texts: readonly CorpusText[],
  { position, sha256 }: BatchResumption,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [i, { language, path }] of texts.entries()) {
    const known = position.languages[i];
    const { size, modified } = await corpusState(path);
    if (known?.language === language && known.size === size) {
      if (known.modified === modified || (await sha256OfFile(path, signal)) === sha256[i]) continue;
    }
    throw new InputError(
      'the corpus has changed since the training was interrupted',
      'restore the file, or end the training with what it has learnt (--finish; in the editor: Finish Now) and train that encoder further',
      { path },
    );
  }
}
