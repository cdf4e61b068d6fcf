// One of the two Transformer stacks, as a graph: embedded words in, the states of every layer out (spec section 3).
import type { Graph, Node, Shape } from '../tensor/index.ts';

export const DIRECTIONS = ['forward', 'backward'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What the shapes of a stack depend on. */
export interface StackSizes {
  readonly layers: number;
  readonly hidden: number;
  readonly filter: number;
  readonly heads: number;
}

const EPSILON = 1e-6;
/** Added to the score of what may not be attended to. */
const CLOSED = -1e9;

/** All weights of a stack by name, matrices [in, out]. */
export function stackShapes({ layers, hidden, filter }: StackSizes, direction: Direction): Record<string, Shape> {
  const shapes: Record<string, Shape> = {};
  const norm = (name: string) => {
    shapes[`${name}.weight`] = [hidden];
    shapes[`${name}.bias`] = [hidden];
  };
  const linear = (name: string, input: number, output: number) => {
    shapes[`${name}.weight`] = [input, output];
    shapes[`${name}.bias`] = [output];
  };
  for (let layer = 0; layer < layers; layer++) {
    const at = `encoder.${direction}.layers.${layer}`;
    norm(`${at}.norm1`);
    linear(`${at}.attn.qkv`, hidden, 3 * hidden);
    linear(`${at}.attn.out`, hidden, hidden);
    norm(`${at}.norm2`);
    linear(`${at}.ffn.up`, hidden, filter);
    linear(`${at}.ffn.down`, filter, hidden);
  }
  norm(`encoder.${direction}.norm`);
  return shapes;
}

/** Multiplies by a dropout mask where there is one; `site` names it, unique in the stack. */
export type Drop = (x: Node, site: string) => Node;
const keep: Drop = (x) => x;

/**
 * Sines, then cosines, of positions at hidden / 2 timescales from 1 to 10,000; an odd last channel is 0.
 * @returns [time, hidden], row by row
 */
export function timingSignal(time: number, hidden: number): Float32Array {
  const scales = Math.floor(hidden / 2);
  const signal = new Float32Array(time * hidden);
  for (let k = 0; k < scales; k++) {
    const inverse = Math.exp((-k * Math.log(10_000)) / Math.max(1, scales - 1));
    for (let t = 0; t < time; t++) {
      signal[t * hidden + k] = Math.sin(t * inverse);
      signal[t * hidden + scales + k] = Math.cos(t * inverse);
    }
  }
  return signal;
}

/**
 * The input of both stacks: rows [batch, time, hidden] of the embedding table, scaled and with the timing signal, zero at
 * padding.
 * @param mask [batch, time, 1], 1 at real words
 * @param positions int32 [batch, time]: where in its sentence a word stands; by default a row is a sentence
 */
export function embed(g: Graph, rows: Node, mask: Node, drop: Drop = keep, positions?: Node): Node {
  const [, time, hidden] = rows.shape as [number, number, number];
  const signal = g.constant(timingSignal(time, hidden), [time, hidden]);
  const timing = positions ? g.gather(signal, positions) : signal;
  return drop(g.mul(g.add(g.mul(rows, Math.sqrt(hidden)), timing), mask), 'embedding');
}

/**
 * What may not be attended to, to be added to scores [batch, heads, time, time]: what comes later (forward) or earlier
 * (backward), and padding, which the original's backward stack attends to.
 */
function attentionBias(g: Graph, mask: Node, direction: Direction): Node {
  const [batch, time] = mask.shape as [number, number, number];
  const order = new Float32Array(time * time);
  for (let i = 0; i < time; i++) {
    for (let j = 0; j < time; j++) order[i * time + j] = (direction === 'forward' ? j <= i : j >= i) ? 0 : CLOSED;
  }
  const closed = g.constant(order, [1, 1, time, time]);
  // No real word looks forward to padding when it may only look back.
  if (direction === 'forward') return closed;
  return g.add(closed, g.reshape(g.mul(g.sub(1, mask), CLOSED), [batch, 1, 1, time]));
}

/**
 * Keeps several sentences of a row apart, to be added to scores [batch, heads, time, time]: [batch, 1, time, time].
 * @param sentences [batch, time]: the number of each word's sentence
 */
export function sentencesApart(g: Graph, sentences: Node): Node {
  const [batch, time] = sentences.shape as [number, number];
  const difference = g.sub(g.reshape(sentences, [batch, 1, time, 1]), g.reshape(sentences, [batch, 1, 1, time]));
  return g.mul(g.step(g.maximum(difference, g.neg(difference))), CLOSED);
}

/** layers + 1 tensors [batch, time, hidden] of each kind. */
export interface Stack {
  /** What goes into every layer, then the last output. */
  readonly inputs: readonly Node[];
  /** Their LayerNorms. */
  readonly states: readonly Node[];
}

/** The states of every layer, as `stack` gives them. */
export function stackStates(...args: Parameters<typeof stack>): readonly Node[] {
  return stack(...args).states;
}

/**
 * All layers of a direction.
 * @param x [batch, time, hidden], from `embed`
 * @param mask [batch, time, 1]
 * @param apart from `sentencesApart`, where rows hold several sentences
 */
export function stack(
  g: Graph,
  x: Node,
  mask: Node,
  sizes: StackSizes,
  direction: Direction,
  drop: Drop = keep,
  apart?: Node,
): Stack {
  const { layers, hidden, heads } = sizes;
  const [batch, time] = x.shape as [number, number, number];
  const shapes = stackShapes(sizes, direction);
  const state = (name: string) => g.state(name, shapes[name]!);
  const norm = (y: Node, name: string) => g.layerNorm(y, state(`${name}.weight`), state(`${name}.bias`), EPSILON);
  const linear = (y: Node, name: string) => g.linear(y, state(`${name}.weight`), state(`${name}.bias`));
  const width = hidden / heads;
  const order = attentionBias(g, mask, direction);
  const bias = apart ? g.add(order, apart) : order;

  const attention = (n: Node, at: string, site: string): Node => {
    const parts = g.reshape(linear(n, `${at}.qkv`), [batch, time, 3, heads, width]);
    const turned = g.transpose(parts, [2, 0, 3, 1, 4]);
    const [q, k, v] = g.split(turned, [1, 1, 1], 0).map((part) => g.reshape(part, [batch, heads, time, width]));
    const scores = g.add(g.matMul(g.mul(q!, width ** -0.5), k!, { transposeB: true }), bias);
    const weights = drop(g.softmax(scores), `${site}.weights`);
    const mixed = g.reshape(g.transpose(g.matMul(weights, v!), [0, 2, 1, 3]), [batch, time, hidden]);
    return drop(linear(mixed, `${at}.out`), `${site}.attention`);
  };

  const inputs: Node[] = [];
  const states: Node[] = [];
  let y = x;
  for (let layer = 0; layer < layers; layer++) {
    const at = `encoder.${direction}.layers.${layer}`;
    const n = norm(y, `${at}.norm1`);
    inputs.push(y);
    states.push(n);
    y = g.add(y, attention(n, `${at}.attn`, `${layer}`));
    const inner = drop(g.relu(linear(norm(y, `${at}.norm2`), `${at}.ffn.up`)), `${layer}.inner`);
    y = g.mul(g.add(y, drop(linear(inner, `${at}.ffn.down`), `${layer}.ffn`)), mask);
  }
  inputs.push(y);
  states.push(norm(y, `encoder.${direction}.norm`));
  return { inputs, states };
}
