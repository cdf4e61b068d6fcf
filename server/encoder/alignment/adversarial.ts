// A discriminator that tells the languages of states apart, and the encoder's reward for confusing it (spec section 5).
import { type Graph, gradients, type Node, type OutputGradient, type Shape } from '../../tensor/index.ts';
import type { Cloud } from './linkage.ts';

const TINY = 1e-6;
const SLOPE = 0.2;
const LEAST_PROBABILITY = 1e-6;

export interface DiscriminatorSizes {
  /** Channels of a word: all layers side by side. */
  readonly input: number;
  /** Width of the layer in between; 0: none. */
  readonly hidden: number;
  readonly languages: number;
}

/** `prefix` begins the weights' names. */
export function discriminatorShapes(sizes: DiscriminatorSizes, prefix = 'discriminator'): Record<string, Shape> {
  const { input, hidden, languages } = sizes;
  const layer = (at: number, from: number, to: number) => ({
    [`${prefix}.${at}.weight`]: [from, to],
    [`${prefix}.${at}.bias`]: [to],
  });
  return hidden === 0 ? layer(0, input, languages) : { ...layer(0, input, hidden), ...layer(1, hidden, languages) };
}

export interface Adversary {
  /** Mean cross-entropy of the discriminator over real words. */
  readonly loss: Node;
  /** What the encoder's loss becomes larger by. */
  readonly added: Node;
  /** Where the backward pass of the encoder begins. */
  readonly outputs: readonly OutputGradient[];
  /** Gradients of the discriminator's weights, of `loss`. */
  readonly weights: Readonly<Record<string, Node>>;
}

/**
 * `reversal`: the discriminator learns to tell the languages apart, and its gradient reaches the encoder multiplied by -alpha.
 * (In the original it never learns.) `entropy`: the encoder is given alpha * (ln(languages) - mean entropy).
 * @param clouds one a language, all layers side by side
 * @param alpha a scalar, see `ramp`
 */
export function adversary(
  g: Graph,
  clouds: readonly Cloud[],
  hidden: number,
  kind: 'reversal' | 'entropy',
  alpha: Node,
  prefix = 'discriminator',
): Adversary {
  const input = clouds[0]!.states.shape[1]!;
  const languages = clouds.length;
  const shapes = discriminatorShapes({ input, hidden, languages }, prefix);
  const weights = Object.keys(shapes).map((name) => g.state(name, shapes[name]!));
  const states = g.concat(
    clouds.map((cloud) => cloud.states),
    0,
  );
  const mask = g.concat(
    clouds.map((cloud) => cloud.mask),
    0,
  );
  let y = g.linear(states, weights[0]!, weights[1]!);
  if (hidden > 0) y = g.linear(g.sub(g.relu(y), g.mul(g.relu(g.neg(y)), SLOPE)), weights[2]!, weights[3]!);
  const labels = g.concat(
    clouds.map((cloud, l) => {
      const one = Float32Array.from({ length: languages }, (_, k) => (k === l ? 1 : 0));
      return g.broadcast(g.constant(one, [1, languages]), [cloud.states.shape[0]!, languages]);
    }),
    0,
  );
  const count = g.add(g.sum(mask), TINY);
  const loss = g.div(g.neg(g.sum(g.mul(g.mul(g.logSoftmax(y), labels), mask))), count);
  const found = gradients(g, [{ node: loss, gradient: 1 }], [...weights, states]);
  const ofWeights = Object.fromEntries(Object.keys(shapes).map((name, i) => [name, found[i]!]));
  if (kind === 'reversal') {
    const reversed = g.mul(found[weights.length]!, g.neg(alpha));
    return { loss, added: loss, outputs: [{ node: states, gradient: reversed }], weights: ofWeights };
  }
  const p = g.softmax(y);
  const entropy = g.neg(g.sum(g.mul(p, g.log(g.maximum(p, LEAST_PROBABILITY))), [1], { keepDims: true }));
  const mean = g.div(g.sum(g.mul(entropy, mask)), count);
  const added = g.mul(g.sub(Math.log(languages), mean), alpha);
  const [gradient] = gradients(g, [{ node: added, gradient: 1 }], [states]);
  return { loss, added, outputs: [{ node: states, gradient: gradient! }], weights: ofWeights };
}

/** The weight of the adversary: 0 until `from`, rising linearly to `peak` at `to`. */
export function ramp(step: number, { peak, from, to }: { peak: number; from: number; to: number }): number {
  return peak * Math.min(1, Math.max(0, (step - from) / (to - from)));
}
