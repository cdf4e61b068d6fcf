// Arrays that are lent and come back: values of which few exist at a time then need the memory of these few.

/** Sizes of large arrays are rounded up to so many numbers (256 KB), so that batches of about one size share them. */
const STEP = 64 * 1024;

export class Pool {
  /** Arrays that nobody has, the smallest first. */
  readonly #free: Float32Array[] = [];

  /** What stands in it is what was left there. */
  take(size: number): Float32Array {
    const at = this.#free.findIndex((array) => array.length >= size);
    // A much larger one stays for what is larger: else every bias would sit in the place of a matrix.
    if (at >= 0 && this.#free[at]!.length <= 2 * size) return this.#free.splice(at, 1)[0]!.subarray(0, size);
    // The next smaller one is not kept beside its better: the sizes of batches differ, and their arrays would add up.
    const smaller = (at < 0 ? this.#free.length : at) - 1;
    if (size >= STEP && smaller >= 0 && 2 * this.#free[smaller]!.length >= size) this.#free.splice(smaller, 1);
    const length = size < STEP ? size : Math.ceil(size / STEP) * STEP;
    return new Float32Array(length).subarray(0, size);
  }

  /** Takes an array back, which must have its memory for itself. */
  give(array: Float32Array): void {
    const whole = new Float32Array(array.buffer);
    const at = this.#free.findIndex(({ length }) => length >= whole.length);
    this.#free.splice(at < 0 ? this.#free.length : at, 0, whole);
  }

  /** Bytes of the arrays that nobody has. */
  get bytes(): number {
    return this.#free.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}
