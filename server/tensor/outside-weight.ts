// Adam for what lives outside of the graph, such as embedding tables, of which a step touches few rows: the same rule and
// the same names of moments as in the graph (spec section 6). The moments of a row advance when it is touched.
import { AdamMemory, type AdamPlaces, type AdamRates, LANES } from './adam-kernel.ts';
import type { StateTensor } from './engine.ts';
import { firstMoment, secondMoment } from './graph/optimiser.ts';
import { type Shape, sizeOf } from './graph/types.ts';

/** Learning rate and epsilon of a step, corrected for the moments' start at zero (`adamInputs`). */
export interface AdamStep {
  readonly rate: number;
  readonly epsilon: number;
}

/** Numbers that go into the kernel's memory at once: they stay in the first cache. */
const CHUNK = 512;
/** Four arrays of a chunk, at the end of the memory. */
const BENCH = 4 * CHUNK;

/** A weight outside of the graph, with its moments: where there is the address space, the kernel of Adam changes them in place. */
export class OutsideWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #memory: AdamMemory;
  /** Elements of each array in the memory; 0: they have memory of their own, and pass through the bench. */
  readonly #stride: number;
  readonly #bench: AdamPlaces;
  readonly #gradient: Float32Array;

  /**
   * Takes its tensors out of `state`, which lacks them afterwards: they are large, and need not be there twice. Moments that
   * are not there start with zeros.
   */
  constructor(
    name: string,
    state: Record<string, StateTensor>,
    betas: { readonly beta1: number; readonly beta2: number },
  ) {
    const { shape } = state[name]!;
    const size = sizeOf(shape);
    this.name = name;
    this.shape = shape;
    this.#beta1 = betas.beta1;
    this.#beta2 = betas.beta2;
    const padded = Math.ceil(size / LANES) * LANES;
    const large = memoryOf(3 * padded + BENCH);
    this.#memory = large ?? new AdamMemory(BENCH);
    this.#stride = large ? padded : 0;
    const take = (tensor: string, at: number): Float32Array => {
      const given = state[tensor]?.data;
      delete state[tensor];
      if (!large) return given ?? new Float32Array(size);
      const view = large.view(at, size);
      if (given) view.set(given);
      return view;
    };
    this.data = take(name, 0);
    this.#m = take(firstMoment(name), padded);
    this.#v = take(secondMoment(name), 2 * padded);
    const bench = 3 * this.#stride;
    this.#bench = { weight: bench, first: bench + CHUNK, second: bench + 2 * CHUNK, gradient: bench + 3 * CHUNK };
    this.#gradient = this.#memory.view(this.#bench.gradient, CHUNK);
  }

  /** Updates elements [start, start + gradient.length); `scale` multiplies the gradient. */
  update(gradient: Float32Array, start: number, scale: number, { rate, epsilon }: AdamStep): void {
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const rates = { decay1: beta1, share1: 1 - beta1, decay2: beta2, share2: 1 - beta2, scale, rate, epsilon };
    for (let from = 0; from < gradient.length; from += CHUNK) {
      const length = Math.min(CHUNK, gradient.length - from);
      this.#gradient.set(gradient.subarray(from, from + length));
      this.#step(start + from, length, rates);
    }
  }

  /** A step of elements [start, start + length), whose gradient stands on the bench. */
  #step(start: number, length: number, rates: AdamRates): void {
    const stride = this.#stride;
    const { gradient } = this.#bench;
    // The kernel changes whole lanes: what follows the last element must not be another one
    const isApart = start % LANES === 0 && (length % LANES === 0 || start + length === this.data.length);
    if (stride > 0 && isApart) {
      const places = { weight: start, first: stride + start, second: 2 * stride + start, gradient };
      this.#memory.step(places, length, rates);
      return;
    }
    const arrays = [this.data, this.#m, this.#v].map((array) => array.subarray(start, start + length));
    const { weight, first, second } = this.#bench;
    const bench = [weight, first, second].map((place) => this.#memory.view(place, length));
    arrays.forEach((array, i) => {
      bench[i]!.set(array);
    });
    this.#memory.step(this.#bench, length, rates);
    arrays.forEach((array, i) => {
      array.set(bench[i]!);
    });
  }

  /** The weight and its moments, by name. */
  state(): Record<string, StateTensor> {
    const { name, shape, data } = this;
    return {
      [name]: { shape, data },
      [firstMoment(name)]: { shape, data: this.#m },
      [secondMoment(name)]: { shape, data: this.#v },
    };
  }
}

/** Undefined where the system has not the address space. */
function memoryOf(floats: number): AdamMemory | undefined {
  try {
    return new AdamMemory(floats);
  } catch {
    return undefined;
  }
}
