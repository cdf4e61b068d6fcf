// Which words skip-gram draws: few of the frequent ones as centres and contexts, negatives by frequency ^ 0.75.
import { Random } from '../../tensor/index.ts';

/** Exponent of the frequency of negatives (Mikolov et al. 2013). */
const FLATTENING = 0.75;

/** Draws words in proportion to frequency ^ 0.75 in constant time (the alias method of Walker and Vose). */
export class WordSampler {
  readonly #random: Random;
  /** Chance, of 2^32, that a cell gives its own word. */
  readonly #chances: Float64Array;
  readonly #others: Int32Array;

  constructor(counts: readonly number[], seed: number, stream: string) {
    this.#random = new Random(seed, stream);
    const weights = counts.map((count) => count ** FLATTENING);
    const mean = weights.reduce((sum, x) => sum + x, 0) / weights.length;
    const left = weights.map((x) => x / mean);
    this.#chances = new Float64Array(counts.length).fill(2 ** 32);
    this.#others = Int32Array.from(counts, (_, word) => word);
    const small = [...left.keys()].filter((word) => left[word]! < 1);
    const large = [...left.keys()].filter((word) => left[word]! >= 1);
    while (small.length > 0 && large.length > 0) {
      const word = small.pop()!;
      const other = large.at(-1)!;
      this.#chances[word] = left[word]! * 2 ** 32;
      this.#others[word] = other;
      left[other]! -= 1 - left[word]!;
      if (left[other]! < 1) small.push(large.pop()!);
    }
  }

  draw(): number {
    const cell = this.#random.below(this.#others.length);
    return this.#random.next() < this.#chances[cell]! ? cell : this.#others[cell]!;
  }
}

/**
 * Chance of each word to be kept, so that frequent ones do not take all the time: (sqrt(f / t) + 1) * t / f for a word of
 * relative frequency f, as word2vec has it.
 */
export function keepChances(counts: readonly number[], threshold: number): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Float64Array.from(counts, (count) => {
    const ratio = (threshold * total) / count;
    return Math.min(1, Math.sqrt(ratio) + ratio);
  });
}
