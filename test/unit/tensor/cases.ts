// For every operation programs that compute it and its gradients: what all engines must agree on.
import { gradients } from '../../../server/tensor/graph/gradients.ts';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import type { Program } from '../../../server/tensor/graph/program.ts';
import { type Node, type Op, type Shape, sizeOf, type TypedArray } from '../../../server/tensor/graph/types.ts';

export interface Value {
  readonly shape: Shape;
  readonly data: TypedArray;
}

export interface OpCase {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly build: (g: Graph, inputs: Record<string, Node>) => Node;
}

/**
 * Different numbers, at least 0.15 apart and 0.07 from 0, in a mixed order: no kink (relu, maximum) lies within the reach of a
 * finite difference.
 */
export function spread(shape: Shape, offset = 0): Value {
  const n = sizeOf(shape);
  let stride = Math.max(1, Math.floor(n * 0.618));
  while (gcd(stride, n) !== 1) stride++;
  const data = Float32Array.from(
    { length: n },
    (_, i) => (((i * stride) % n) - Math.floor(n / 2) + 0.5) * 0.15 + offset,
  );
  return { shape, data };
}

/** The same, but all above 0. */
export function positive(shape: Shape): Value {
  const { data } = spread(shape);
  return { shape, data: data.map((x) => Math.abs(x) + 0.5) };
}

/** Small numbers, as weights are. */
export function weights(shape: Shape, offset = 0): Value {
  const { data } = spread(shape, offset);
  let largest = 0;
  for (const x of data) largest = Math.max(largest, Math.abs(x));
  return { shape, data: data.map((x) => (0.8 * x) / largest) };
}

