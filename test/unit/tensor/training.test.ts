// Whole training steps: stages, what is carried between them, weights that live in the engine, repeatability.
import { describe, expect, it } from 'vitest';
import type { Engine, EngineOptions, Model, State } from '../../../server/tensor/engine.ts';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import { unrollLstm } from '../../../server/tensor/graph/lstm.ts';
import { packProgram, unpackProgram } from '../../../server/tensor/graph/packed.ts';
import { type Program, planStages } from '../../../server/tensor/graph/program.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { Pool } from '../../../server/tensor/pool.ts';
import { expectClose } from './agreement.ts';
import { oracleEngine } from './oracle.ts';
import { adamAt, type TaggerSizes, taggerInputs, taggerProgram, taggerState } from './tagger-program.ts';

const SIZES: TaggerSizes = { time: 5, batch: 4, input: 3, hidden: 2, tags: 3 };
const LONG: TaggerSizes = { ...SIZES, time: 9 };

function create(
  engine: Omit<Engine, 'name'>,
  weights: State = taggerState(SIZES),
  options: Partial<EngineOptions> = {},
): Promise<Model> {
  const programs = { short: () => taggerProgram(SIZES), long: () => taggerProgram(LONG) };
  return engine.createModel({ weights, programs }, { threads: 1, ...options });
}

/** One step; the loss is half the sum of squared emissions, so their gradient is themselves. */
async function step(model: Model, number: number): Promise<number> {
  const [program, sizes] = number % 2 === 1 ? (['short', SIZES] as const) : (['long', LONG] as const);
  const { emissions } = await model.run(program, 'forward', taggerInputs(sizes));
  const loss = emissions!.reduce((sum, e) => sum + (e * e) / 2, 0) / sizes.time;
  const dEmissions = emissions!.map((e) => e / sizes.time);
  await model.run(program, 'backward', { dEmissions, ...adamAt(number) });
  return loss;
}

async function train(model: Model, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let number = from; number <= to; number++) losses.push(await step(model, number));
  return losses;
}

describe('training', () => {
  it('learns the same on onnxruntime and on the oracle, with two programs that share their weights', async () => {
    const [cpu, oracle] = [await create(ortEngine('cpu')), await create(oracleEngine)];
    const losses = await train(cpu, 1, 6);
    expectClose(losses, await train(oracle, 1, 6), 1e-5, 'losses');
    expect(losses.at(-2)).toBeLessThan(losses[0]!);
    const [ours, theirs] = [await cpu.read(), await oracle.read()];
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
    for (const [name, { data, shape }] of Object.entries(ours)) {
      expect(shape).toEqual(theirs[name]!.shape);
      expectClose(data, theirs[name]!.data, 2e-5, name);
    }
    await cpu.dispose();
  });

  it('is repeatable bit for bit, also from a saved state on', async () => {
    const whole = await create(ortEngine('cpu'));
    const losses = await train(whole, 1, 3);
    const saved = await whole.read();
    const rest = await train(whole, 4, 6);

    const again = await create(ortEngine('cpu'));
    expect(await train(again, 1, 6)).toEqual([...losses, ...rest]);
    const resumed = await create(ortEngine('cpu'), saved);
    expect(await train(resumed, 4, 6)).toEqual(rest);
    expect(await resumed.read()).toEqual(await whole.read());

    await resumed.write(saved);
    expect(await train(resumed, 4, 6)).toEqual(rest);
    for (const model of [whole, again, resumed]) await model.dispose();
  });

  it('gives the same, bit for bit, where memory is not kept and one program stays compiled at a time', async () => {
    const keeping = await create(ortEngine('cpu'));
    const sparing = await create(ortEngine('cpu'), taggerState(SIZES), {
      keepMemory: false,
      programs: 1,
      pool: new Pool(),
    });
    expect(await train(sparing, 1, 6)).toEqual(await train(keeping, 1, 6));
    expect(await sparing.read()).toEqual(await keeping.read());
    for (const model of [keeping, sparing]) await model.dispose();
  });

  it('leaves the given weights and what it has read alone', async () => {
    const weights = taggerState(SIZES);
    const model = await create(ortEngine('cpu'), weights);
    const before = await model.read(['out.bias']);
    await train(model, 1, 2);
    expect(weights).toEqual(taggerState(SIZES));
    expect(before['out.bias']!.data).toEqual(weights['out.bias']!.data);
    expect((await model.read(['out.bias']))['out.bias']!.data).not.toEqual(weights['out.bias']!.data);
    await model.dispose();
  });

  it('says what is wrong with inputs and order', async () => {
    const model = await create(ortEngine('cpu'));
    const { x, lengths } = taggerInputs(SIZES);
    await expect(model.run('none', 'forward', {})).rejects.toThrow('no program none');
    await expect(model.run('short', 'middle', {})).rejects.toThrow('no stage middle');
    await expect(model.run('short', 'forward', { x: x! })).rejects.toThrow('needs the input lengths');
    await expect(model.run('short', 'forward', { x: x!.subarray(1), lengths: lengths! })).rejects.toThrow(
      'the input x must be float32 [5,4,3], not 59 values',
    );
    const dEmissions = new Float32Array(SIZES.time * SIZES.batch * SIZES.tags);
    await expect(model.run('short', 'backward', { dEmissions, ...adamAt(1) })).rejects.toThrow(
      'must run after the stages before it',
    );
    await expect(model.read(['nothing'])).rejects.toThrow('no state nothing');
    await model.dispose();
  });
});

describe('stages', () => {
  it('compute every value once, carry what is left, and feed each input once', () => {
    const [forward, backward] = planStages(unrollLstm(taggerProgram(SIZES)));
    expect(forward!.fed.map((n) => n.attributes.name).sort()).toEqual(['lengths', 'x']);
    expect(backward!.fed.map((n) => n.attributes.name).sort()).toEqual(['adam.epsilon', 'adam.rate', 'dEmissions']);
    expect(forward!.carriedOut).toEqual(backward!.carriedIn);
    // Few large values cross, not the pieces of every time step
    expect(backward!.carriedIn.length).toBeLessThan(15);
    const views = new Set(['reshape', 'transpose', 'broadcast', 'slice', 'sequenceMask', 'constant']);
    const twice = forward!.nodes.filter((node) => backward!.nodes.includes(node) && !views.has(node.op));
    expect(twice.map((node) => node.op)).toEqual([]);
  });

  it('compute again what the program says, and early what it says', () => {
    const g = new Graph();
    const x = g.input('x', [4]);
    const kept = g.tanh(x);
    const inner = g.exp(kept);
    const y = g.sqrt(inner);
    const gradient = g.mul(inner, y);
    const program: Program = {
      graph: g,
      stages: [
        { name: 'forward', outputs: { y }, prepares: [g.neg(kept)] },
        { name: 'backward', outputs: { gradient, early: g.neg(kept) } },
      ],
      again: new Set([inner, y]),
    };
    for (const same of [program, unrollLstm(program), unpackProgram(packProgram(program))]) {
      const [forward, backward] = planStages(same);
      expect(forward!.nodes.map(({ op }) => op)).toEqual(['tanh', 'exp', 'sqrt', 'neg']);
      expect(backward!.nodes.map(({ op }) => op)).toEqual(['exp', 'sqrt', 'mul']);
      expect(backward!.carriedIn.map(({ op }) => op).sort()).toEqual(['neg', 'tanh']);
    }
  });
});
