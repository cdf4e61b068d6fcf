// Arrays that are used again.

/** The start of an array that grows and is used again: megabytes a run would keep the garbage collector busy. */
export class Buffers {
  readonly #arrays = new Map<string, Float32Array>();

  /** What stands in it is what was left there. */
  get(name: string, size: number): Float32Array {
    let array = this.#arrays.get(name);
    if (!array || array.length < size) {
      array = new Float32Array(size);
      this.#arrays.set(name, array);
    }
    return array.subarray(0, size);
  }
}
