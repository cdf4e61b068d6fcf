// A small BiLSTM tagger as a program of two stages: what a training step looks like.
import type { State } from '../../../server/tensor/engine.ts';
import { gradients } from '../../../server/tensor/graph/gradients.ts';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import { adam, adamInputs } from '../../../server/tensor/graph/optimiser.ts';
import type { Program } from '../../../server/tensor/graph/program.ts';
import { integers, spread, weights } from './cases.ts';

export interface TaggerSizes {
  readonly time: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
  readonly tags: number;
}

const ADAM = { beta1: 0.9, beta2: 0.999 };

export function taggerState({ input, hidden, tags }: TaggerSizes): State {
  const float = (shape: number[], offset = 0) => ({ shape, data: weights(shape, offset).data as Float32Array });
  return {
    'forward.weight': float([input + hidden, 4 * hidden]),
    'forward.bias': float([4 * hidden]),
    'backward.weight': float([input + hidden, 4 * hidden], 0.1),
    'backward.bias': float([4 * hidden], 0.1),
    'out.weight': float([2 * hidden, tags]),
    'out.bias': float([tags]),
  };
}

/**
 * Stage `forward`: x, lengths -> emissions [time, batch, tags]. The caller computes the loss and its gradient there.
 * Stage `backward`: dEmissions -> dX, and new weights and moments.
 */
export function taggerProgram(sizes: TaggerSizes): Program {
  const { time, batch, input, tags } = sizes;
  const graph = new Graph();
  const x = graph.input('x', [time, batch, input]);
  const lengths = graph.input('lengths', [batch], 'int32');
  const names = Object.keys(taggerState(sizes));
  const w = Object.fromEntries(Object.entries(taggerState(sizes)).map(([n, { shape }]) => [n, graph.state(n, shape)]));
  const forward = { weight: w['forward.weight']!, bias: w['forward.bias']! };
  const backward = { weight: w['backward.weight']!, bias: w['backward.bias']! };
  const y = graph.lstm(x, lengths, forward, backward);
  const emissions = graph.linear(y, w['out.weight']!, w['out.bias']);

  const gradient = graph.input('dEmissions', [time, batch, tags]);
  const [dX, ...dWeights] = gradients(graph, [{ node: emissions, gradient }], [x, ...names.map((name) => w[name]!)]);
  const updates = adam(graph, Object.fromEntries(names.map((name, i) => [name, dWeights[i]!])), {
    ...ADAM,
    clipNorm: 1,
  });
  return {
    graph,
    stages: [
      { name: 'forward', outputs: { emissions } },
      { name: 'backward', outputs: { dX: dX! }, updates },
    ],
  };
}

export function taggerInputs({ time, batch, input }: TaggerSizes) {
  return {
    x: spread([time, batch, input]).data,
    lengths: integers(
      [batch],
      Array.from({ length: batch }, (_, b) => Math.max(0, time - b)),
    ).data,
  };
}

/** Scalars of Adam for step 1, 2, ... */
export const adamAt = (step: number) => adamInputs(step, { ...ADAM, learningRate: 0.01, epsilon: 1e-8 });
