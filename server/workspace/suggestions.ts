// The model's answers, by the content of the sentence: they survive edits elsewhere and vanish when their sentence
// changes. Bounded: the least recently used go first.

import type { Sentence } from '../text/types.ts';
import type { ActiveModel } from './models.ts';
import { Suggestion } from './suggestion.ts';

/** Bytes of packed answers that are kept. */
const CAPACITY = 128 * 2 ** 20;

/** What an entry costs beside its numbers, about: typed array, buffer and map entry. */
const OVERHEAD = 240;

const keys = new WeakMap<Sentence, number>();

/** Hash of the words of a sentence: 53 bits, so that two of a million sentences hardly ever meet (cyrb53). */
export function sentenceKey(sentence: Sentence): number {
  const known = keys.get(sentence);
  if (known !== undefined) return known;
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  const add = (code: number) => {
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  };
  for (const { form } of sentence.tokens) {
    for (let i = 0; i < form.length; i++) add(form.charCodeAt(i));
    add(0x10000);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const key = 4294967296 * (2097151 & low) + (high >>> 0);
  keys.set(sentence, key);
  return key;
}

/** The answers of one model. */
export class Suggestions {
  #model: ActiveModel;
  readonly #entries = new Map<number, Uint16Array>();
  /** Sentences whose answers are those of the model before it learnt: they are shown until it has answered anew. */
  readonly #stale = new Set<number>();
  readonly #capacity: number;
  #bytes = 0;

  /** @param capacity bytes of answers to keep */
  constructor(model: ActiveModel, capacity = CAPACITY) {
    this.#model = model;
    this.#capacity = capacity;
  }

  get model(): ActiveModel {
    return this.#model;
  }

  /** The same model has learnt from corrections. */
  renew(model: ActiveModel): void {
    // Packed answers hold indices of tags.
    const isAlike = model.tags.join('\n') === this.#model.tags.join('\n');
    this.#model = model;
    for (const key of [...this.#entries.keys()]) {
      if (isAlike) this.#stale.add(key);
      else this.#remove(key);
    }
  }

  /** Whether the model as it is now has answered. */
  has(sentence: Sentence): boolean {
    const key = sentenceKey(sentence);
    return this.#entries.has(key) && !this.#stale.has(key);
  }

  get(sentence: Sentence): Suggestion | undefined {
    const key = sentenceKey(sentence);
    const packed = this.#entries.get(key);
    if (packed === undefined || packed[0] !== sentence.tokens.length) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, packed);
    return new Suggestion(packed, this.model.tags.length);
  }

  /** The packed answer as it is kept, without counting as a use of it. */
  peek(sentence: Sentence): Uint16Array | undefined {
    const packed = this.#entries.get(sentenceKey(sentence));
    return packed?.[0] === sentence.tokens.length ? packed : undefined;
  }

  put(sentence: Sentence, packed: Uint16Array): void {
    const key = sentenceKey(sentence);
    this.#remove(key);
    this.#entries.set(key, packed);
    this.#bytes += packed.byteLength + OVERHEAD;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#capacity) break;
      this.#remove(oldest);
    }
  }

  #remove(key: number): void {
    const packed = this.#entries.get(key);
    if (packed === undefined) return;
    this.#entries.delete(key);
    this.#stale.delete(key);
    this.#bytes -= packed.byteLength + OVERHEAD;
  }
}
