// How each operation of the graph is written in ONNX.
import type { NodeOf, Op, Shape } from '../graph/types.ts';
import { MICROSOFT, type OnnxAttribute, type OnnxTensor } from './onnx.ts';

/** Where the rules write to. */
export interface Emitter {
  /** Adds a node with one output. @returns its output's name */
  emit(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes?: Record<string, OnnxAttribute>,
    domain?: string,
  ): string;
  /** A new name. */
  temporary(): string;
  /** A constant tensor of our own making; equal small ones are there once. @returns its name */
  constant(data: OnnxTensor['data'], shape: Shape): string;
  /** A 1-D int64 constant: shapes, axes, sizes. @returns its name */
  integers(values: readonly number[]): string;
  /** A constant under a name of its own. */
  initializer(tensor: OnnxTensor): void;
}

export type LowerRule<K extends Op> = (l: Emitter, node: NodeOf<K>, inputs: readonly string[], output: string) => void;

/** An operation that ONNX has under this name. */
const same =
  (op: string, attributes?: Record<string, OnnxAttribute>): LowerRule<Op> =>
  (l, _, inputs, output) => {
    l.emit(op, inputs, output, attributes);
  };

const never: LowerRule<Op> = (_, node) => {
  throw new Error(`${node.op} cannot be lowered`);
};

export const LOWER: { readonly [K in Op]: LowerRule<K> } = {
  input: never,
  state: never,
  constant: (l, node, _, output) =>
    l.initializer({ name: output, element: node.dtype, shape: node.shape, data: node.attributes.data }),

  add: same('Add'),
  sub: same('Sub'),
  mul: same('Mul'),
  div: same('Div'),
  maximum: same('Max'),
  neg: same('Neg'),
  exp: same('Exp'),
  log: same('Log'),
  sqrt: same('Sqrt'),
  tanh: same('Tanh'),
  sigmoid: same('Sigmoid'),
  relu: same('Relu'),
  // One vectorised pass; `Sign`, which would need a `Relu` before it, runs number by number. Exact from 1e-30 on.
  step: same('HardSigmoid', { alpha: { float: 1e30 }, beta: { float: 0 } }),

  matMul: (l, node, inputs, output) => {
    const { transposeA, transposeB } = node.attributes;
    const flags = { transA: Number(transposeA), transB: Number(transposeB) };
    if (node.shape.length === 2) l.emit('Gemm', inputs, output, flags);
    else l.emit('FusedMatMul', inputs, output, flags, MICROSOFT);
  },
  sum: (l, node, [x], output) => {
    l.emit('ReduceSum', [x!, l.integers(node.attributes.axes)], output, { keepdims: 1 });
  },
  max: (l, node, inputs, output) => {
    l.emit('ReduceMax', inputs, output, { axes: node.attributes.axes, keepdims: 1 });
  },
  softmax: same('Softmax', { axis: -1 }),
  logSoftmax: same('LogSoftmax', { axis: -1 }),
  normalise: never, // the walk itself: one operation gives both
  inverseDeviation: never,

  reshape: (l, node, [x], output) => {
    l.emit('Reshape', [x!, l.integers(node.shape)], output);
  },
  transpose: (l, node, inputs, output) => {
    l.emit('Transpose', inputs, output, { perm: node.attributes.permutation });
  },
  broadcast: (l, node, [x], output) => {
    l.emit('Expand', [x!, l.integers(node.shape)], output);
  },
  concat: (l, node, inputs, output) => {
    l.emit('Concat', inputs, output, { axis: node.attributes.axis });
  },
  slice: (l, node, [x], output) => {
    const { axis, start } = node.attributes;
    l.emit('Slice', [x!, ...[start, start + node.shape[axis]!, axis].map((n) => l.integers([n]))], output);
  },
  reverse: (l, node, [x], output) => {
    const { axis } = node.attributes;
    const last = node.shape[axis]! - 1;
    const backwards = Int32Array.from({ length: last + 1 }, (_, i) => last - i);
    l.emit('Gather', [x!, l.constant(backwards, [last + 1])], output, { axis });
  },
  where: (l, _, [condition, a, b], output) => {
    const truth = l.emit('Cast', [condition!], l.temporary(), { to: 9 });
    l.emit('Where', [truth, a!, b!], output);
  },

  gather: same('Gather', { axis: 0 }),
  scatterAdd: (l, node, [indices, values], output) => {
    const shape = node.inputs[0]!.shape;
    const count = shape.reduce((a, b) => a * b, 1);
    const rest = node.shape.slice(1);
    const wide = l.emit('Cast', [indices!], l.temporary(), { to: 7 });
    const rows = l.emit('Reshape', [wide, l.integers([count, 1])], l.temporary());
    const flat = l.emit('Reshape', [values!, l.integers([count, ...rest])], l.temporary());
    const zeros = l.emit('Expand', [l.constant(Float32Array.of(0), []), l.integers(node.shape)], l.temporary());
    l.emit('ScatterND', [zeros, rows, flat], output, { reduction: 'add' });
  },

  sequenceMask: (l, node, [lengths], output) => {
    const [time] = node.shape as [number, number];
    const positions = l.constant(
      Int32Array.from({ length: time }, (_, t) => t),
      [time, 1],
    );
    const before = l.emit('Less', [positions, lengths!], l.temporary());
    l.emit('Cast', [before], output, { to: 1 });
  },
  lstm: (l, node, inputs, output) => lowerLstm(l, node, inputs, output),
  lstmGradient: never,
};

