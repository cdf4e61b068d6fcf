// Arrays that are used again.

/** The start of an array that grows and is used again: megabytes a run would keep the garbage collector busy. */
export class Buffers {
  readonly #arrays = new Map<string, Float32Array>();
  readonly #shared: boolean;

  /** @param shared for arrays that another thread sees as they are, without a copy; onnxruntime takes none of these */
  constructor({ shared = false } = {}) {
    this.#shared = shared;
  }

  /** What stands in it is what was left there. */
  get(name: string, size: number): Float32Array {
    let array = this.#arrays.get(name);
    if (!array || array.length < size) {
      array = this.#shared ? new Float32Array(new SharedArrayBuffer(4 * size)) : new Float32Array(size);
      this.#arrays.set(name, array);
    }
    return array.subarray(0, size);
  }

  /** A copy of the values under this name. */
  copy(name: string, values: Float32Array): Float32Array {
    const array = this.get(name, values.length);
    array.set(values);
    return array;
  }
}
