// A small BiLSTM with its training step in two stages, for the tests of a model's life.
import {
  adam,
  adamInputs,
  Graph,
  gradients,
  type Model,
  type ModelDefinition,
  type Program,
  type Shape,
} from '../../../../server/tensor/index.ts';
import { weights } from '../cases.ts';

export const BATCH = 4;
const INPUT = 6;
const HIDDEN = 5;
const TAGS = 3;

const SHAPES: Readonly<Record<string, Shape>> = {
  'forward.weight': [INPUT + HIDDEN, 4 * HIDDEN],
  'forward.bias': [4 * HIDDEN],
  'backward.weight': [INPUT + HIDDEN, 4 * HIDDEN],
  'backward.bias': [4 * HIDDEN],
  'output.weight': [2 * HIDDEN, TAGS],
  'output.bias': [TAGS],
};

/** `forward`: x, lengths -> emissions; `backward`: gradient -> dx, and all weights updated. */
function training(time: number): Program {
  const graph = new Graph();
  const x = graph.input('x', [time, BATCH, INPUT]);
  const lengths = graph.input('lengths', [BATCH], 'int32');
  const state = (name: string) => graph.state(name, SHAPES[name]!);
  const lstm = (direction: string) => ({ weight: state(`${direction}.weight`), bias: state(`${direction}.bias`) });
  const y = graph.lstm(x, lengths, lstm('forward'), lstm('backward'));
  const emissions = graph.linear(y, state('output.weight'), state('output.bias'));
  const names = Object.keys(SHAPES);
  const gradient = graph.input('gradient', emissions.shape);
  const [dx, ...dWeights] = gradients(graph, [{ node: emissions, gradient }], [x, ...names.map(state)]);
  const named = Object.fromEntries(names.map((name, i) => [name, dWeights[i]!]));
  const updates = adam(graph, named, { beta1: 0.9, beta2: 0.999, clipNorm: 1 });
  return {
    graph,
    stages: [
      { name: 'forward', outputs: { emissions } },
      { name: 'backward', outputs: { dx: dx! }, updates },
    ],
  };
}

export const bilstm: ModelDefinition = {
  weights: Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, weights(shape) as never])),
  programs: Object.fromEntries([1, 5, 9].map((time) => [`sentences of ${time}`, () => training(time)])),
};

/** Sequences that differ from step to step, ragged, some of them empty. */
function batchOf(time: number, step: number) {
  const values = (shape: Shape, factor: number) =>
    weights(shape).data.map((v, i) => factor * v * Math.cos(i + step)) as Float32Array;
  return {
    x: values([time, BATCH, INPUT], 2),
    lengths: Int32Array.from({ length: BATCH }, (_, i) => (i * 3 + step) % (time + 1)),
    gradient: values([time, BATCH, TAGS], 1),
  };
}

export async function forward(model: Model, time: number, step: number) {
  const { x, lengths } = batchOf(time, step);
  const { emissions } = await model.run(`sentences of ${time}`, 'forward', { x, lengths });
  return emissions!.slice();
}

export async function backward(model: Model, time: number, step: number) {
  const rates = adamInputs(step, { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-6 });
  const { gradient } = batchOf(time, step);
  const { dx } = await model.run(`sentences of ${time}`, 'backward', { gradient, ...rates });
  return dx!.slice();
}
