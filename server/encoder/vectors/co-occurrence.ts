// How often words stand near each other: counts of pairs in a hash table of typed arrays.

/** Part of the table that may be in use. */
const LOAD = 0.72;
const FIRST_CAPACITY = 1 << 20;
/** Pairs at most: a table of 400 MB is full then, and is not doubled. While rare pairs are dropped there are two. */
const MOST_PAIRS = Math.floor(LOAD * 2 ** 25);

export interface SymmetricCounts {
  /** [words + 1]: the neighbours of word w are columns[starts[w]] to columns[starts[w + 1] - 1]. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Counts of unordered pairs of words. */
export class CoOccurrence {
  readonly #window: number;
  readonly #most: number;
  /** Two numbers a slot, the smaller word first; -1 where a slot is free. */
  #pairs = new Int32Array(2 * FIRST_CAPACITY).fill(-1);
  /** In units of 1 / window: sums of fractions stop growing where single precision ends, at 16 million. */
  #counts = new Uint32Array(FIRST_CAPACITY);
  #used = 0;
  /** What was dropped counted at most this at a time. */
  #floor = 0;

  /**
   * @param window words on each side that count: those next to a word 1, the farthest ones 1 / window
   * @param most pairs to hold; whenever there are more, the rarest are dropped until half of them are left
   */
  constructor(window: number, most = MOST_PAIRS) {
    this.#window = window;
    this.#most = most;
  }

  /** Counts the pairs of one sentence. */
  add(sentence: Int32Array): void {
    for (let at = 0; at < sentence.length; at++) {
      const word = sentence[at]!;
      const end = Math.min(sentence.length, at + this.#window + 1);
      for (let other = at + 1; other < end; other++) {
        const weight = this.#window + 1 - (other - at);
        const neighbour = sentence[other]!;
        this.#count(Math.min(word, neighbour), Math.max(word, neighbour), weight);
      }
    }
  }

  /** The counts of `words` words as a symmetric sparse matrix; a word beside itself counts twice. */
  matrix(words: number): SymmetricCounts {
    const starts = new Int32Array(words + 1);
    this.#each((a, b) => {
      starts[a + 1]!++;
      if (a !== b) starts[b + 1]!++;
    });
    for (let word = 0; word < words; word++) starts[word + 1]! += starts[word]!;
    const columns = new Int32Array(starts[words]!);
    const values = new Float32Array(columns.length);
    const next = starts.slice();
    const put = (row: number, column: number, value: number) => {
      const at = next[row]!++;
      columns[at] = column;
      values[at] = value;
    };
    this.#each((a, b, units) => {
      const count = units / this.#window;
      put(a, b, a === b ? 2 * count : count);
      if (a !== b) put(b, a, count);
    });
    return { starts, columns, values };
  }

  #count(a: number, b: number, weight: number): void {
    const slot = this.#slotOf(a, b);
    if (this.#pairs[2 * slot]! < 0) {
      this.#pairs[2 * slot] = a;
      this.#pairs[2 * slot + 1] = b;
      this.#counts[slot] = weight;
      this.#used++;
      if (this.#used > this.#most) this.#prune();
      else if (this.#used > LOAD * this.#counts.length) this.#rebuild(2 * this.#counts.length, 0);
    } else this.#counts[slot] = this.#counts[slot]! + weight;
  }

  /** The slot of a pair, or the free one where it belongs. */
  #slotOf(a: number, b: number): number {
    const pairs = this.#pairs;
    const mask = this.#counts.length - 1;
    let slot = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & mask;
    while (pairs[2 * slot]! >= 0 && (pairs[2 * slot] !== a || pairs[2 * slot + 1] !== b)) slot = (slot + 1) & mask;
    return slot;
  }

  #prune(): void {
    while (this.#used > this.#most / 2) {
      this.#floor++;
      this.#rebuild(this.#counts.length, this.#floor * this.#window);
    }
  }

  /** Moves the pairs of more than `floor` units into a table of this capacity. */
  #rebuild(capacity: number, floor: number): void {
    const [pairs, counts] = [this.#pairs, this.#counts];
    this.#pairs = new Int32Array(2 * capacity).fill(-1);
    this.#counts = new Uint32Array(capacity);
    this.#used = 0;
    for (let slot = 0; slot < counts.length; slot++) {
      const a = pairs[2 * slot]!;
      if (a < 0 || counts[slot]! <= floor) continue;
      const b = pairs[2 * slot + 1]!;
      const to = this.#slotOf(a, b);
      this.#pairs[2 * to] = a;
      this.#pairs[2 * to + 1] = b;
      this.#counts[to] = counts[slot]!;
      this.#used++;
    }
  }

  #each(visit: (a: number, b: number, units: number) => void): void {
    for (let slot = 0; slot < this.#counts.length; slot++) {
      const a = this.#pairs[2 * slot]!;
      if (a >= 0) visit(a, this.#pairs[2 * slot + 1]!, this.#counts[slot]!);
    }
  }
}
