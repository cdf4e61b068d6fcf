// The same operations and training steps on each GPU engine, where a device answers (gpus.ts).
import { describe, expect, it } from 'vitest';
import { Graph, type Program } from '../../../server/tensor/index.ts';
import { ortEngine, type Provider } from '../../../server/tensor/ort/index.ts';
import { expectClose, runCase } from './agreement.ts';
import { OP_CASES } from './cases.ts';
import { GPUS, workingGpus } from './gpus.ts';
import { adamAt, type TaggerSizes, taggerInputs, taggerProgram, taggerState } from './tagger-program.ts';

const works = await workingGpus();

describe.each(GPUS)('%s', (name) => {
  describe.skipIf(!works.get(name))('where a device answers', () => {
    describe.each(Object.entries(OP_CASES))('%s', (_, cases) => {
      it.each(cases.map((opCase, i) => [i, opCase] as const))('case %i', async (_, opCase) => {
        const [gpu, cpu] = [await runCase(ortEngine(name), opCase), await runCase(ortEngine('cpu'), opCase)];
        expectClose(gpu.y, cpu.y, 1e-5, 'value');
        for (const [input, gradient] of Object.entries(cpu.gradients)) {
          expectClose(gpu.gradients[input]!, gradient, 5e-5, `gradient of ${input}`);
        }
      });
    });

    it('keeps weights when the program that last changed them is forgotten', async () => {
      const growing = (rows: number) => (): Program => {
        const g = new Graph();
        const weight = g.state('weight', [300, 40]);
        const sum = g.sum(g.matMul(g.input('x', [rows, 300]), weight));
        const stages: Program['stages'] = [
          { name: 'first', outputs: { sum } },
          { name: 'second', outputs: {}, updates: { weight: g.add(weight, g.mul(weight, sum)) } },
        ];
        return { graph: g, stages };
      };
      const programs = { 2: growing(2), 3: growing(3), 4: growing(4) };
      const run = async (provider: Provider) => {
        const weights = { weight: { shape: [300, 40], data: new Float32Array(12000).fill(0.01) } };
        const model = await ortEngine(provider).createModel({ weights, programs }, { threads: 1, programs: 1 });
        for (const rows of [2, 3, 4, 2, 3]) {
          await model.run(`${rows}`, 'first', { x: new Float32Array(300 * rows).fill(1e-4) });
          await model.run(`${rows}`, 'second', {});
        }
        const { weight } = await model.read(['weight']);
        await model.dispose();
        return weight!.data;
      };
      expectClose(await run(name), await run('cpu'), 1e-5);
    });

    it('trains as on the CPU', async () => {
      const sizes: TaggerSizes = { time: 3, batch: 2, input: 3, hidden: 2, tags: 3 };
      const run = async (provider: Provider) => {
        const definition = { weights: taggerState(sizes), programs: { main: () => taggerProgram(sizes) } };
        const model = await ortEngine(provider).createModel(definition, { threads: 1 });
        const saved = [];
        for (let step = 1; step <= 4; step++) {
          const { emissions } = await model.run('main', 'forward', taggerInputs(sizes));
          await model.run('main', 'backward', { dEmissions: emissions!.slice(), ...adamAt(step) });
          if (step === 2) await model.write(await model.read());
          saved.push(await model.read());
        }
        await model.dispose();
        return saved;
      };
      const [gpu, cpu] = [await run(name), await run('cpu')];
      expect(gpu.length).toBe(cpu.length);
      cpu.forEach((state, step) => {
        for (const [weight, { data }] of Object.entries(state)) {
          expectClose(gpu[step]![weight]!.data, data, 1e-4, `${weight} after step ${step + 1}`);
        }
      });
    });
  });
});
