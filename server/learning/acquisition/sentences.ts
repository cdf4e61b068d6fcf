// What choosing remembers of a sentence that it meets again and again: pools are large, and ranked often.
import { hashText } from '../../tagger/wide/hash.ts';
import { isWorthAsking } from './junk.ts';

export interface KnownSentence {
  /** 53 bits of the words' content: equal sentences are known by it. */
  readonly content: number;
  readonly isWorthAsking: boolean;
}

const known = new WeakMap<readonly string[], KnownSentence>();

export function knownSentence(words: readonly string[]): KnownSentence {
  let sentence = known.get(words);
  if (sentence === undefined) {
    const hash = { low: 0, high: 0 };
    hashText(words.join('\n'), { low: 0x2545f491, high: 0x1b873593 }, hash);
    const content = (hash.high & 0x1fffff) * 0x100000000 + (hash.low >>> 0);
    sentence = { content, isWorthAsking: isWorthAsking(words) };
    known.set(words, sentence);
  }
  return sentence;
}

/** A number that content and seed decide, as good as drawn: the place of a sentence in an order by chance. */
export function chanceOf(content: number, seed: number): number {
  let x = (content ^ Math.imul(seed, 0x9e3779b1)) | 0;
  x ^= Math.floor(content / 0x100000000);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
