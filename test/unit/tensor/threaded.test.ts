// A model in a thread of its own gives the numbers of one in the main thread, and its errors arrive.
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { Model } from '../../../server/tensor/engine.ts';
import { packProgram, unpackProgram } from '../../../server/tensor/graph/packed.ts';
import { adam, adamInputs, Graph, gradients, type Program, threadedEngine } from '../../../server/tensor/index.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';

/** Two stages: the loss of a linear map, and a step of Adam on its gradient. */
function program(): Program {
  const g = new Graph();
  const weight = g.state('weight', [3, 2]);
  const y = g.tanh(g.linear(g.gather(g.input('table', [4, 3]), g.input('rows', [5], 'int32')), weight));
  const loss = g.sum(g.mul(y, y));
  const [dw] = gradients(g, [{ node: loss, gradient: 1 }], [weight]);
  const updates = adam(g, { weight: dw! }, { beta1: 0.9, beta2: 0.99 });
  return {
    graph: g,
    stages: [
      { name: 'learn', outputs: { loss } },
      { name: 'update', outputs: {}, updates },
    ],
  };
}

const weights = { weight: { shape: [3, 2], data: Float32Array.from([0.1, -0.2, 0.3, 0.4, -0.5, 0.6]) } };
const inputs = { table: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)), rows: Int32Array.of(3, 0, 1, 1, 2) };

async function train(model: Model): Promise<{ losses: number[]; weight: Float32Array }> {
  const losses: number[] = [];
  for (let step = 1; step <= 3; step++) {
    const { loss } = await model.run('main', 'learn', inputs);
    losses.push(loss![0]!);
    await model.run('main', 'update', adamInputs(step, { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 }));
  }
  return { losses, weight: (await model.read(['weight'])).weight!.data };
}

it('trains to the same numbers', async () => {
  const definition = { weights, programs: { main: program } };
  const own = await ortEngine('cpu').createModel(definition, { threads: 1 });
  const threaded = await threadedEngine('cpu')!.createModel(definition, { threads: 1 });
  const expected = await train(own);
  expect(expected.losses[2]).toBeLessThan(expected.losses[0]!);
  expect(await train(threaded)).toEqual(expected);
  await threaded.write(weights);
  expect((await threaded.read()).weight).toEqual(weights.weight);
  await own.dispose();
  await threaded.dispose();
});

it('takes and gives large arrays of changing sizes through memory that both threads see', async () => {
  const double = (size: number) => () => {
    const g = new Graph();
    const x = g.input('x', [size]);
    return { graph: g, stages: [{ name: 'run', outputs: { y: g.add(x, x), sum: g.sum(x) } }] };
  };
  const programs = { long: double(5000), short: double(2000) };
  const model = await threadedEngine('cpu')!.createModel({ weights: {}, programs }, { threads: 1 });
  for (const [program, size] of [
    ['short', 2000],
    ['long', 5000],
    ['short', 2000],
  ] as const) {
    const x = Float32Array.from({ length: size }, (_, i) => i % 7);
    const { y, sum } = await model.run(program, 'run', { x });
    expect(y).toEqual(x.map((value) => 2 * value));
    expect(sum![0]).toBe(x.reduce((total, value) => total + value));
    expect([y!.buffer, sum!.buffer].map((buffer) => buffer instanceof SharedArrayBuffer)).toEqual([true, false]);
    expect(x[1]).toBe(1); // the caller keeps what it fed
  }
  await model.dispose();
});

it('says what is wrong', async () => {
  const model = await threadedEngine('cpu')!.createModel({ weights, programs: { main: program } }, { threads: 1 });
  await expect(model.run('other', 'learn', {})).rejects.toThrow('the model has no program other');
  await expect(model.run('main', 'learn', { table: inputs.table })).rejects.toThrow('main/learn needs the input rows');
  expect((await model.run('main', 'learn', inputs)).loss!.length).toBe(1); // it lives on
  await model.dispose();
});

/** The threads that are started while `work` runs. */
async function threadsOf(work: () => Promise<unknown>): Promise<Worker[]> {
  const found: Worker[] = [];
  const note = (worker: Worker) => found.push(worker);
  process.on('worker', note);
  await work();
  process.off('worker', note);
  return found;
}

it('says that its thread has ended, to whoever waits and to whoever comes later, and can be disposed of', async () => {
  let model: Model;
  const [thread] = await threadsOf(async () => {
    model = await threadedEngine('cpu')!.createModel({ weights, programs: { main: program } }, { threads: 1 });
  });
  const waiting = model!.run('main', 'learn', inputs);
  await Promise.all([expect(waiting).rejects.toThrow('the engine thread has ended'), thread!.terminate()]);
  await expect(model!.run('main', 'learn', inputs)).rejects.toThrow('the engine thread has ended');
  await model!.dispose();
});

it('leaves no thread behind where the model cannot be made', async () => {
  const wrong = { weight: { shape: [3, 2], data: undefined as unknown as Float32Array } };
  const [thread] = await threadsOf(async () => {
    const made = threadedEngine('cpu')!.createModel({ weights: wrong, programs: { main: program } }, { threads: 1 });
    await expect(made).rejects.toThrow();
  });
  expect(thread!.threadId).toBe(-1);
});

it('packs a program without references and unpacks the same', () => {
  const packed = packProgram(program());
  expect(packProgram(unpackProgram(structuredClone(packed)))).toEqual(packed);
});
