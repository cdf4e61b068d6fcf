// The network builders give the numbers of the original code, forward and backward, whichever engine runs them.
import { describe, it } from 'vitest';
import { Crf } from '../../../../server/tagger/crf.ts';
import { buildCharacters, characterShapes } from '../../../../server/tagger/deep/characters.ts';
import { type Mixing, mixingShapes, mixLayers } from '../../../../server/tagger/deep/mixing.ts';
import { buildNetwork, networkShapes } from '../../../../server/tagger/deep/network.ts';
import { TRANSITIONS } from '../../../../server/tagger/deep/weights.ts';
import { type Engine, Graph, gradients, type Node, type TypedArray } from '../../../../server/tensor/index.ts';
import {
  expectClose,
  expectSameGradient,
  flat,
  golden,
  hasGolden,
  type Nested,
  shapeOf,
  stateOf,
  swap,
} from './golden.ts';

type Inputs = Record<string, TypedArray>;
type Named = Record<string, Nested>;

interface CharacterFile {
  char_dim: number;
  hidden: number;
  char_ids: number[][][];
  word_lengths: number[][];
  weights: Named;
  states: Nested;
  coefficients: Nested;
  gradient: Named;
  tolerance: number;
}

interface TaggerFile {
  hidden: number;
  tags: number;
  features: Nested;
  lengths: number[];
  labels: number[][];
  weights: Named;
  emissions: Nested;
  loss: number;
  gradient: Named;
  tolerance: number;
}

interface MixingFile {
  layers: number;
  hidden: number;
  states: Nested;
  cases: Record<string, { weights: Named; features: Nested; coefficients: Nested; gradient: Named }>;
  tolerance: number;
}

/** Runs `forward`, asks for the gradient of its output, runs `backward`. */
async function run(
  engine: Engine,
  graph: Graph,
  output: Node,
  targets: Record<string, Node>,
  weights: ReturnType<typeof stateOf>,
  inputs: Inputs,
  gradientOf: (output: Float32Array) => Float32Array,
) {
  const dy = graph.input('gradient', output.shape);
  const found = gradients(graph, [{ node: output, gradient: dy }], Object.values(targets));
  const outputs = Object.fromEntries(Object.keys(targets).map((name, i) => [name, found[i]!]));
  const stages = [
    { name: 'forward', outputs: { output } },
    { name: 'backward', outputs },
  ];
  const definition = { weights, programs: { test: () => ({ graph, stages }) } };
  const model = await engine.createModel(definition, { threads: 1 });
  const forward = (await model.run('test', 'forward', inputs)).output!.slice();
  const backward = await model.run('test', 'backward', { gradient: gradientOf(forward) });
  const copies = Object.fromEntries(Object.entries(backward).map(([name, data]) => [name, data.slice()]));
  await model.dispose();
  return { output: forward, gradients: copies };
}

function states(graph: Graph, shapes: Record<string, readonly number[]>): Record<string, Node> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.state(name, shape)]));
}

export function goldenTagger(engine: Engine): void {
  describe.skipIf(!hasGolden)('the original code', () => {
    describe('character BiLSTM', () => {
      it('gives the last states of words of length 0 to 5, and their gradients', async () => {
        const file = golden<CharacterFile>('char-bilstm');
        const { char_ids: ids, word_lengths: lengths, weights, gradient, tolerance } = file;
        const words = ids.flat();
        const shape = { characters: 9, width: file.char_dim, hidden: file.hidden };
        const { graph, states: output } = buildCharacters(shape, 5, words.length);
        const result = await run(
          engine,
          graph,
          output,
          states(graph, characterShapes(shape)),
          stateOf(weights),
          { characters: Int32Array.from(flat(swap(words))), lengths: Int32Array.from(lengths.flat()) },
          () => flat(file.coefficients),
        );
        expectClose(result.output, file.states, tolerance);
        for (const [name, value] of Object.entries(result.gradients)) expectSameGradient(value, gradient[name]!);
      });
    });

    describe('sentence network', () => {
      it('gives emissions, loss and gradients of all weights', async () => {
        const file = golden<TaggerFile>('tagger-forward');
        const { features, lengths, labels, weights, gradient, tolerance } = file;
        const [batch, time, gathered] = shapeOf(features) as [number, number, number];
        const shape = { gathered, hidden: file.hidden, tags: file.tags };
        const { graph, emissions: output } = buildNetwork(shape, time, batch, false);
        const { [TRANSITIONS]: transitions, ...inside } = weights;
        const crf = new Crf(file.tags);
        crf.setTransitions(flat(transitions!));
        const dTransitions = new Float32Array(file.tags ** 2);
        let found = 0;
        const result = await run(
          engine,
          graph,
          output,
          states(graph, networkShapes(shape)),
          stateOf(inside),
          { features: flat(swap(features)), lengths: Int32Array.from(lengths) },
          (scores) => {
            const rows = Array.from({ length: time * batch }, (_, i) =>
              scores.slice(i * file.tags, (i + 1) * file.tags),
            );
            const out = new Float32Array(scores.length);
            labels.forEach((tags, b) => {
              const own = flat(Array.from({ length: time }, (_, t) => [...rows[t * batch + b]!]));
              const dOwn = new Float32Array(own.length);
              const sums = { emissions: dOwn, transitions: dTransitions };
              found -= crf.logLikelihood(own, lengths[b]!, tags, sums, -1 / batch) / batch;
              for (let t = 0; t < time; t++) {
                out.set(dOwn.subarray(t * file.tags, (t + 1) * file.tags), (t * batch + b) * file.tags);
              }
            });
            return out;
          },
        );
        expectClose(result.output, swap(file.emissions), tolerance);
        expectClose([found], [file.loss], tolerance);
        expectSameGradient(dTransitions, gradient[TRANSITIONS]!);
        for (const [name, value] of Object.entries(result.gradients)) expectSameGradient(value, gradient[name]!);
      });
    });

    describe('mixing of encoder layers', () => {
      const mixings: Record<string, Mixing> = {
        layer_0: { layer: 0 },
        layer_2: { layer: 2 },
        all: 'all',
        fws: 'fws',
        sws: { sws: 5 },
      };
      it.each(Object.entries(mixings))('%s', async (name, mixing) => {
        const { states: given, cases, layers, hidden, tolerance } = golden<MixingFile>('feature-mixing');
        const { weights, features, coefficients, gradient } = cases[name]!;
        const input = { layers, hidden, mixing };
        const graph = new Graph();
        const source = graph.input('states', shapeOf(given));
        const output = mixLayers(graph, source, input);
        const targets = { states: source, ...states(graph, mixingShapes(input)) };
        const result = await run(engine, graph, output, targets, stateOf(weights), { states: flat(given) }, () =>
          flat(coefficients),
        );
        expectClose(result.output, features, tolerance);
        for (const [target, value] of Object.entries(result.gradients)) expectSameGradient(value, gradient[target]!);
      });
    });
  });
}
