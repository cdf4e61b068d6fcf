// Seeded random numbers. A stream is named, so that what is drawn in one place (the dropout of step 40) does not depend on
// how much was drawn elsewhere: nothing has to be saved to go on after an interruption.
import { createHash } from 'node:crypto';

/** xoshiro128** (Blackman and Vigna 2021), started from SHA-256 of seed and stream. Not for secrets. */
export class Random {
  readonly #state: Uint32Array;

  constructor(seed: number, stream: string) {
    const digest = createHash('sha256').update(`${seed}/${stream}`).digest();
    this.#state = Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(4 * i));
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    const s = this.#state;
    const [s0, s1, s2, s3] = s as unknown as [number, number, number, number];
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const a = s2 ^ s0;
    const b = s3 ^ s1;
    s[1] = s1 ^ a;
    s[0] = s0 ^ b;
    s[2] = a ^ (s1 << 9);
    s[3] = rotate(b, 11);
    return result;
  }

  /** A number from [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.next() / 0x100000000;
  }

  /** An integer from [0, n), all equally likely. */
  below(n: number): number {
    const most = 0x100000000 - (0x100000000 % n); // what lies above would favour small numbers
    let x = this.next();
    while (x >= most) x = this.next();
    return x % n;
  }

  /** Puts the items into a random order, in place (Fisher and Yates). @returns the same array */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}

function rotate(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
