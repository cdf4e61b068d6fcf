// What goes wrong is said in one clear message: by a model, and where TensorFlow is missing.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, type Model } from '../../../../server/tensor/index.ts';
import { tensorflowEngine, tensorflowStatus } from '../../../../server/tensor/tensorflow/index.ts';
import { BATCH, backward, bilstm, forward } from './bilstm.ts';

describe('a model', () => {
  let model: Model;
  beforeAll(async () => {
    model = await tensorflowEngine.createModel(bilstm, { threads: 1 });
  });
  const lengths = new Int32Array(BATCH);

  it('knows its programs, stages and states', async () => {
    await expect(model.run('sentences of 7', 'forward', {})).rejects.toThrow(
      'no stage forward of a program sentences of 7',
    );
    await expect(model.run('sentences of 5', 'sideways', {})).rejects.toThrow('no stage sideways');
    await expect(model.read(['nothing'])).rejects.toThrow('the model has no state nothing');
    const wrong = { shape: [2], data: new Float32Array(2) };
    await expect(model.write({ 'output.bias': wrong })).rejects.toThrow('the state output.bias is [3], not [2]');
  });

  it('refuses inputs that do not fit', async () => {
    const x = new Float32Array(7);
    await expect(model.run('sentences of 5', 'forward', { x, lengths })).rejects.toThrow(
      'input x is float32 [5,4,6]; given: Float32Array of 7',
    );
    await expect(model.run('sentences of 5', 'forward', { lengths })).rejects.toThrow('given: nothing');
  });

  it('refuses stages out of order, and goes on afterwards', async () => {
    await expect(backward(model, 9, 1)).rejects.toThrow('have to run in their order');
    await forward(model, 9, 1);
    expect((await backward(model, 9, 1)).every(Number.isFinite)).toBe(true);
  });

  it('refuses states of two shapes', async () => {
    const graph = new Graph();
    const program = { graph, stages: [{ name: 'forward', outputs: { y: graph.state('output.bias', [4]) } }] };
    const definition = { ...bilstm, programs: { ...bilstm.programs, other: () => program } };
    await expect(tensorflowEngine.createModel(definition, { threads: 1 })).rejects.toThrow(
      'state output.bias is [3] and [4] in one model',
    );
  });

  it('runs no more when it was disposed of', async () => {
    const other = await tensorflowEngine.createModel(bilstm, { threads: 1 });
    await other.dispose();
    await expect(forward(other, 5, 1)).rejects.toThrow('the model was disposed of');
  });
});

describe('without TensorFlow', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crosstag-no-tensorflow-'));
    await build({
      stdin: {
        contents: `import { tensorflowStatus } from './server/tensor/tensorflow/index.ts';
          console.log(JSON.stringify(tensorflowStatus()));`,
        resolveDir: resolve('.'),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(folder, 'status.mjs'),
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const status = (env: NodeJS.ProcessEnv = {}) =>
    JSON.parse(execFileSync(process.execPath, [join(folder, 'status.mjs')], { env, encoding: 'utf8' }));

  it('says that the package is not installed', () => {
    expect(status()).toEqual({
      available: false,
      reason: '@tensorflow/tfjs-node is not installed',
      remedy: 'run `npm run setup:tensorflow`',
    });
  });

  it('says that the native library is missing', () => {
    const name = 'node_modules/@tensorflow/tfjs-node';
    for (const part of ['package.json', 'dist'])
      cpSync(join(name, part), join(folder, name, part), { recursive: true });
    expect(status({ NODE_PATH: resolve('node_modules') })).toMatchObject({
      reason: '@tensorflow/tfjs-node has no native library',
    });
  });

  it('says what it runs on where it is set up', () => {
    expect(tensorflowStatus()).toMatchObject({ available: true, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });
});
