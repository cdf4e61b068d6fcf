// Adam for what lives outside of the graph, such as embedding tables, of which a step touches few rows: the same rule and
// the same names of moments as in the graph (spec section 6). The moments of a row advance when it is touched.
import { AdamMemory, type AdamPlaces } from './adam-kernel.ts';
import type { State, StateTensor } from './engine.ts';
import { firstMoment, secondMoment } from './graph/optimiser.ts';
import { type Shape, sizeOf } from './graph/types.ts';

/** Learning rate and epsilon of a step, corrected for the moments' start at zero (`adamInputs`). */
export interface AdamStep {
  readonly rate: number;
  readonly epsilon: number;
}

/** Numbers that are copied into the kernel's memory at once: the four arrays stay in the first cache. */
const CHUNK = 512;
const PLACES: AdamPlaces = { weight: 0, first: CHUNK, second: 2 * CHUNK, gradient: 3 * CHUNK };

interface Workbench {
  readonly memory: AdamMemory;
  readonly weight: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly gradient: Float32Array;
}

let shared: Workbench | undefined;

function workbench(): Workbench {
  if (shared) return shared;
  const memory = new AdamMemory(4 * CHUNK);
  const view = (start: number) => memory.view(start, CHUNK);
  const { weight, first, second, gradient } = PLACES;
  shared = { memory, weight: view(weight), first: view(first), second: view(second), gradient: view(gradient) };
  return shared;
}

/** A weight outside of the graph, with its moments. */
export class OutsideWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  readonly #beta1: number;
  readonly #beta2: number;

  /** Takes the tensors out of `state` and changes them in place; moments that are not there start with zeros. */
  constructor(name: string, state: State, { beta1, beta2 }: { readonly beta1: number; readonly beta2: number }) {
    const { shape, data } = state[name]!;
    this.name = name;
    this.shape = shape;
    this.data = data;
    this.#m = state[firstMoment(name)]?.data ?? new Float32Array(sizeOf(shape));
    this.#v = state[secondMoment(name)]?.data ?? new Float32Array(sizeOf(shape));
    this.#beta1 = beta1;
    this.#beta2 = beta2;
  }

  /** Updates elements [start, start + gradient.length); `scale` multiplies the gradient. */
  update(gradient: Float32Array, start: number, scale: number, { rate, epsilon }: AdamStep): void {
    const { memory, ...bench } = workbench();
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const rates = { decay1: beta1, share1: 1 - beta1, decay2: beta2, share2: 1 - beta2, scale, rate, epsilon };
    for (let from = 0; from < gradient.length; from += CHUNK) {
      const length = Math.min(CHUNK, gradient.length - from);
      const part = (array: Float32Array) => array.subarray(start + from, start + from + length);
      const [data, m, v] = [part(this.data), part(this.#m), part(this.#v)];
      bench.weight.set(data);
      bench.first.set(m);
      bench.second.set(v);
      bench.gradient.set(gradient.subarray(from, from + length));
      memory.step(PLACES, length, rates);
      data.set(bench.weight.subarray(0, length));
      m.set(bench.first.subarray(0, length));
      v.set(bench.second.subarray(0, length));
    }
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
