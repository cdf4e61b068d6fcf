// Adam and clipping: the golden numbers, and both places for epsilon against the textbook in float64.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import { adam, adamInputs, firstMoment, secondMoment } from '../../../server/tensor/graph/optimiser.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { expectClose } from './agreement.ts';
import { oracleEngine } from './oracle.ts';

const GOLDEN = '../shared/golden/adam-steps.json';

interface GoldenStep {
  readonly gradient: number[];
  readonly m: number[];
  readonly v: number[];
  readonly w: number[];
}

interface Golden {
  readonly tolerance: number;
  readonly constants: { beta1: number; beta2: number; epsilon: number; clip_global_norm: number };
  readonly vector: { lr: number; start: number[]; global_norm: GoldenStep[]; no_clipping: GoldenStep[] };
}

interface Betas {
  readonly beta1: number;
  readonly beta2: number;
}

/** A model of one vector `w` whose gradient is fed; it is split in two weights where `parts` is 2. */
async function vectorModel(engine: typeof oracleEngine, start: number[], options: Betas & { clipNorm?: number }) {
  const build = () => {
    const graph = new Graph();
    const gradient = graph.input('gradient', [start.length]);
    const [a, b] = graph.split(gradient, [2, start.length - 2], 0);
    return { graph, stages: [{ name: 'step', outputs: {}, updates: adam(graph, { a: a!, b: b! }, options) }] };
  };
  const part = (from: number, to?: number) => {
    const data = Float32Array.from(start.slice(from, to));
    return { shape: [data.length], data };
  };
  const model = await engine.createModel(
    { weights: { a: part(0, 2), b: part(2) }, programs: { main: build } },
    { threads: 1 },
  );
  const joined = async (name: (weight: string) => string) => {
    const state = await model.read([name('a'), name('b')]);
    return [...state[name('a')]!.data, ...state[name('b')]!.data];
  };
  return { model, joined };
}

describe.each([
  ['oracle', oracleEngine],
  ['cpu', ortEngine('cpu')],
] as const)('Adam on %s', (_, engine) => {
  describe.skipIf(!existsSync(GOLDEN))('golden', () => {
    it.each(['global_norm', 'no_clipping'] as const)('%s', async (which) => {
      const { constants, vector, tolerance } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Golden;
      const { beta1, beta2, epsilon, clip_global_norm: clipNorm } = constants;
      const options = { beta1, beta2, ...(which === 'global_norm' && { clipNorm }) };
      const { model, joined } = await vectorModel(engine, vector.start, options);
      for (const [i, { gradient, m, v, w }] of vector[which].entries()) {
        const rate = adamInputs(i + 1, { learningRate: vector.lr, beta1, beta2, epsilon });
        await model.run('main', 'step', { gradient: Float32Array.from(gradient), ...rate });
        expectClose(await joined((name) => name), w, tolerance, `w after step ${i + 1}`);
        expectClose(await joined(firstMoment), m, tolerance, 'm');
        expectClose(await joined(secondMoment), v, tolerance, 'v');
      }
      await model.dispose();
    });
  });

  it.each([false, true])('puts epsilon where it is told to (correctEpsilon %s)', async (correctEpsilon) => {
    const [beta1, beta2, epsilon, learningRate] = [0.8, 0.9, 0.3, 0.1];
    const start = [0.5, -0.25, 1, 2];
    const { model, joined } = await vectorModel(engine, start, { beta1, beta2 });
    const w = [...start];
    const [m, v] = [start.map(() => 0), start.map(() => 0)];
    for (let t = 1; t <= 4; t++) {
      const gradient = start.map((x, i) => Math.cos(t * (i + 1)) * x);
      const inputs = adamInputs(t, { learningRate, beta1, beta2, epsilon, correctEpsilon });
      await model.run('main', 'step', { gradient: Float32Array.from(gradient), ...inputs });
      gradient.forEach((g, i) => {
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const mean = m[i]! / (1 - beta1 ** t);
        const deviation = Math.sqrt(v[i]! / (1 - beta2 ** t));
        const added = correctEpsilon ? epsilon : epsilon / Math.sqrt(1 - beta2 ** t);
        w[i] = w[i]! - (learningRate * mean) / (deviation + added);
      });
    }
    const result = await joined((name) => name);
    expectClose(result, w, 1e-6, 'w');
    expect(result).not.toEqual(start);
    await model.dispose();
  });
});
