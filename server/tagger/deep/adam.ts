// Adam for what lives outside of the graph: the word embeddings, of which a step touches few rows, and the CRF's
// transitions. Same rule and same names of moments as in the graph (spec section 6).
import { type Shape, type State, type StateTensor, sizeOf } from '../../tensor/index.ts';

export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Learning rate and epsilon of a step, corrected for the moments' start at zero. */
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

  /** Takes the tensors out of `state` and changes them in place; moments that are not there start with zeros. */
  constructor(name: string, state: State) {
    const { shape, data } = state[name]!;
    this.name = name;
    this.shape = shape;
    this.data = data;
    const [m, v] = momentNames(name);
    this.#m = state[m]?.data ?? new Float32Array(sizeOf(shape));
    this.#v = state[v]?.data ?? new Float32Array(sizeOf(shape));
  }

  /** Updates elements [start, start + gradient.length); `scale` multiplies the gradient. */
  update(gradient: Float32Array, start: number, scale: number, { rate, epsilon }: AdamStep): void {
    const { beta1, beta2 } = ADAM;
    const { data } = this;
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
    const [m, v] = momentNames(name);
    return { [name]: { shape, data }, [m]: { shape, data: this.#m }, [v]: { shape, data: this.#v } };
  }
}

function momentNames(name: string): [string, string] {
  return [`${name}.adam.m`, `${name}.adam.v`];
}
