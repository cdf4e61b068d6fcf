// Features of a corpus, computed once and kept on disk: later epochs, runs and trainings do not pay for the encoder again.
// The corpus is divided into shards where its own content says so, so that a sentence more or less changes one of them.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CacheFolder, cacheHome } from './cache-folder.ts';
import { type FeatureSource, featuresOf, featureWidth } from './features.ts';
import { fromHalf, toHalf } from './half.ts';

/** Counts the changes of what stands in a shard. */
const VERSION = 3;
/** A shard ends after one sentence in so many, and where it holds so many. */
const USUAL = 128;
const MOST = 512;
const GIBIBYTE = 2 ** 30;
const DEFAULT_LIMIT = 4;

/** A sentence to compute features of. */
export interface CorpusSentence {
  readonly words: readonly string[];
  readonly language: string;
}

export interface CacheOptions {
  /** Default: `features` where caches are kept (`cacheHome`). */
  readonly folder?: string;
  /** Bytes of all features together, at most; 0: nothing is kept. Default: CROSSTAG_CACHE_LIMIT (GiB), or 4 GiB. */
  readonly limit?: number;
  /** Told once, where features cannot be kept: in words for people. */
  readonly warn?: (message: string) => void;
}

/** Features of a corpus, rounded to 16 bits, from the disk or not. */
export interface CorpusFeatures {
  /** Of the sentences with these numbers: [time, featureWidth] each. */
  read(sentences: readonly number[]): Promise<Float32Array[]>;
}

/** Sentences [start, end) of one language. */
interface Shard {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /** Whether it lies on the disk. */
  kept: boolean;
}

export class FeatureCache {
  readonly #folder: CacheFolder;
  readonly #limit: number;
  readonly #warn: (message: string) => void;
  #writing: boolean;
  #told = false;

  constructor({
    folder = join(cacheHome(), 'features'),
    limit = defaultLimit(),
    warn = () => undefined,
  }: CacheOptions = {}) {
    this.#folder = new CacheFolder(folder, limit);
    this.#limit = limit;
    this.#warn = warn;
    this.#writing = limit > 0;
  }

