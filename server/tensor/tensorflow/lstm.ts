// The LSTM as TensorFlow's fused operation: `BlockLSTM` walks all time steps of one direction in one kernel. Its gate order
// (i, candidate, f, o) and its forget bias of 1 are the graph's own. It knows no lengths, so a sequence is walked on into
// its padding, where the output is masked. For the backward direction each sequence is reversed within its length, and its
// output reversed again.
import type { Node, NodeOf } from '../graph/types.ts';
import type { NodeList, Ref } from './nodes.ts';
import type { Attribute } from './proto.ts';

/** Outputs of `BlockLSTM`, each [time, batch, hidden]: i, cell, f, o, candidate, tanh(cell), h. */
export const PASS_TENSORS = 7;

/** By `lstm` node: the outputs of the forward direction's `BlockLSTM`, then those of the backward direction's. */
export type LstmPasses = Map<Node, readonly Ref[]>;

export type Direction = 'forward' | 'backward';

const FLOAT: Attribute = { type: 'float32' };

export interface LstmSizes {
  readonly time: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
}

/** Of an `lstm` or `lstmGradient`, whose first six inputs are the same. */
export function lstmSizes({ inputs: [x, , , bias] }: NodeOf<'lstm' | 'lstmGradient'>): LstmSizes {
  const [time, batch, input] = x!.shape as [number, number, number];
  return { time, batch, input, hidden: bias!.shape[0]! / 4 };
}

export function lowerLstm(list: NodeList, node: NodeOf<'lstm'>, inputs: readonly Ref[], passes: LstmPasses): Ref {
  const [x, lengths, ...weights] = inputs as [Ref, Ref, ...Ref[]];
  const { time, batch, hidden } = lstmSizes(node);
  const steps = list.constant('int64', [], BigInt64Array.of(BigInt(time)));
  const start = list.zeros([batch, hidden]);
  const peephole = list.zeros([hidden]);
  const tensors: Ref[] = [];
  const halves = (['forward', 'backward'] as const).map((direction, i) => {
    const [weight, bias] = weights.slice(2 * i) as [Ref, Ref];
    const walked = walking(list, x, lengths, direction);
    const operands = [steps, walked, start, start, weight, peephole, peephole, peephole, bias];
    const pass = list.add('BlockLSTM', operands, {
      T: FLOAT,
      forget_bias: { float: 1 },
      cell_clip: { float: -1 }, // none
      use_peephole: { bool: false },
    });
    for (let output = 0; output < PASS_TENSORS; output++) tensors.push(`${pass}:${output}`);
    return walking(list, tensors.at(-1)!, lengths, direction);
  });
  passes.set(node as Node, tensors);
  return list.mul(list.concat(halves, 2), paddingMask(list, lengths, time, batch));
}

/** lengths int32 [batch] -> [time, batch], 1 before the length and 0 from it on. */
export function sequenceMask(list: NodeList, lengths: Ref, time: number): Ref {
  const steps = list.constant(
    'int32',
    [time, 1],
    Int32Array.from({ length: time }, (_, t) => t),
  );
  return list.toFloat(list.add('Less', [steps, lengths], { T: { type: 'int32' } }));
}

/** The mask as [time, batch, 1]. */
export function paddingMask(list: NodeList, lengths: Ref, time: number, batch: number): Ref {
  return list.reshape(sequenceMask(list, lengths, time), [time, batch, 1]);
}

/** x [time, batch, ...] in the order in which a direction walks, or back from it: each sequence reversed within its length. */
export function walking(list: NodeList, x: Ref, lengths: Ref, direction: Direction): Ref {
  if (direction === 'forward') return x;
  const attributes: Record<string, Attribute> = { seq_dim: { int: 0 }, batch_dim: { int: 1 } };
  return list.add('ReverseSequence', [x, lengths], { T: FLOAT, Tlen: { type: 'int32' }, ...attributes });
}
