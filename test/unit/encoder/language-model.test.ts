// Sampled softmax against its definition in float64, and what it must not cost.
import { expect, it } from 'vitest';
import { sampledSoftmax } from '../../../server/encoder/language-model.ts';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { expectClose } from '../tensor/agreement.ts';

const [WORDS, SAMPLES, HIDDEN] = [4, 6, 3];
const HIT = -1e9;

function build() {
  const g = new Graph();
  const words = (name: string) => g.input(name, [WORDS]);
  const rows = (name: string, count: number) => g.input(name, [count, HIDDEN]);
  const loss = sampledSoftmax(
    g,
    { states: rows('states', WORDS), targets: rows('targets', WORDS), mask: words('mask'), weight: words('weight') },
    rows('negatives', SAMPLES),
    g.input('correction', [SAMPLES]),
    words('own'),
    words('hit'),
  );
  return { g, loss };
}

const numbers = (length: number, from: number, size: number) =>
  Float32Array.from({ length }, (_, i) => size * Math.sin(from + 1.7 * i));

it.each([1, 30])('gives losses and gradients of the logits by their definition, logits of about %i', async (size) => {
  const inputs = {
    states: numbers(WORDS * HIDDEN, 1, size),
    targets: numbers(WORDS * HIDDEN, 2, 1),
    negatives: numbers(SAMPLES * HIDDEN, 3, 1),
    correction: numbers(SAMPLES, 4, 2),
    own: numbers(WORDS, 5, 2),
    hit: Float32Array.of(0, HIT, 0, 0),
    mask: Float32Array.of(1, 1, 1, 0),
    weight: Float32Array.of(0.5, 0.25, 0.25, 0),
  };
  const programs = {
    main: () => {
      const { g, loss } = build();
      const [others, target] = loss.outputs.map(({ gradient }) => gradient as ReturnType<Graph['constant']>);
      return {
        graph: g,
        stages: [{ name: 'run', outputs: { perWord: loss.perWord, others: others!, target: target! } }],
      };
    },
  };
  const model = await ortEngine('cpu').createModel({ weights: {}, programs }, { threads: 1 });
  const found = await model.run('main', 'run', inputs);
  const expected = { perWord: [] as number[], others: [] as number[], target: [] as number[] };
  const { states, targets, negatives, correction, own, hit, mask, weight } = inputs;
  for (let w = 0; w < WORDS; w++) {
    const product = (rows: Float32Array, row: number) =>
      [0, 1, 2].reduce((sum, k) => sum + states[w * HIDDEN + k]! * rows[row * HIDDEN + k]!, 0);
    const target = product(targets, w) + own[w]!;
    const logits = Array.from({ length: SAMPLES }, (_, s) => product(negatives, s) + correction[s]!);
    const most = Math.max(...logits, target + hit[w]!);
    const total = [...logits, target + hit[w]!].reduce((sum, x) => sum + Math.exp(x - most), 0);
    const probability = (x: number) => Math.exp(x - most) / total;
    expected.perWord.push((most + Math.log(total) - target) * mask[w]!);
    expected.others.push(...logits.map((x) => probability(x) * weight[w]!));
    expected.target.push(probability(target + hit[w]!) * weight[w]! - weight[w]!);
  }
  for (const name of ['perWord', 'others', 'target'] as const) expectClose(found[name]!, expected[name], 2e-5, name);
  await model.dispose();
});

it('never copies the logits to put a column beside them', () => {
  const { g } = build();
  const wide = g.nodes.filter(({ shape }) => shape.length === 2 && shape[0] === WORDS && shape[1]! > SAMPLES);
  expect(wide).toEqual([]);
});
