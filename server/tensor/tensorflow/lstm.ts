// The LSTM as TensorFlow's fused operations: `BlockLSTM` walks all time steps of one direction in one kernel, and
// `BlockLSTMGrad` walks back. Their gate order (i, candidate, f, o) and their forget bias of 1 are the graph's own.
// They know no lengths, so a sequence is walked on into its padding, where the output is masked: nothing flows back from
// there. For the backward direction each sequence is reversed within its length, and its output reversed again.
import type { Node, NodeOf, Shape } from '../graph/types.ts';
import type { NodeList, Ref } from './nodes.ts';
import type { Attribute } from './proto.ts';

/** Outputs of `BlockLSTM`, each [time, batch, hidden]: i, cell, f, o, candidate, tanh(cell), h. */
export const PASS_TENSORS = 7;

/** By `lstm` node: the outputs of the forward direction's `BlockLSTM`, then those of the backward direction's. */
export type LstmPasses = Map<Node, readonly Ref[]>;

const FLOAT: Attribute = { type: 'float32' };

interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
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

export function lowerLstm(list: NodeList, node: NodeOf<'lstm'>, inputs: readonly Ref[], passes: LstmPasses): Ref {
  const sizes = sizesOf(node.shape);
  const lengths = inputs[1]!;
  const tensors: Ref[] = [];
  const halves = [0, 1].map((direction) => {
    const pass = list.add('BlockLSTM', blockInputs(list, inputs, direction, sizes), {
      T: FLOAT,
      forget_bias: { float: 1 },
      cell_clip: { float: -1 }, // none
      use_peephole: { bool: false },
    });
    for (let output = 0; output < PASS_TENSORS; output++) tensors.push(`${pass}:${output}`);
    const h = tensors.at(-1)!;
    return direction === 0 ? h : reverse(list, h, lengths);
  });
  passes.set(node as Node, tensors);
  const mask = list.reshape(sequenceMask(list, lengths, sizes.time), [sizes.time, sizes.batch, 1]);
  return list.add('Mul', [list.concat(halves, 2), mask], { T: FLOAT });
}

/** One part of the gradient; the parts of one gradient share their walk back, because equal nodes are made once. */
export function lowerLstmGradient(
  list: NodeList,
  node: NodeOf<'lstmGradient'>,
  inputs: readonly Ref[],
  passes: LstmPasses,
): Ref {
  const y = node.inputs[6]!;
  const [forward, backward] = [0, 1].map((direction) => {
    const pass = passes.get(y)!.slice(direction * PASS_TENSORS, (direction + 1) * PASS_TENSORS);
    return () => walkBack(list, inputs, pass, direction, sizesOf(y.shape));
  }) as [() => Ref, () => Ref];
  // Outputs of BlockLSTMGrad: x, cell and h before the first step, w, three of peepholes, b
  switch (node.attributes.of) {
    case 'forward.weight':
      return `${forward()}:3`;
    case 'forward.bias':
      return `${forward()}:7`;
    case 'backward.weight':
      return `${backward()}:3`;
    case 'backward.bias':
      return `${backward()}:7`;
    case 'x':
      return list.add('AddV2', [forward(), reverse(list, backward(), inputs[1]!)], { T: FLOAT });
  }
}

function walkBack(list: NodeList, inputs: readonly Ref[], pass: readonly Ref[], direction: number, sizes: Sizes): Ref {
  const { time, batch, hidden } = sizes;
  const lengths = inputs[1]!;
  const dy = list.slice(inputs[7]!, 2, direction * hidden, [time, batch, hidden]);
  const mask = list.reshape(sequenceMask(list, lengths, time), [time, batch, 1]);
  const masked = list.add('Mul', [dy, mask], { T: FLOAT });
  const dh = direction === 0 ? masked : reverse(list, masked, lengths);
  const dCell = list.zeros([time, batch, hidden]);
  return list.add('BlockLSTMGrad', [...blockInputs(list, inputs, direction, sizes), ...pass, dCell, dh], {
    T: FLOAT,
    use_peephole: { bool: false },
  });
}

/** What both operations begin with: time steps, x, cell and h before the first step, w, three peepholes, b. */
function blockInputs(list: NodeList, inputs: readonly Ref[], direction: number, sizes: Sizes): Ref[] {
  const [x, lengths] = inputs as [Ref, Ref];
  const steps = list.constant('int64', [], BigInt64Array.of(BigInt(sizes.time)));
  const start = list.zeros([sizes.batch, sizes.hidden]);
  const peephole = list.zeros([sizes.hidden]);
  const [weight, bias] = inputs.slice(2 + 2 * direction, 4 + 2 * direction) as [Ref, Ref];
  const walked = direction === 0 ? x : reverse(list, x, lengths);
  return [steps, walked, start, start, weight, peephole, peephole, peephole, bias];
}

/** Reverses each sequence of x [time, batch, ...] within its length; the padding stays. */
function reverse(list: NodeList, x: Ref, lengths: Ref): Ref {
  return list.add('ReverseSequence', [x, lengths], {
    T: FLOAT,
    Tlen: { type: 'int32' },
    seq_dim: { int: 0 },
    batch_dim: { int: 1 },
  });
}

function sizesOf([time, batch, twice]: Shape): Sizes {
  return { time: time!, batch: batch!, hidden: twice! / 2 };
}
