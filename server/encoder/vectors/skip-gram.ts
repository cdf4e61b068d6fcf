// Skip-gram with negative sampling (Mikolov et al. 2013) over words and their n-grams (Bojanowski et al. 2017), in plain
// typed arrays: one thread, and the same vectors from the same seed.
import { Random } from '../../tensor/index.ts';
import { type Subwords, subwordsOf } from './subwords.ts';
import { keepChances, WordSampler } from './word-sampler.ts';

export interface SkipGramOptions {
  readonly dimension: number;
  /** Most words on each side that count as context; each centre draws how many from 1 to this. */
  readonly window: number;
  /** Negatives a context. */
  readonly negatives: number;
  /** Negatives that the contexts of one centre share; each stands for `contexts * negatives / shared`. */
  readonly shared: number;
  /** Words above this relative frequency are thinned out. */
  readonly threshold: number;
  /** Learning rate at the start; it falls to 0. */
  readonly rate: number;
  /** Buckets of n-grams; 0 for words alone. */
  readonly buckets: number;
  readonly seed: number;
}

export class SkipGram {
  readonly #options: SkipGramOptions;
  /** Words, then buckets. */
  readonly #inputs: Float32Array;
  readonly #outputs: Float32Array;
  readonly #subwords: Subwords;
  readonly #words: number;
  readonly #keep: Float64Array;
  readonly #sampler: WordSampler;
  readonly #random: Random;
  readonly #centre: Float32Array;
  readonly #change: Float32Array;
  /** Contexts and negatives of one centre. */
  readonly #rows: Int32Array;
  #kept = new Int32Array(256);

  /** @param counts how often each word occurs */
  constructor(words: readonly string[], counts: readonly number[], options: SkipGramOptions) {
    const { dimension, buckets, seed } = options;
    this.#options = options;
    this.#words = words.length;
    this.#subwords = subwordsOf(words, buckets);
    this.#inputs = new Float32Array((words.length + buckets) * dimension);
    this.#outputs = new Float32Array(words.length * dimension);
    this.#keep = keepChances(counts, options.threshold);
    this.#sampler = new WordSampler(counts, seed, 'skip-gram/negatives');
    this.#random = new Random(seed, 'skip-gram/words');
    this.#centre = new Float32Array(dimension);
    this.#change = new Float32Array(dimension);
    this.#rows = new Int32Array(2 * options.window + options.shared);
    const random = new Random(seed, 'skip-gram/start');
    for (let row = 0; row < this.#inputs.length; row += dimension) {
      for (let i = 0; i < dimension; i++) this.#inputs[row + i] = (random.uniform() - 0.5) / dimension;
    }
  }

  /**
   * Learns from one sentence.
   * @param done part of the whole training that is done, from 0 to 1: the learning rate is `rate * (1 - done)`
   */
  learn(sentence: Int32Array, done: number): void {
    const { window } = this.#options;
    const rate = this.#options.rate * Math.max(1e-4, 1 - done);
    const count = this.#thin(sentence);
    for (let at = 0; at < count; at++) {
      const reach = 1 + this.#random.below(window);
      const from = Math.max(0, at - reach);
      const to = Math.min(count - 1, at + reach);
      if (from < to) this.#learnCentre(at, from, to, rate);
    }
  }

