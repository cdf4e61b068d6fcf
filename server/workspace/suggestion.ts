// What a model says about one sentence, packed into 16-bit numbers: a file of a million tokens has many of them.
// Layout: [tokens, then per token: tag, probability of each tag; then per span: start, end, score].
import type { TaggedSentence } from '../tagger/types.ts';

const ONE = 65535;

/** A suggested span of tokens [start, end). */
export interface SuggestedSpan {
  readonly start: number;
  readonly end: number;
  /** Index of the tag of its first token. */
  readonly tag: number;
  /** Probability, 0 to 1. */
  readonly score: number;
}

/** Probabilities become steps of 1/65535. */
function pack(probability: number): number {
  return Math.round(Math.min(1, Math.max(0, probability)) * ONE);
}

/**
 * @param sentence an answer with marginals, at most 65535 tokens
 * @param tags the model's tags, in the order of the columns of the marginals
 */
export function packSuggestion(sentence: TaggedSentence, tags: readonly string[]): Uint16Array {
  const time = sentence.tags.length;
  const width = tags.length + 1;
  const packed = new Uint16Array(1 + time * width + sentence.spans.length * 3);
  packed[0] = time;
  for (let t = 0; t < time; t++) {
    packed[1 + t * width] = tags.indexOf(sentence.tags[t]!);
    for (let tag = 0; tag < tags.length; tag++) {
      packed[2 + t * width + tag] = pack(sentence.marginals[t * tags.length + tag]!);
    }
  }
  let at = 1 + time * width;
  for (const span of sentence.spans) {
    packed.set([span.start, span.end, pack(span.score)], at);
    at += 3;
  }
  return packed;
}

/** Reads a packed answer. */
export class Suggestion {
  readonly #packed: Uint16Array;
  readonly #width: number;

  /** @param tags number of tags of the model */
  constructor(packed: Uint16Array, tags: number) {
    this.#packed = packed;
    this.#width = tags + 1;
  }

  /** Number of tokens. */
  get length(): number {
    return this.#packed[0]!;
  }

  /** Index of the tag of a token on the best path. */
  tag(token: number): number {
    return this.#packed[1 + token * this.#width]!;
  }

  /** Probability of a tag at a token, 0 to 1. */
  probability(token: number, tag: number): number {
    return this.#packed[2 + token * this.#width + tag]! / ONE;
  }

  /** The spans of the best path (NER). */
  *spans(): Generator<SuggestedSpan> {
    for (let at = 1 + this.length * this.#width; at < this.#packed.length; at += 3) {
      const start = this.#packed[at]!;
      yield { start, end: this.#packed[at + 1]!, tag: this.tag(start), score: this.#packed[at + 2]! / ONE };
    }
  }
}
