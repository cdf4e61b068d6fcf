// The gradient of the LSTM from what `BlockLSTM` gives of its forward pass. Only what depends on the step after it is done
// step by step; the slopes of the gates and the products with x and h are done for all steps at once. TensorFlow's own
// `BlockLSTMGrad` does everything step by step, and takes about three times as long on the CPU.
import type { Node, NodeOf } from '../graph/types.ts';
import {
  type Direction,
  type LstmPasses,
  type LstmSizes,
  lstmSizes,
  PASS_TENSORS,
  paddingMask,
  walking,
} from './lstm.ts';
import type { NodeList, Ref } from './nodes.ts';

/** One direction of an `lstm`: its operands and its forward pass. */
interface Walk {
  readonly direction: Direction;
  readonly x: Ref;
  readonly lengths: Ref;
  readonly weight: Ref;
  /** The gradient of the output of both directions. */
  readonly dy: Ref;
  readonly pass: readonly Ref[];
  readonly sizes: LstmSizes;
}

/** One part of the gradient. The parts share what they have in common, because equal nodes are made once. */
export function lowerLstmGradient(
  list: NodeList,
  node: NodeOf<'lstmGradient'>,
  inputs: readonly Ref[],
  passes: LstmPasses,
): Ref {
  const [x, lengths, forward, , backward, , , dy] = inputs as [Ref, Ref, Ref, Ref, Ref, Ref, Ref, Ref];
  const tensors = passes.get(node.inputs[6] as Node)!;
  const shared = { x, lengths, dy, sizes: lstmSizes(node) };
  const walks: Record<Direction, Walk> = {
    forward: { ...shared, direction: 'forward', weight: forward, pass: tensors.slice(0, PASS_TENSORS) },
    backward: { ...shared, direction: 'backward', weight: backward, pass: tensors.slice(PASS_TENSORS) },
  };
  switch (node.attributes.of) {
    case 'x':
      return list.sum(inputGradient(list, walks.forward), inputGradient(list, walks.backward));
    case 'forward.weight':
      return weightGradient(list, walks.forward);
    case 'forward.bias':
      return biasGradient(list, walks.forward);
    case 'backward.weight':
      return weightGradient(list, walks.backward);
    case 'backward.bias':
      return biasGradient(list, walks.backward);
  }
}

/** [time, batch, input] */
function inputGradient(list: NodeList, walk: Walk): Ref {
  const { time, batch, input, hidden } = walk.sizes;
  const fromInput = list.slice(walk.weight, 0, 0, [input, 4 * hidden]);
  const dx = list.reshape(list.matMul(gateGradients(list, walk), fromInput, 'second'), [time, batch, input]);
  return walking(list, dx, walk.lengths, walk.direction);
}

/** [input + hidden, 4 * hidden] */
function weightGradient(list: NodeList, walk: Walk): Ref {
  const { time, batch, input, hidden } = walk.sizes;
  const x = walking(list, walk.x, walk.lengths, walk.direction);
  const h = before(list, walk.pass[6]!, walk.sizes);
  const seen = list.reshape(list.concat([x, h], 2), [time * batch, input + hidden]);
  return list.matMul(seen, gateGradients(list, walk), 'first');
}

/** [4 * hidden] */
function biasGradient(list: NodeList, walk: Walk): Ref {
  return list.reduce('Sum', gateGradients(list, walk), [0], false);
}

/** The gradient of the gates before their activation, [time * batch, 4 * hidden], in walking order. */
function gateGradients(list: NodeList, { weight, pass, sizes, ...output }: Walk): Ref {
  const { time, input, hidden } = sizes;
  const [i, cell, f, o, j, tanhCell] = pass as [Ref, Ref, Ref, Ref, Ref, Ref];
  const rest = (a: Ref) => list.sub(list.number(1), a);
  const sigmoidSlope = (a: Ref) => list.mul(a, rest(a));
  const tanhSlope = (a: Ref) => rest(list.mul(a, a));
  const slopes = list.concat(
    [
      list.mul(j, sigmoidSlope(i)),
      list.mul(i, tanhSlope(j)),
      list.mul(before(list, cell, sizes), sigmoidSlope(f)),
      list.mul(tanhCell, sigmoidSlope(o)),
    ],
    2,
  );
  const fromState = list.slice(weight, 0, input, [hidden, 4 * hidden]);
  const dhAt = list.unpack(outputGradient(list, output, sizes), time);
  const slopesAt = list.unpack(slopes, time);
  const hToCellAt = list.unpack(list.mul(o, tanhSlope(tanhCell)), time);
  const fAt = list.unpack(f, time);

  const dGates: Ref[] = [];
  let dCell: Ref | undefined;
  for (let t = time - 1; t >= 0; t--) {
    const next = dGates[t + 1];
    const dh = next ? list.sum(dhAt[t]!, list.matMul(next, fromState, 'second')) : dhAt[t]!;
    const fromH = list.mul(dh, hToCellAt[t]!);
    dCell = dCell ? list.sum(fromH, list.mul(dCell, fAt[t + 1]!)) : fromH;
    dGates[t] = list.mul(list.concat([dCell, dCell, dCell, dh], 1), slopesAt[t]!);
  }
  return list.concat(dGates, 0);
}

/** The gradient of one direction's output, [time, batch, hidden] in walking order, zero in the padding. */
function outputGradient(
  list: NodeList,
  { dy, lengths, direction }: Pick<Walk, 'dy' | 'lengths' | 'direction'>,
  { time, batch, hidden }: LstmSizes,
): Ref {
  const own = list.slice(dy, 2, direction === 'forward' ? 0 : hidden, [time, batch, hidden]);
  return walking(list, list.mul(own, paddingMask(list, lengths, time, batch)), lengths, direction);
}

/** Values [time, batch, hidden] of the step before each, zero before the first. */
function before(list: NodeList, x: Ref, { time, batch, hidden }: LstmSizes): Ref {
  return list.concat([list.zeros([1, batch, hidden]), list.slice(x, 0, 0, [time - 1, batch, hidden])], 0);
}
