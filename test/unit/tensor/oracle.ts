// The oracle of the tests: TensorFlow.js in pure JavaScript runs the same programs, one operation after the other.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine, Model, ModelDefinition, State } from '../../../server/tensor/engine.ts';
import type { Program } from '../../../server/tensor/graph/program.ts';
import type { LstmPart, Node, NodeOf, Op, TypedArray } from '../../../server/tensor/graph/types.ts';

type Evaluate<K extends Op> = (node: NodeOf<K>, inputs: tf.Tensor[]) => tf.Tensor;

const PARTS: readonly LstmPart[] = ['x', 'forward.weight', 'forward.bias', 'backward.weight', 'backward.bias'];

/** One direction, one step of the cell after the other, with the length as a mask (spec section 7). */
function direction(
  x: tf.Tensor,
  lengths: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  backwards: boolean,
): tf.Tensor {
  const [time, batch] = x.shape as [number, number];
  const hidden = bias.size / 4;
  let c: tf.Tensor = tf.zeros([batch, hidden]);
  let h: tf.Tensor = tf.zeros([batch, hidden]);
  const outputs: tf.Tensor[] = [];
  for (let k = 0; k < time; k++) {
    const t = backwards ? time - 1 - k : k;
    const mask = tf.reshape(tf.cast(tf.less(tf.scalar(t, 'int32'), lengths), 'float32'), [batch, 1]);
    const xt = tf.reshape(tf.slice(x, [t, 0, 0], [1, -1, -1]), [batch, -1]);
    const gates = tf.add(tf.matMul(tf.concat([xt, h], 1), weight), bias);
    const [i, j, f, o] = tf.split(gates, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const kept = tf.mul(tf.sigmoid(tf.add(f, 1)), c);
    c = tf.mul(tf.add(kept, tf.mul(tf.sigmoid(i), tf.tanh(j))), mask);
    h = tf.mul(tf.mul(tf.sigmoid(o), tf.tanh(c)), mask);
    outputs[t] = h;
  }
  return tf.stack(outputs, 0);
}

function lstm([x, lengths, wf, bf, wb, bb]: tf.Tensor[]): tf.Tensor {
  return tf.concat([direction(x!, lengths!, wf!, bf!, false), direction(x!, lengths!, wb!, bb!, true)], 2);
}

/** TensorFlow.js's own gradient of the cell loop. Clones, because one weight may serve both directions. */
function lstmGradient(of: LstmPart, [x, lengths, wf, bf, wb, bb, , dy]: tf.Tensor[]): tf.Tensor {
  const gradient = tf.grads((...[x, wf, bf, wb, bb]: tf.Tensor[]) => lstm([x!, lengths!, wf!, bf!, wb!, bb!]));
  const parts = gradient(
    [x, wf, bf, wb, bb].map((input) => tf.clone(input!)),
    dy,
  );
  return parts[PARTS.indexOf(of)]!;
}

const inverseDeviation = (x: tf.Tensor, epsilon: number) => tf.rsqrt(tf.add(tf.moments(x, -1, true).variance, epsilon));

const unfed = (node: Node): never => {
  throw new Error(`${node.op} has no value`);
};

const EVALUATE: { readonly [K in Op]: Evaluate<K> } = {
  input: unfed,
  state: unfed,
  constant: (node) => tf.tensor(node.attributes.data, [...node.shape], node.dtype),
  add: (_, [a, b]) => tf.add(a!, b!),
  sub: (_, [a, b]) => tf.sub(a!, b!),
  mul: (_, [a, b]) => tf.mul(a!, b!),
  div: (_, [a, b]) => tf.div(a!, b!),
  maximum: (_, [a, b]) => tf.maximum(a!, b!),
  neg: (_, [x]) => tf.neg(x!),
  exp: (_, [x]) => tf.exp(x!),
  log: (_, [x]) => tf.log(x!),
  sqrt: (_, [x]) => tf.sqrt(x!),
  tanh: (_, [x]) => tf.tanh(x!),
  sigmoid: (_, [x]) => tf.sigmoid(x!),
  relu: (_, [x]) => tf.relu(x!),
  step: (_, [x]) => tf.cast(tf.greater(x!, 0), 'float32'),
  matMul: (node, [a, b]) => tf.matMul(a!, b!, node.attributes.transposeA, node.attributes.transposeB),
  sum: (node, [x]) => tf.sum(x!, [...node.attributes.axes], true),
  max: (node, [x]) => tf.max(x!, [...node.attributes.axes], true),
  softmax: (_, [x]) => tf.softmax(x!),
  logSoftmax: (_, [x]) => tf.logSoftmax(x!),
  normalise: (node, [x]) => tf.mul(tf.sub(x!, tf.mean(x!, -1, true)), inverseDeviation(x!, node.attributes.epsilon)),
  inverseDeviation: (node, [x]) => inverseDeviation(x!, node.attributes.epsilon),
  reshape: (node, [x]) => tf.reshape(x!, [...node.shape]),
  transpose: (node, [x]) => tf.transpose(x!, [...node.attributes.permutation]),
  broadcast: (node, [x]) => tf.broadcastTo(x!, [...node.shape]),
  concat: (node, inputs) => tf.concat(inputs, node.attributes.axis),
  slice: (node, [x]) => {
    const { axis, start } = node.attributes;
    const begin = node.shape.map((_, i) => (i === axis ? start : 0));
    return tf.slice(x!, begin, [...node.shape]);
  },
  reverse: (node, [x]) => tf.reverse(x!, node.attributes.axis),
  where: (_, [condition, a, b]) => tf.where(tf.notEqual(condition!, 0), a!, b!),
  gather: (_, [table, indices]) => tf.gather(table!, indices as tf.Tensor1D),
  scatterAdd: (node, [indices, values]) => {
    const rows = tf.reshape(values!, [indices!.size, ...node.shape.slice(1)]);
    return tf.unsortedSegmentSum(rows, tf.reshape(indices!, [-1]) as tf.Tensor1D, node.shape[0]!);
  },
  sequenceMask: (node, [lengths]) =>
    tf.cast(tf.less(tf.reshape(tf.range(0, node.shape[0]!, 1, 'int32'), [-1, 1]), lengths!), 'float32'),
  lstm: (_, inputs) => lstm(inputs),
  lstmGradient: (node, inputs) => lstmGradient(node.attributes.of, inputs),
};

class OracleModel implements Model {
  readonly #definition: ModelDefinition;
  readonly #states = new Map<string, tf.Tensor>();
  readonly #programs = new Map<string, { program: Program; values: Map<Node, tf.Tensor> }>();

  constructor(definition: ModelDefinition) {
    this.#definition = definition;
    for (const [name, { shape, data }] of Object.entries(definition.weights)) {
      this.#states.set(name, tf.tensor(data.slice(), [...shape], 'float32'));
    }
  }

  async run(name: string, stageName: string, inputs: Readonly<Record<string, TypedArray>>) {
    const known = this.#programs.get(name) ?? { program: this.#definition.programs[name]!(), values: new Map() };
    this.#programs.set(name, known);
    const { program } = known;
    const stage = program.stages.find((s) => s.name === stageName)!;
    if (stage === program.stages[0]) known.values.clear();
    const values: Map<Node, tf.Tensor> = known.values;
    const value = (node: Node): tf.Tensor => {
      let result = values.get(node);
      if (result) return result;
      if (node.op === 'input') {
        const data = inputs[node.attributes.name];
        if (!data) throw new Error(`the input ${node.attributes.name} is missing`);
        result = tf.tensor(data.slice(), [...node.shape], node.dtype);
      } else if (node.op === 'state') {
        result = this.#states.get(node.attributes.name) ?? tf.zeros([...node.shape]);
      } else {
        const evaluate = EVALUATE[node.op] as Evaluate<Op>;
        result = evaluate(node as NodeOf<Op>, node.inputs.map(value));
      }
      expectShape(node, result);
      values.set(node, result);
      return result;
    };
    const outputs = Object.fromEntries(
      Object.entries(stage.outputs).map(([key, node]) => [key, value(node).dataSync() as Float32Array]),
    );
    const updates = Object.entries(stage.updates ?? {}).map(([key, node]) => [key, value(node)] as const);
    for (const [key, updated] of updates) this.#states.set(key, updated);
    return outputs;
  }

  async read(names: readonly string[] = [...this.#states.keys()]): Promise<State> {
    return Object.fromEntries(
      names.map((name) => {
        const state = this.#states.get(name)!;
        return [name, { shape: state.shape, data: (state.dataSync() as Float32Array).slice() }];
      }),
    );
  }

  async write(state: State): Promise<void> {
    for (const [name, { shape, data }] of Object.entries(state)) {
      this.#states.set(name, tf.tensor(data.slice(), [...shape], 'float32'));
    }
  }

  async dispose(): Promise<void> {
    this.#states.clear();
    this.#programs.clear();
  }
}

function expectShape(node: Node, { shape }: tf.Tensor): void {
  if (String(shape) !== String(node.shape)) {
    throw new Error(`${node.op}: TensorFlow.js gives [${shape}], the shape rule says [${node.shape}]`);
  }
}

/** TensorFlow.js on the CPU, as an engine. */
export const oracleEngine: Omit<Engine, 'name'> = {
  createModel: async (definition) => {
    await tf.setBackend('cpu');
    return new OracleModel(definition);
  },
};
