// The life of a model on TensorFlow: training steps whose state stays in the session, beside onnxruntime; reading and writing it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, type Model } from '../../../../server/tensor/index.ts';
import { ortEngine } from '../../../../server/tensor/ort/index.ts';
import { tensorflowEngine } from '../../../../server/tensor/tensorflow/index.ts';
import { expectClose } from '../agreement.ts';
import { backward, bilstm, forward } from './bilstm.ts';

const threads = 1;
const open: Model[] = [];

async function modelOn(engine: typeof tensorflowEngine): Promise<Model> {
  const model = await engine.createModel(bilstm, { threads });
  open.push(model);
  return model;
}

afterAll(async () => {
  for (const model of open) await model.dispose();
});

describe('several training steps', () => {
  let tensorflow: Model;
  let onnxruntime: Model;
  beforeAll(async () => {
    [tensorflow, onnxruntime] = [await modelOn(tensorflowEngine), await modelOn(ortEngine('cpu'))];
  });

  it('gives the emissions, gradients, weights and moments of onnxruntime', async () => {
    for (let step = 1; step <= 6; step++) {
      const time = [1, 5, 9][step % 3]!; // three programs, the same weights
      expectClose(await forward(tensorflow, time, step), await forward(onnxruntime, time, step), 1e-5, `step ${step}`);
      const dx = await backward(onnxruntime, time, step);
      expectClose(await backward(tensorflow, time, step), dx, 1e-5, `dx of step ${step}`);
      expect(dx.some((v) => v !== 0)).toBe(true);
    }
    const [state, expected] = [await tensorflow.read(), await onnxruntime.read()];
    expect(Object.keys(state).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { shape, data }] of Object.entries(expected)) {
      expect(state[name]!.shape).toEqual(shape);
      expectClose(state[name]!.data, data, 1e-5, name);
    }
    const initial = bilstm.weights['forward.weight']!.data;
    expect(state['forward.weight']!.data.some((v, i) => Math.abs(v - initial[i]!) > 0.01)).toBe(true);
  });

  it('keeps what a stage hands over apart for each program', async () => {
    const [a, b] = [await modelOn(tensorflowEngine), await modelOn(tensorflowEngine)];
    await forward(a, 5, 1);
    await forward(a, 9, 2);
    await forward(b, 5, 1);
    expect(await backward(a, 5, 1)).toEqual(await backward(b, 5, 1));
  });

  it('repeats itself bit for bit', async () => {
    const run = async () => {
      const model = await modelOn(tensorflowEngine);
      for (let step = 1; step <= 3; step++) {
        await forward(model, 9, step);
        await backward(model, 9, step);
      }
      return model.read();
    };
    expect(await run()).toEqual(await run());
  });
});

describe('reading and writing state', () => {
  it('starts with the given weights and with moments of zero', async () => {
    const state = await (await modelOn(tensorflowEngine)).read();
    for (const [name, { data }] of Object.entries(bilstm.weights)) expect(state[name]!.data).toEqual(data);
    expect(state['forward.weight.adam.m']!.data.every((v) => v === 0)).toBe(true);
  });

  it('goes on from a written state as if it had never stopped', async () => {
    const [first, second] = [await modelOn(tensorflowEngine), await modelOn(tensorflowEngine)];
    await forward(first, 5, 1);
    await backward(first, 5, 1);
    await second.write(await first.read());
    for (const model of [first, second]) {
      await forward(model, 9, 2);
      await backward(model, 9, 2);
    }
    expect(await second.read()).toEqual(await first.read());
  });

  it('replaces the named states by copies and leaves the others', async () => {
    const model = await modelOn(tensorflowEngine);
    await forward(model, 5, 1);
    await backward(model, 5, 1);
    const before = await model.read();
    const bias = Float32Array.of(1, 2, 3);
    await model.write({
      'output.bias': { shape: [3], data: bias },
      'of no program': { shape: [1], data: bias.slice(0, 1) },
    });
    bias.fill(0);
    const { 'of no program': unused, ...after } = await model.read();
    expect(unused!.data).toEqual(Float32Array.of(1));
    expect(after).toEqual({ ...before, 'output.bias': { shape: [3], data: Float32Array.of(1, 2, 3) } });
    expect(await model.read(['output.bias'])).toEqual({ 'output.bias': after['output.bias'] });
    // The caller owns what was read
    after['output.bias']!.data.fill(9);
    expect((await model.read(['output.bias']))['output.bias']!.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('never keeps the memory of the caller', async () => {
    const graph = new Graph();
    const stage = { name: 'store', outputs: {}, updates: { s: graph.input('x', [3]) } };
    const definition = { weights: {}, programs: { main: () => ({ graph, stages: [stage] }) } };
    const model = await tensorflowEngine.createModel(definition, { threads });
    open.push(model);
    const buffer = new ArrayBuffer(4 * (16 + 3));
    // tfjs shares arrays that begin at a multiple of 64 bytes: one of 16 in a row does
    for (let offset = 0; offset < 16; offset++) {
      const values = new Float32Array(buffer, 4 * offset, 3);
      const check = async () => {
        values.fill(0);
        expect((await model.read()).s!.data).toEqual(Float32Array.of(offset, 1, 2));
      };
      values.set([offset, 1, 2]);
      await model.write({ s: { shape: [3], data: values } });
      await check();
      values.set([offset, 1, 2]);
      await model.run('main', 'store', { x: values });
      await check();
    }
  });
});
