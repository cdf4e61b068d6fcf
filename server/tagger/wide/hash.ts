// 64-bit hashes of features, as two 32-bit halves, and an index from hashes to numbers. With 64 bits, a million features
// collide with a probability of about 3e-8, so a hash is taken for the feature itself.

/** A hash: two signed 32-bit halves. Mutable, so that hot paths allocate nothing. */
export interface Hash {
  low: number;
  high: number;
}

/** Goes on hashing from the state `from` over the UTF-16 units of `text`. */
export function hashText(text: string, from: Hash, out: Hash): void {
  let { low, high } = from;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul((low << 13) | (low >>> 19), 5) + Math.imul(unit + 0x9e3779b9, 0xcc9e2d51);
    high = Math.imul(high ^ unit, 0x01000193) + ((low << 7) | (low >>> 25));
  }
  finish(low ^ text.length, high, out);
}

/** A hash of two hashes, in this order. */
export function hashPair(a: Hash, b: Hash, out: Hash): void {
  const low = Math.imul(a.low, 0x85ebca6b) ^ Math.imul((b.low << 16) | (b.low >>> 16), 0xc2b2ae35) ^ b.high;
  const high = Math.imul(a.high, 0x27d4eb2f) + Math.imul(b.high, 0x165667b1) + a.low;
  finish(low, high, out);
}

/** Every bit of the input comes to matter for every bit of the output (the finaliser of MurmurHash3, both halves mixed). */
function finish(low: number, high: number, out: Hash): void {
  let a = low ^ Math.imul(high, 0x9e3779b1);
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  a ^= a >>> 16;
  let b = high ^ Math.imul(a, 0x85ebca77);
  b = Math.imul(b ^ (b >>> 15), 0x2c1b3c6d);
  b = Math.imul(b ^ (b >>> 12), 0x297a2d39);
  b ^= b >>> 15;
  out.low = a | 0;
  out.high = b | 0;
}

/** Numbers hashes in the order in which they come: open addressing on typed arrays. */
export class HashIndex {
  #keys: Int32Array; // [capacity, 2]
  #ids: Int32Array; // [slots]: id + 1; 0 = empty
  #size = 0;

  constructor(expected = 1024) {
    let slots = 16;
    while (slots < expected * 2) slots *= 2;
    this.#ids = new Int32Array(slots);
    this.#keys = new Int32Array(slots);
  }

  get size(): number {
    return this.#size;
  }

  /** The keys in order of their numbers: [size, 2], low and high half. */
  get keys(): Int32Array {
    return this.#keys.subarray(0, 2 * this.#size);
  }

  /** The number of a hash; -1 where it is unknown. */
  find(low: number, high: number): number {
    return (this.#ids[this.#slot(low, high)] as number) - 1;
  }

  /** The number of a hash, a new one where it is unknown. */
  add(low: number, high: number): number {
    const slot = this.#slot(low, high);
    const id = (this.#ids[slot] as number) - 1;
    if (id >= 0) return id;
    this.#keys[2 * this.#size] = low;
    this.#keys[2 * this.#size + 1] = high;
    this.#ids[slot] = ++this.#size;
    if (this.#size * 2 === this.#ids.length) this.#grow();
    return this.#size - 1;
  }

  #slot(low: number, high: number): number {
    const mask = this.#ids.length - 1;
    let slot = (low ^ (high >>> 7)) & mask;
    for (;;) {
      const id = (this.#ids[slot] as number) - 1;
      if (id < 0 || (this.#keys[2 * id] === low && this.#keys[2 * id + 1] === high)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const keys = this.#keys;
    this.#keys = new Int32Array(keys.length * 2);
    this.#keys.set(keys);
    this.#ids = new Int32Array(this.#ids.length * 2);
    for (let id = 0; id < this.#size; id++) {
      this.#ids[this.#slot(keys[2 * id] as number, keys[2 * id + 1] as number)] = id + 1;
    }
  }
}