export function integers(shape: Shape, data: number[]): Value {
  return { shape, data: Int32Array.from(data) };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

const unary = (build: (g: Graph, x: Node) => Node, x: Value = spread([2, 3, 4])): OpCase[] => [
  { inputs: { x }, build: (g, n) => build(g, n.x!) },
];

/** The same shape, and broadcasting from either side. */
const binary = (build: (g: Graph, a: Node, b: Node) => Node, value: (shape: Shape) => Value = spread): OpCase[] =>
  (
    [
      [
        [2, 3],
        [2, 3],
      ],
      [[4, 2, 3], [3]],
      [
        [2, 1],
        [4, 2, 3],
      ],
      [[], [2, 3]],
    ] as [Shape, Shape][]
  ).map(([a, b]) => ({
    inputs: { a: value(a), b: { shape: b, data: value(b).data.map((x) => x + 0.075) } },
    build: (g, n) => build(g, n.a!, n.b!),
  }));

const matMul = (a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): OpCase => ({
  inputs: { a: weights(a), b: weights(b, 0.1) },
  build: (g, n) => g.matMul(n.a!, n.b!, { transposeA, transposeB }),
});

const layerNorm = (x: Shape, row: Shape): OpCase => ({
  inputs: { x: spread(x), scale: weights(row, 0.3), shift: weights(row) },
  build: (g, n) => g.layerNorm(n.x!, n.scale!, n.shift!, 1e-6),
});

/** Ragged lengths, 0 and the full time among them. */
const lstm: OpCase = {
  inputs: {
    x: weights([5, 4, 3]),
    lengths: integers([4], [5, 0, 3, 1]),
    fw: weights([5, 8]),
    fb: weights([8], 0.2),
    bw: weights([5, 8], 0.3),
    bb: weights([8], -0.1),
  },
  build: (g, n) => g.lstm(n.x!, n.lengths!, { weight: n.fw!, bias: n.fb! }, { weight: n.bw!, bias: n.bb! }),
};

/** `lstmGradient` is what the gradients of `lstm` are made of; sources have no value of their own to compare. */
type Tested = Exclude<Op, 'input' | 'state' | 'lstmGradient'>;

export const OP_CASES: Readonly<Record<Tested, readonly OpCase[]>> = {
  constant: unary((g, x) => g.mul(x, g.constant(Float32Array.of(2, -3, 4, 0.5)))),
  add: binary((g, a, b) => g.add(a, b)),
  sub: binary((g, a, b) => g.sub(a, b)),
  mul: binary((g, a, b) => g.mul(a, b)),
  div: binary((g, a, b) => g.div(a, b), positive),
  maximum: binary((g, a, b) => g.maximum(a, b)),
  neg: unary((g, x) => g.neg(x)),
  exp: unary((g, x) => g.exp(x)),
  log: unary((g, x) => g.log(x), positive([2, 3])),
  sqrt: unary((g, x) => g.sqrt(x), positive([2, 3])),
  tanh: unary((g, x) => g.tanh(x)),
  sigmoid: unary((g, x) => g.sigmoid(x)),
  relu: unary((g, x) => g.relu(x)),
  step: unary((g, x) => g.mul(g.step(x), x)),
  matMul: [
    ...[false, true].flatMap((a) =>
      [false, true].flatMap((b) => [
        matMul(a ? [4, 3] : [3, 4], b ? [5, 4] : [4, 5], a, b),
        matMul(a ? [2, 4, 3] : [2, 3, 4], b ? [2, 5, 4] : [2, 4, 5], a, b),
        matMul(a ? [2, 3, 4, 2] : [2, 3, 2, 4], b ? [2, 3, 2, 4] : [2, 3, 4, 2], a, b),
      ]),
    ),
    {
      inputs: { x: weights([2, 3, 4]), w: weights([4, 5]), b: weights([5]) },
      build: (g, n) => g.linear(n.x!, n.w!, n.b!),
    },
  ],
  sum: [
    ...unary((g, x) => g.sum(x), spread([2, 3], 0.4)),
    ...unary((g, x) => g.sum(x, [1])),
    ...unary((g, x) => g.sum(x, [0, -1], { keepDims: true })),
    ...unary((g, x) => g.mean(x, [1, 2])),
    // squares, which an engine may sum without having them
    ...unary((g, x) => g.sum(g.mul(x, x))),
    ...unary((g, x) => g.sum(g.mul(x, x), [1], { keepDims: true })),
    ...unary((g, x) => g.add(g.sum(g.mul(x, x), [0]), g.slice(g.mul(x, x), 0, 0, 1))),
  ],
  max: [...unary((g, x) => g.max(x)), ...unary((g, x) => g.max(x, [1])), ...unary((g, x) => g.max(x, [0, 2]))],
  softmax: unary((g, x) => g.softmax(x)),
  logSoftmax: unary((g, x) => g.logSoftmax(x)),
  normalise: [
    ...unary((g, x) => g.normalise(x, 1e-6)),
    ...unary((g, x) => g.normalise(x, 0.5), spread([5], 3)),
    layerNorm([2, 3, 4], [4]),
    // what is no row of scales and shifts is not one operation of an engine
    layerNorm([3, 4], [3, 1]),
    ...unary((g, x) => {
      const y = g.normalise(x, 1e-6);
      return g.add(g.mul(y, g.constant(Float32Array.of(1, 2, 3, 4))), y);
    }),
    ...unary((g, x) => {
      const y = g.normalise(x, 1e-6);
      return g.sum(g.mul(y, y), [1]);
    }),
  ],
  inverseDeviation: [
    ...unary((g, x) => g.inverseDeviation(x, 0.1)),
    ...unary((g, x) => g.add(g.normalise(x, 0.1), g.inverseDeviation(x, 0.1))),
    // not those of the same values
    ...unary((g, x) => g.add(g.normalise(x, 0.1), g.inverseDeviation(x, 0.2))),
  ],
  reshape: unary((g, x) => g.reshape(x, [4, 6])),
  transpose: unary((g, x) => g.transpose(x, [2, 0, 1])),
  broadcast: unary((g, x) => g.broadcast(x, [5, 2, 3]), spread([2, 1])),
  concat: [0, 1, 2].map((axis) => ({
    inputs: { a: spread([2, 3, 4]), b: spread(([2, 3, 4] as Shape).with(axis, 1)), c: spread([2, 3, 4], 1) },
    build: (g, n) => g.concat([n.a!, n.b!, n.c!], axis),
  })),
  slice: [
    ...unary((g, x) => g.slice(x, 1, 1, 2)),
    ...unary((g, x) => g.mul(g.slice(x, -1, 0, 2), g.slice(x, -1, 1, 2))),
    // a whole split, more parts than WebGPU splits into at once
    ...unary((g, x) => g.split(x, Array(9).fill(1), 0).reduce((a, b) => g.mul(g.add(a, 1), b)), weights([9, 2])),
    ...unary((g, x) => {
      const [a, , c] = g.split(x, [1, 1, 2], 2);
      return g.mul(a!, c!);
    }),
  ],
  reverse: [0, 1, 2].flatMap((axis) => unary((g, x) => g.reverse(x, axis))),
  where: [
    {
      inputs: { a: spread([2, 3]), b: spread([3], 1) },
      build: (g, n) => g.where(g.constant(Float32Array.of(1, 0), [2, 1]), n.a!, n.b!),
    },
  ],
  gather: [
    {
      inputs: { table: spread([4, 3]), indices: integers([2, 3], [0, 3, 3, 1, 0, 3]) },
      build: (g, n) => g.gather(n.table!, n.indices!),
    },
    {
      inputs: { table: spread([4]), indices: integers([3], [2, 0, 2]) },
      build: (g, n) => g.gather(n.table!, n.indices!),
    },
  ],
  scatterAdd: [
    {
      inputs: { values: spread([2, 3, 2]), indices: integers([2, 3], [0, 3, 3, 1, 0, 3]) },
      build: (g, n) => g.scatterAdd(n.indices!, n.values!, 5),
    },
  ],
  sequenceMask: [
    {
      inputs: { x: spread([4, 3]), lengths: integers([3], [0, 4, 2]) },
      build: (g, n) => g.mul(g.sequenceMask(n.lengths!, 4), n.x!),
    },
  ],
  lstm: [
    lstm,
    // stacked: the gradient of the input of the second flows into the first
    {
      inputs: {
        ...lstm.inputs,
        sw: weights([6, 8]),
      },
      build: (g, n) => {
        const y = lstm.build(g, n);
        const second = { weight: n.sw!, bias: n.fb! };
        return g.lstm(y, n.lengths!, second, second);
      },
    },
  ],
};

/** Names of the inputs that have a gradient. */
export function differentiable({ inputs }: OpCase): string[] {
  return Object.keys(inputs).filter((name) => inputs[name]!.data instanceof Float32Array);
}

/** Stage `forward` gives `y`; stage `backward` takes `dy` and gives the gradient of every float input, by its name. */
export function caseProgram({ inputs, build }: OpCase): Program {
  const graph = new Graph();
  const nodes = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      graph.input(name, shape, data instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  );
  const y = build(graph, nodes);
  const targets = differentiable({ inputs, build });
  const dy = graph.input('dy', y.shape);
  const results = gradients(
    graph,
    [{ node: y, gradient: dy }],
    targets.map((name) => nodes[name]!),
  );
  return {
    graph,
    stages: [
      { name: 'forward', outputs: { y } },
      { name: 'backward', outputs: Object.fromEntries(targets.map((name, i) => [name, results[i]!])) },
    ],
  };
}
