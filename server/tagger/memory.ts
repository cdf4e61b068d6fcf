// A tagger that remembers what it said of a sentence: its scores do not change, and sentences come again and again.
import type { Scheme } from '../tags/index.ts';
import type { Task } from '../text/types.ts';
import { Decoder } from './decoder.ts';
import { type EmissionOptions, type Sentences, tagWith } from './groups.ts';
import type { TaggedSentence, Tagger, TagOptions } from './types.ts';

/** Bytes of scores that are kept: those of about two million tokens with nine tags. */
const CAPACITY = 96 * 2 ** 20;

/** What an entry costs beside its key and its numbers, about: typed array, buffer and map entry. */
const OVERHEAD = 300;

export class RememberingTagger implements Tagger {
  readonly task: Task;
  readonly scheme: Scheme;
  readonly tags: readonly string[];
  readonly language: string | undefined;
  readonly languages: readonly string[];
  readonly transitions: Float32Array;
  readonly #base: Tagger;
  readonly #capacity: number;
  readonly #decoder: Decoder;
  /** By language and words, the least recently used first. */
  readonly #known = new Map<string, Float32Array>();
  #bytes = 0;

  /** @param capacity bytes that are kept at most; the least recently used sentences make room */
  constructor(base: Tagger, capacity = CAPACITY) {
    ({ task: this.task, scheme: this.scheme, tags: this.tags } = base);
    ({ language: this.language, languages: this.languages, transitions: this.transitions } = base);
    this.#base = base;
    this.#capacity = capacity;
    this.#decoder = new Decoder(base.tags, base.scheme, base.transitions);
  }

  /** Bytes that are kept now, about. */
  get bytes(): number {
    return this.#bytes;
  }

  tag(sentences: Sentences, options: TagOptions = {}): Promise<TaggedSentence[]> {
    return tagWith(this.#decoder, (group) => this.emissions(group, options), sentences, options);
  }

  async emissions(sentences: Sentences, options: EmissionOptions = {}): Promise<Float32Array[]> {
    const { language = this.language ?? '' } = options;
    const keys = sentences.map((words) => [language, ...words].join('\n'));
    const results = keys.map((key) => this.#recall(key));
    const missing = new Map<string, readonly string[]>();
    for (const [i, key] of keys.entries()) if (results[i] === undefined) missing.set(key, sentences[i]!);
    if (missing.size === 0) return results as Float32Array[];
    const found = await this.#base.emissions([...missing.values()], options);
    const made = new Map([...missing.keys()].map((key, i) => [key, found[i]!]));
    for (const [key, scores] of made) this.#keep(key, scores);
    return results.map((scores, i) => scores ?? made.get(keys[i]!)!);
  }

  async dispose(): Promise<void> {
    this.#known.clear();
    this.#bytes = 0;
    await this.#base.dispose();
  }

  #recall(key: string): Float32Array | undefined {
    const scores = this.#known.get(key);
    if (scores === undefined) return undefined;
    this.#known.delete(key);
    this.#known.set(key, scores);
    return scores;
  }

  #keep(key: string, scores: Float32Array): void {
    if (this.#known.has(key)) return;
    this.#known.set(key, scores);
    this.#bytes += sizeOf(key, scores);
    for (const [oldest, old] of this.#known) {
      if (this.#bytes <= this.#capacity) return;
      this.#known.delete(oldest);
      this.#bytes -= sizeOf(oldest, old);
    }
  }
}

function sizeOf(key: string, scores: Float32Array): number {
  return 2 * key.length + scores.byteLength + OVERHEAD;
}
