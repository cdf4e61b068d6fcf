// One table: for every operation its inputs, its shape rule, and what is wrong when they do not fit.
import type { Attributes, DType, Node, Op, Shape } from './types.ts';
import { sameShape, sizeOf } from './types.ts';

/** What the builder knows about a node before it exists; `shape` is given where the inputs do not determine it. */
export interface Request<K extends Op> {
  readonly inputs: readonly Node[];
  readonly attributes: Attributes[K];
  readonly shape?: Shape;
  readonly dtype?: DType;
}

interface Result {
  readonly shape: Shape;
  readonly dtype: DType;
}

type Rule<K extends Op> = (request: Request<K>) => Result;

/** A graph that cannot be: a mistake in the code that builds it. */
export class GraphError extends Error {}

function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new GraphError(message());
}

const show = (nodes: readonly Node[]) => nodes.map((n) => `${n.op}${JSON.stringify(n.shape)}`).join(', ');

/** Broadcasting as in NumPy: shapes are aligned at the right, 1 stretches. */
function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    check(x === y || x === 1 || y === 1, () => `shapes ${JSON.stringify(a)} and ${JSON.stringify(b)} do not broadcast`);
    return x === 1 ? y : x;
  });
}

function given({ shape, dtype }: Request<Op>): Result {
  check(shape !== undefined, () => 'a shape is needed');
  return { shape, dtype: dtype ?? 'float32' };
}

function floats(inputs: readonly Node[], count: number): void {
  check(
    inputs.length === count && inputs.every((n) => n.dtype === 'float32'),
    () => `${count} float32 tensors are needed, not ${show(inputs)}`,
  );
}

/** One float tensor; same shape. */
const unary = ({ inputs }: Request<Op>): Result => {
  floats(inputs, 1);
  return { shape: inputs[0]!.shape, dtype: 'float32' };
};

/** One float tensor that has a last axis; same shape. */
const rows = (request: Request<Op>): Result => {
  const { inputs } = request;
  check(inputs[0]!.shape.length > 0, () => `a last axis is needed, not ${show(inputs)}`);
  return unary(request);
};

/** Two float tensors that broadcast. */
const binary = ({ inputs }: Request<Op>): Result => {
  floats(inputs, 2);
  return { shape: broadcastShape(inputs[0]!.shape, inputs[1]!.shape), dtype: 'float32' };
};

/** One float tensor; the axes stay as 1. */
const reduction = ({ inputs, attributes }: Request<'sum' | 'max'>): Result => {
  floats(inputs, 1);
  const { shape } = inputs[0]!;
  check(
    attributes.axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < shape.length),
    () => `axes ${attributes.axes} of ${show(inputs)}`,
  );
  return { shape: shape.map((d, i) => (attributes.axes.includes(i) ? 1 : d)), dtype: 'float32' };
};

const lstmInputs = (inputs: readonly Node[]): { time: number; batch: number; hidden: number } => {
  const [x, lengths, ...weights] = inputs as [Node, Node, ...Node[]];
  const [time, batch, input] = x.shape as [number, number, number];
  const hidden = weights[1]!.shape[0]! / 4;
  const matrix = [input + hidden, 4 * hidden];
  check(
    x.shape.length === 3 && lengths.dtype === 'int32' && sameShape(lengths.shape, [batch]),
    () => `lstm needs x [time, batch, in] and lengths int32 [batch], not ${show([x, lengths])}`,
  );
  check(
    [0, 2].every((i) => sameShape(weights[i]!.shape, matrix)) &&
      [1, 3].every((i) => sameShape(weights[i]!.shape, [4 * hidden])),
    () => `lstm needs matrices ${JSON.stringify(matrix)} and biases [${4 * hidden}], not ${show(weights.slice(0, 4))}`,
  );
  return { time, batch, hidden };
};