  /** [words, dimension]: the mean of a word's vector and those of its n-grams. */
  vectors(): Float32Array {
    const { dimension } = this.#options;
    const table = new Float32Array(this.#words * dimension);
    for (let word = 0; word < this.#words; word++) {
      this.#compose(word);
      table.set(this.#centre, word * dimension);
    }
    return table;
  }

  /** Leaves frequent words out by chance. @returns how many are in #kept */
  #thin(sentence: Int32Array): number {
    if (sentence.length > this.#kept.length) this.#kept = new Int32Array(2 * sentence.length);
    let count = 0;
    for (const word of sentence) {
      const chance = this.#keep[word]!;
      if (chance >= 1 || this.#random.uniform() < chance) this.#kept[count++] = word;
    }
    return count;
  }

  #learnCentre(at: number, from: number, to: number, rate: number): void {
    const word = this.#kept[at]!;
    const { negatives, shared } = this.#options;
    const rows = this.#rows;
    let contexts = 0;
    for (let i = from; i <= to; i++) if (i !== at) rows[contexts++] = this.#kept[i]!;
    let count = contexts;
    for (let i = 0; i < shared; i++) {
      const negative = this.#sampler.draw();
      // Not a context of this centre: word2vec leaves those out too.
      if (rows.lastIndexOf(negative, contexts - 1) < 0) rows[count++] = negative;
    }
    this.#compose(word);
    this.#change.fill(0);
    const weight = (rate * negatives * contexts) / shared;
    let i = 0;
    for (; i + 4 <= count; i += 4) this.#pullFour(i, contexts, rate, weight);
    for (; i < count; i++) this.#pull(rows[i]!, i < contexts ? 1 : 0, i < contexts ? rate : weight);
    this.#spread(word);
  }

  /** One word as context (label 1) or negative (0): moves its output vector, and gathers the change of the centre. */
  #pull(word: number, label: 0 | 1, rate: number): void {
    const centre = this.#centre;
    const change = this.#change;
    const outputs = this.#outputs;
    const { length } = centre;
    const row = word * length;
    let product = 0;
    for (let i = 0; i < length; i++) product += centre[i]! * outputs[row + i]!;
    const step = rate * (label - sigmoid(product));
    for (let i = 0; i < length; i++) {
      const output = outputs[row + i]!;
      change[i] = change[i]! + step * output;
      outputs[row + i] = output + step * centre[i]!;
    }
  }

  /** The same for four of #rows at once: half the time, because the centre and its change are read once for all. */
  #pullFour(first: number, contexts: number, rate: number, weight: number): void {
    const centre = this.#centre;
    const change = this.#change;
    const outputs = this.#outputs;
    const { length } = centre;
    const a = this.#rows[first]! * length;
    const b = this.#rows[first + 1]! * length;
    const c = this.#rows[first + 2]! * length;
    const d = this.#rows[first + 3]! * length;
    let ax = 0;
    let bx = 0;
    let cx = 0;
    let dx = 0;
    for (let i = 0; i < length; i++) {
      const x = centre[i]!;
      ax += x * outputs[a + i]!;
      bx += x * outputs[b + i]!;
      cx += x * outputs[c + i]!;
      dx += x * outputs[d + i]!;
    }
    const as = first < contexts ? rate * (1 - sigmoid(ax)) : -weight * sigmoid(ax);
    const bs = first + 1 < contexts ? rate * (1 - sigmoid(bx)) : -weight * sigmoid(bx);
    const cs = first + 2 < contexts ? rate * (1 - sigmoid(cx)) : -weight * sigmoid(cx);
    const ds = first + 3 < contexts ? rate * (1 - sigmoid(dx)) : -weight * sigmoid(dx);
    for (let i = 0; i < length; i++) {
      const x = centre[i]!;
      const oa = outputs[a + i]!;
      outputs[a + i] = oa + as * x;
      const ob = outputs[b + i]!;
      outputs[b + i] = ob + bs * x;
      const oc = outputs[c + i]!;
      outputs[c + i] = oc + cs * x;
      const od = outputs[d + i]!;
      outputs[d + i] = od + ds * x;
      change[i] = change[i]! + as * oa + bs * ob + cs * oc + ds * od;
    }
  }

  /** Puts the vector of a word, the mean of its parts, into #centre. */
  #compose(word: number): void {
    const { length } = this.#centre;
    const centre = this.#centre;
    const inputs = this.#inputs;
    const { buckets, starts } = this.#subwords;
    const start = starts[word]!;
    const end = starts[word + 1]!;
    for (let i = 0, from = word * length; i < length; i++) centre[i] = inputs[from + i]!;
    for (let part = start; part < end; part++) {
      const from = (this.#words + buckets[part]!) * length;
      for (let i = 0; i < length; i++) centre[i] = centre[i]! + inputs[from + i]!;
    }
    const scale = 1 / (1 + end - start);
    for (let i = 0; i < length; i++) centre[i] = centre[i]! * scale;
  }

  /** Adds the change to every part of a word: not divided by their number, as fastText has it. */
  #spread(word: number): void {
    const { length } = this.#change;
    const change = this.#change;
    const inputs = this.#inputs;
    const { buckets, starts } = this.#subwords;
    for (let i = 0, to = word * length; i < length; i++) inputs[to + i] = inputs[to + i]! + change[i]!;
    for (let part = starts[word]!; part < starts[word + 1]!; part++) {
      const to = (this.#words + buckets[part]!) * length;
      for (let i = 0; i < length; i++) inputs[to + i] = inputs[to + i]! + change[i]!;
    }
  }
}

const RANGE = 8;
const CELLS = 4096;
const SIGMOID = Float32Array.from(
  { length: CELLS },
  (_, i) => 1 / (1 + Math.exp(RANGE - ((i + 0.5) * 2 * RANGE) / CELLS)),
);

/** From a table: exact to 0.001; 0 and 1 outside of it, where a step would change nothing. */
function sigmoid(x: number): number {
  if (x <= -RANGE) return 0;
  if (x >= RANGE) return 1;
  return SIGMOID[((x + RANGE) * (CELLS / (2 * RANGE))) | 0]!;
}
