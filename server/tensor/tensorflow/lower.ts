// The lowering: for every operation of the graph the TensorFlow operations that compute it.
import type { Node, NodeOf, Op } from '../graph/types.ts';
import { type LstmPasses, lowerLstm, sequenceMask } from './lstm.ts';
import { lowerLstmGradient } from './lstm-gradient.ts';
import type { NodeList, Ref } from './nodes.ts';
import type { Attribute } from './proto.ts';

/** Operations that compute something (the sources are made where a stage begins: see `savedmodel.ts`). */
type Computed = Exclude<Op, 'input' | 'state' | 'lstm' | 'lstmGradient'>;
type Rule<K extends Op> = (list: NodeList, node: NodeOf<K>, inputs: readonly Ref[]) => Ref;

const FLOAT: Attribute = { type: 'float32' };

/** One TensorFlow operation that takes and gives tensors of one type. */
const plain =
  (op: string): Rule<Op> =>
  (list, node, inputs) =>
    list.add(op, inputs, { T: { type: node.dtype } });

const reduction =
  (op: 'Sum' | 'Max'): Rule<'sum' | 'max'> =>
  (list, { attributes: { axes } }, [x]) =>
    list.reduce(op, x!, axes, true);

type Normalised = NodeOf<'normalise'> | NodeOf<'inverseDeviation'>;

/** Mean over the last axis, which stays. */
const mean = (list: NodeList, { inputs: [x] }: Normalised, value: Ref): Ref => {
  const size = x!.shape.at(-1)!;
  return list.mul(list.reduce('Sum', value, [x!.shape.length - 1], true), list.number(1 / size));
};

const centred = (list: NodeList, node: Normalised, x: Ref): Ref => list.sub(x, mean(list, node, x));

function inverseDeviation(list: NodeList, node: Normalised, x: Ref): Ref {
  const apart = centred(list, node, x);
  const variance = mean(list, node, list.mul(apart, apart));
  return list.add('Rsqrt', [list.sum(variance, list.number(node.attributes.epsilon))], { T: FLOAT });
}

const RULES: { readonly [K in Computed]: Rule<K> } = {
  constant: (list, { shape, dtype, attributes: { data } }) => list.constant(dtype, shape, data),

  add: plain('AddV2'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('RealDiv'),
  maximum: plain('Maximum'),

  neg: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  relu: plain('Relu'),
  step: (list, _, [x]) => list.toFloat(list.add('Greater', [x!, list.number(0)], { T: FLOAT })),

  matMul: (list, { shape, attributes: { transposeA, transposeB } }, inputs) =>
    shape.length === 2
      ? list.add('MatMul', inputs, { T: FLOAT, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } })
      : list.add('BatchMatMulV2', inputs, { T: FLOAT, adj_x: { bool: transposeA }, adj_y: { bool: transposeB } }),
  sum: reduction('Sum'),
  max: reduction('Max'),
  softmax: plain('Softmax'),
  logSoftmax: plain('LogSoftmax'),
  normalise: (list, node, [x]) => list.mul(centred(list, node, x!), inverseDeviation(list, node, x!)),
  inverseDeviation: (list, node, [x]) => inverseDeviation(list, node, x!),

  reshape: (list, { shape, dtype }, [x]) => list.reshape(x!, shape, dtype),
  transpose: (list, { dtype, attributes: { permutation } }, [x]) =>
    list.add('Transpose', [x!, list.integers(permutation)], { T: { type: dtype }, Tperm: { type: 'int32' } }),
  broadcast: (list, { shape, dtype }, [x]) =>
    list.add('BroadcastTo', [x!, list.integers(shape)], { T: { type: dtype }, Tidx: { type: 'int32' } }),
  concat: (list, { dtype, attributes: { axis } }, inputs) => list.concat(inputs, axis, dtype),
  slice: (list, { shape, dtype, attributes: { axis, start } }, [x]) => list.slice(x!, axis, start, shape, dtype),
  reverse: (list, { dtype, attributes: { axis } }, [x]) =>
    list.add('ReverseV2', [x!, list.integers([axis])], { T: { type: dtype }, Tidx: { type: 'int32' } }),
  where: (list, _, [condition, a, b]) => {
    const holds = list.add('NotEqual', [condition!, list.number(0)], { T: FLOAT });
    return list.add('SelectV2', [holds, a!, b!], { T: FLOAT });
  },

  gather: (list, { dtype }, [table, indices]) =>
    list.add('GatherV2', [table!, indices!, list.integer(0)], {
      Tparams: { type: dtype },
      Tindices: { type: 'int32' },
      Taxis: { type: 'int32' },
    }),
  scatterAdd: (list, { shape }, [indices, values]) =>
    list.add('UnsortedSegmentSum', [values!, indices!, list.integer(shape[0]!)], {
      T: FLOAT,
      Tindices: { type: 'int32' },
      Tnumsegments: { type: 'int32' },
    }),

  sequenceMask: (list, { shape }, [lengths]) => sequenceMask(list, lengths!, shape[0]!),
};

/**
 * Adds the TensorFlow nodes that compute `node` from its inputs.
 * @param lstms what the gradients of LSTMs need of their forward pass: an `lstm` adds to it, an `lstmGradient` reads it
 */
export function lower(list: NodeList, node: Node, inputs: readonly Ref[], lstms: LstmPasses): Ref {
  if (node.op === 'input' || node.op === 'state') throw new Error(`a source is not computed: ${node.attributes.name}`);
  if (node.op === 'lstm') return lowerLstm(list, node, inputs, lstms);
  if (node.op === 'lstmGradient') return lowerLstmGradient(list, node, inputs, lstms);
  const rule = RULES[node.op] as Rule<Op>;
  return rule(list, node as NodeOf<Op>, inputs);
}