export const SHAPES: { readonly [K in Op]: Rule<K> } = {
  input: given,
  state: given,
  constant: given,

  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  maximum: binary,

  neg: unary,
  exp: unary,
  log: unary,
  sqrt: unary,
  tanh: unary,
  sigmoid: unary,
  relu: unary,
  step: unary,

  // [..., m, k] x [..., k, n] with the same leading dimensions (Graph.linear multiplies any rank by a 2-D matrix)
  matMul: ({ inputs, attributes }) => {
    floats(inputs, 2);
    const [a, b] = inputs as [Node, Node];
    const { transposeA, transposeB } = attributes;
    const lead = a.shape.slice(0, -2);
    const [m, k] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
    const [k2, n] = transposeB ? [b.shape.at(-1), b.shape.at(-2)] : [b.shape.at(-2), b.shape.at(-1)];
    check(
      a.shape.length >= 2 && b.shape.length >= 2 && k === k2 && sameShape(lead, b.shape.slice(0, -2)),
      () => `matMul of ${show(inputs)} with transposes ${transposeA}, ${transposeB}`,
    );
    return { shape: [...lead, m!, n!], dtype: 'float32' };
  },
  sum: reduction,
  max: reduction,
  // over the last axis
  softmax: unary,
  logSoftmax: unary,
  normalise: rows,
  inverseDeviation: (request) => {
    const { shape, dtype } = rows(request);
    return { shape: shape.with(-1, 1), dtype };
  },

  reshape: (request) => {
    const [x] = request.inputs as [Node];
    const { shape } = given(request);
    check(sizeOf(x.shape) === sizeOf(shape), () => `reshape of ${show([x])} to ${JSON.stringify(shape)}`);
    return { shape, dtype: x.dtype };
  },
  transpose: ({ inputs, attributes: { permutation } }) => {
    const [x] = inputs as [Node];
    check(
      permutation.length === x.shape.length && x.shape.every((_, i) => permutation.includes(i)),
      () => `transpose of ${show([x])} by ${permutation}`,
    );
    return { shape: permutation.map((i) => x.shape[i]!), dtype: x.dtype };
  },
  broadcast: (request) => {
    const [x] = request.inputs as [Node];
    const { shape } = given(request);
    check(
      sameShape(broadcastShape(x.shape, shape), shape),
      () => `broadcast of ${show([x])} to ${JSON.stringify(shape)}`,
    );
    return { shape, dtype: x.dtype };
  },
  concat: ({ inputs, attributes: { axis } }) => {
    const [first] = inputs;
    check(first !== undefined && axis >= 0 && axis < first.shape.length, () => `concat of ${show(inputs)} at ${axis}`);
    const size = inputs.reduce((sum, n) => sum + n.shape[axis]!, 0);
    const shape = first.shape.map((d, i) => (i === axis ? size : d));
    check(
      inputs.every((n) => n.dtype === first.dtype && sameShape(n.shape.with(axis, size), shape)),
      () => `concat of ${show(inputs)} at axis ${axis}`,
    );
    return { shape, dtype: first.dtype };
  },
  // `shape` is that of the result: it differs from the input's at the axis only
  slice: (request) => {
    const [x] = request.inputs as [Node];
    const { axis, start } = request.attributes;
    const { shape } = given(request);
    check(
      start >= 0 && start + shape[axis]! <= x.shape[axis]! && sameShape(x.shape.with(axis, shape[axis]!), shape),
      () => `slice of ${show([x])} at axis ${axis} from ${start} to ${JSON.stringify(shape)}`,
    );
    return { shape, dtype: x.dtype };
  },
  reverse: ({ inputs, attributes: { axis } }) => {
    const [x] = inputs as [Node];
    check(axis >= 0 && axis < x.shape.length, () => `reverse of ${show([x])} at axis ${axis}`);
    return { shape: x.shape, dtype: x.dtype };
  },
  // condition (float32, true where it is not 0), value where true, value where false; the three broadcast
  where: ({ inputs }) => {
    floats(inputs, 3);
    const [condition, a, b] = inputs as [Node, Node, Node];
    return { shape: broadcastShape(broadcastShape(condition.shape, a.shape), b.shape), dtype: 'float32' };
  },

  // table [rows, ...rest], indices int32 [...any] -> [...any, ...rest]
  gather: ({ inputs }) => {
    const [table, indices] = inputs as [Node, Node];
    check(table.shape.length >= 1 && indices.dtype === 'int32', () => `gather of ${show(inputs)}`);
    return { shape: [...indices.shape, ...table.shape.slice(1)], dtype: table.dtype };
  },
  // indices int32 [...any], values [...any, ...rest] -> shape [rows, ...rest], zero where no index points
  scatterAdd: (request) => {
    const [indices, values] = request.inputs as [Node, Node];
    const { shape } = given(request);
    check(
      indices.dtype === 'int32' && sameShape(values.shape, [...indices.shape, ...shape.slice(1)]),
      () => `scatterAdd of ${show(request.inputs)} to ${JSON.stringify(shape)}`,
    );
    return { shape, dtype: 'float32' };
  },

  // lengths int32 [batch] -> shape [time, batch]
  sequenceMask: (request) => {
    const [lengths] = request.inputs as [Node];
    const { shape } = given(request);
    check(
      lengths.dtype === 'int32' && shape.length === 2 && sameShape(lengths.shape, [shape[1]!]),
      () => `sequenceMask of ${show(request.inputs)} to ${JSON.stringify(shape)}`,
    );
    return { shape, dtype: 'float32' };
  },
  // x [time, batch, in], lengths, forward weight and bias, backward weight and bias -> [time, batch, 2 * hidden]
  lstm: ({ inputs }) => {
    check(inputs.length === 6, () => `lstm needs 6 inputs, not ${show(inputs)}`);
    const { time, batch, hidden } = lstmInputs(inputs);
    return { shape: [time, batch, 2 * hidden], dtype: 'float32' };
  },
  // the six inputs of lstm, its output, the gradient of its output -> shape of the part
  lstmGradient: ({ inputs, attributes: { of } }) => {
    check(inputs.length === 8, () => `lstmGradient needs 8 inputs, not ${show(inputs)}`);
    const { time, batch, hidden } = lstmInputs(inputs);
    check(
      [6, 7].every((i) => sameShape(inputs[i]!.shape, [time, batch, 2 * hidden])),
      () => `lstmGradient needs the output and its gradient, not ${show(inputs.slice(6))}`,
    );
    return { shape: inputs[LSTM_PART_INPUT[of]]!.shape, dtype: 'float32' };
  },
};

/** Which input of `lstm` each part of its gradient belongs to. */
const LSTM_PART_INPUT = {
  x: 0,
  'forward.weight': 2,
  'forward.bias': 3,
  'backward.weight': 4,
  'backward.bias': 5,
} as const;