  /**
   * Computes what is not there yet. Where the disk is full or may not be written to, features are computed whenever they
   * are read.
   * @param progress called with the numbers of sentences that are done and of all
   * @throws InputError for a language that the encoder does not know; what `pause` throws
   */
  async open(
    source: FeatureSource,
    sentences: readonly CorpusSentence[],
    pause: () => Promise<void>,
    progress?: (done: number, all: number) => void,
  ): Promise<CorpusFeatures> {
    const width = featureWidth(source);
    const starts = new Float64Array(sentences.length);
    const shards = divide(source, sentences);
    for (const shard of shards) {
      let rows = 0;
      for (let i = shard.start; i < shard.end; i++) {
        starts[i] = rows;
        rows += sentences[i]!.words.length;
      }
      await pause();
      shard.kept = this.#limit > 0 && (await this.#folder.has(shard.key, rows * width * 2));
      if (!shard.kept && this.#writing) shard.kept = await this.#compute(source, sentences, shard, pause);
      progress?.(shard.end, sentences.length);
    }
    const lost = () => this.#tell("some of the encoder's features of this text were removed from their cache");
    return new Features(this.#folder, source, sentences, shards, starts, { pause, lost });
  }

  async #compute(
    source: FeatureSource,
    sentences: readonly CorpusSentence[],
    { key, start, end }: Shard,
    pause: () => Promise<void>,
  ): Promise<boolean> {
    const own = sentences.slice(start, end);
    const features = await featuresOf(
      source,
      own.map(({ words }) => words),
      own[0]!.language,
      pause,
    );
    const halves = features.map(toHalf).map(({ buffer }) => new Uint8Array(buffer));
    try {
      if (await this.#folder.write(key, Buffer.concat(halves))) return true;
      const limit = (this.#limit / GIBIBYTE).toFixed(1);
      this.#tell(`the encoder's features of this text take more than the limit of their cache, ${limit} GiB`);
    } catch (error) {
      this.#tell(`the encoder's features cannot be kept on disk (${(error as Error).message})`);
    }
    this.#writing = false;
    return false;
  }

  /** Says once why a training is slow. */
  #tell(message: string): void {
    if (!this.#told) this.#warn(`${message}; training goes on and computes them again and again`);
    this.#told = true;
  }
}

class Features implements CorpusFeatures {
  readonly #folder: CacheFolder;
  readonly #source: FeatureSource;
  readonly #sentences: readonly CorpusSentence[];
  readonly #pause: () => Promise<void>;
  /** Called where a shard is gone: another process has made room for its own. */
  readonly #lost: () => void;
  readonly #shards: readonly Shard[];
  /** First row of each sentence in its shard. */
  readonly #starts: Float64Array;
  readonly #shardOf: Int32Array;

  constructor(
    folder: CacheFolder,
    source: FeatureSource,
    sentences: readonly CorpusSentence[],
    shards: readonly Shard[],
    starts: Float64Array,
    { pause, lost }: { readonly pause: () => Promise<void>; readonly lost: () => void },
  ) {
    this.#folder = folder;
    this.#source = source;
    this.#sentences = sentences;
    this.#pause = pause;
    this.#lost = lost;
    this.#shards = shards;
    this.#starts = starts;
    this.#shardOf = new Int32Array(sentences.length);
    for (const [i, { start, end }] of shards.entries()) this.#shardOf.fill(i, start, end);
  }

  async read(sentences: readonly number[]): Promise<Float32Array[]> {
    // Once each: the windows of a long sentence ask for it many times
    const found = new Map([...new Set(sentences)].map((sentence) => [sentence, this.#fromDisk(sentence)]));
    const computed = await this.#compute([...found.keys()].filter((sentence) => found.get(sentence) === undefined));
    return sentences.map((sentence) => found.get(sentence) ?? computed.get(sentence)!);
  }

  #fromDisk(sentence: number): Float32Array | undefined {
    const shard = this.#shards[this.#shardOf[sentence]!]!;
    if (!shard.kept) return undefined;
    const row = featureWidth(this.#source) * 2;
    const size = this.#sentences[sentence]!.words.length * row;
    const bytes = this.#folder.read(shard.key, this.#starts[sentence]! * row, size);
    if (bytes === undefined) {
      shard.kept = false;
      this.#lost();
    }
    return bytes && fromHalf(new Uint16Array(bytes.buffer));
  }

  async #compute(numbers: readonly number[]): Promise<ReadonlyMap<number, Float32Array>> {
    const computed = new Map<number, Float32Array>();
    for (const language of new Set(numbers.map((i) => this.#sentences[i]!.language))) {
      const own = numbers.filter((i) => this.#sentences[i]!.language === language);
      const words = own.map((i) => this.#sentences[i]!.words);
      const features = await featuresOf(this.#source, words, language, this.#pause);
      for (const [k, i] of own.entries()) computed.set(i, fromHalf(toHalf(features[k]!)));
    }
    return computed;
  }
}

/** What a wrong setting says counts as not said. */
function defaultLimit({ CROSSTAG_CACHE_LIMIT }: NodeJS.ProcessEnv = process.env): number {
  const named = CROSSTAG_CACHE_LIMIT ? Number(CROSSTAG_CACHE_LIMIT) : DEFAULT_LIMIT;
  return (named >= 0 ? named : DEFAULT_LIMIT) * GIBIBYTE;
}

function divide({ encoder, layer }: FeatureSource, sentences: readonly CorpusSentence[]): Shard[] {
  const shards: Shard[] = [];
  const begin = (language: string) =>
    createHash('sha256').update(JSON.stringify([VERSION, encoder.fingerprint, layer ?? 'all', language]));
  let start = 0;
  let hash = sentences[0] && begin(sentences[0].language);
  sentences.forEach(({ words, language }, i) => {
    const digest = createHash('sha256').update(JSON.stringify(words)).digest();
    hash!.update(digest);
    const next = sentences[i + 1];
    const ends = digest.readUInt32LE() % USUAL === 0 || i + 1 - start === MOST || next?.language !== language;
    if (!ends) return;
    shards.push({ key: hash!.digest('hex'), start, end: i + 1, kept: false });
    start = i + 1;
    hash = next && begin(next.language);
  });
  return shards;
}