/**
 * ONNX `LSTM`: weights [2, 4 * hidden, in] and [2, 4 * hidden, hidden], biases [2, 8 * hidden], gates in the order i, o, f, c;
 * it gives [time, 2, batch, hidden].
 */
function lowerLstm(l: Emitter, node: NodeOf<'lstm'>, inputs: readonly string[], output: string): void {
  const [x, lengths, ...weights] = inputs as [string, string, string, string, string, string];
  const [time, batch, both] = node.shape as [number, number, number];
  const hidden = both / 2;
  const input = node.inputs[0]!.shape[2]!;
  // rows i, j, f, o -> i, o, f, j
  const order = l.constant(
    Int32Array.from([0, 3, 2, 1].flatMap((gate) => Array.from({ length: hidden }, (_, n) => gate * hidden + n))),
    [4 * hidden],
  );
  const forgetBias = l.constant(
    Float32Array.from({ length: 4 * hidden }, (_, n) => (Math.floor(n / hidden) === 2 ? 1 : 0)),
    [4 * hidden],
  );
  const directions = [0, 2].map((first) => {
    const transposed = l.emit('Transpose', [weights[first]!], l.temporary(), { perm: [1, 0] });
    const rows = l.emit('Gather', [transposed, order], l.temporary(), { axis: 0 });
    const matrix = l.emit('Unsqueeze', [rows, l.integers([0])], l.temporary());
    const raised = l.emit('Add', [weights[first + 1]!, forgetBias], l.temporary());
    const sorted = l.emit('Gather', [raised, order], l.temporary(), { axis: 0 });
    const zeros = l.constant(new Float32Array(4 * hidden), [4 * hidden]);
    const bias = l.emit('Concat', [sorted, zeros], l.temporary(), { axis: 0 });
    return { matrix, bias: l.emit('Unsqueeze', [bias, l.integers([0])], l.temporary()) };
  });
  const matrices = l.emit(
    'Concat',
    directions.map((d) => d.matrix),
    l.temporary(),
    { axis: 0 },
  );
  const biases = l.emit(
    'Concat',
    directions.map((d) => d.bias),
    l.temporary(),
    { axis: 0 },
  );
  const cut = (from: number, to: number) =>
    l.emit('Slice', [matrices, l.integers([from]), l.integers([to]), l.integers([2])], l.temporary());
  const y = l.emit('LSTM', [x, cut(0, input), cut(input, input + hidden), biases, lengths], l.temporary(), {
    hidden_size: hidden,
    direction: 'bidirectional',
  });
  const batchFirst = l.emit('Transpose', [y], l.temporary(), { perm: [0, 2, 1, 3] });
  l.emit('Reshape', [batchFirst, l.integers([time, batch, both])], output);
}
