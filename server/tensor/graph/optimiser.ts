// Adam and clipping by global norm, as part of the graph; what changes with the step comes in as two numbers.
import type { Graph } from './graph.ts';
import type { Node } from './types.ts';

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  /** Clips all gradients together to this L2 norm (g * clip / max(norm, clip)); undefined: no clipping. */
  readonly clipNorm?: number;
}

/** Names of the two scalar inputs that `adam` adds to the stage it stands in. */
const ADAM_RATE = 'adam.rate';
const ADAM_EPSILON = 'adam.epsilon';

/** Names of the moments of a weight among the model's states. */
export const firstMoment = (weight: string) => `${weight}.adam.m`;
export const secondMoment = (weight: string) => `${weight}.adam.v`;

/**
 * The updates of one optimiser: w -= rate * m / (sqrt(v) + epsilon), m and v being moving averages of the gradient and its
 * square (spec section 6). The moments are states named after their weight.
 * @param weights gradients by the name of the weight's state
 * @returns new values of weights and moments, for `Stage.updates`
 */
export function adam(
  g: Graph,
  weights: Readonly<Record<string, Node>>,
  { beta1, beta2, clipNorm }: AdamOptions,
): Record<string, Node> {
  const rate = g.input(ADAM_RATE, []);
  const epsilon = g.input(ADAM_EPSILON, []);
  const updates: Record<string, Node> = {};
  for (const [name, gradient] of Object.entries(clip(g, weights, clipNorm))) {
    const weight = g.state(name, gradient.shape);
    const m0 = g.state(firstMoment(name), gradient.shape);
    const v0 = g.state(secondMoment(name), gradient.shape);
    const m = g.add(g.mul(m0, beta1), g.mul(gradient, 1 - beta1));
    const v = g.add(g.mul(v0, beta2), g.mul(g.mul(gradient, gradient), 1 - beta2));
    updates[name] = g.sub(weight, g.div(g.mul(m, rate), g.add(g.sqrt(v), epsilon)));
    updates[firstMoment(name)] = m;
    updates[secondMoment(name)] = v;
  }
  return updates;
}

/** L2 norm of all gradients together. */
export function globalNorm(g: Graph, gradients: readonly Node[]): Node {
  return g.sqrt(gradients.map((dw) => g.sum(g.mul(dw, dw))).reduce((sum, square) => g.add(sum, square)));
}

function clip(g: Graph, gradients: Readonly<Record<string, Node>>, norm: number | undefined) {
  if (norm === undefined) return gradients;
  const factor = g.div(norm, g.maximum(globalNorm(g, Object.values(gradients)), norm));
  return Object.fromEntries(Object.entries(gradients).map(([name, dw]) => [name, g.mul(dw, factor)]));
}

/**
 * The inputs of `adam` for step t = 1, 2, ...: rate = learningRate * sqrt(1 - beta2^t) / (1 - beta1^t).
 * `correctEpsilon` false adds epsilon to the uncorrected sqrt(v), as TensorFlow and the spec do; true to the corrected
 * one, as PyTorch does.
 */
export function adamInputs(
  step: number,
  options: { learningRate: number; beta1: number; beta2: number; epsilon: number; correctEpsilon?: boolean },
): Record<string, Float32Array> {
  const correction = Math.sqrt(1 - options.beta2 ** step);
  return {
    [ADAM_RATE]: Float32Array.of((options.learningRate * correction) / (1 - options.beta1 ** step)),
    [ADAM_EPSILON]: Float32Array.of(options.epsilon * (options.correctEpsilon ? correction : 1)),
  };
}
