// Adam for what lives outside of the graph, such as embedding tables, of which a step touches few rows: the same rule and
// the same names of moments as in the graph (spec section 6). The moments of a row advance when it is touched.
import type { State, StateTensor } from './engine.ts';
import { firstMoment, secondMoment } from './graph/optimiser.ts';
import { type Shape, sizeOf } from './graph/types.ts';

/** Learning rate and epsilon of a step, corrected for the moments' start at zero (`adamInputs`). */
export interface AdamStep {
  readonly rate: number;
  readonly epsilon: number;
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
    const { data } = this;
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const m = this.#m;
    const v = this.#v;
    for (let i = 0, k = start; i < gradient.length; i++, k++) {
      const g = gradient[i]! * scale;
      const first = beta1 * m[k]! + (1 - beta1) * g;
      const second = beta2 * v[k]! + (1 - beta2) * g * g;
      m[k] = first;
      v[k] = second;
      data[k] = data[k]! - (rate * first) / (Math.sqrt(second) + epsilon);
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
