// Which engines work on this machine, how fast they are, and which one to take.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { messageOf } from '../text/error-message.ts';
import type { Engine, EngineName } from './engine.ts';
import { Graph } from './graph/graph.ts';
import { ortEngine, type Provider } from './ort/index.ts';
import { encodeModel } from './ort/onnx.ts';
import { onnxruntime } from './ort/runtime.ts';
import { tensorflowEngine, tensorflowStatus } from './tensorflow/index.ts';

export const ENGINES: readonly EngineName[] = ['cpu', 'webgpu', 'cuda', 'tensorflow'];

/** One engine, as `crosstag doctor` tells of it. */
export interface EngineStatus {
  readonly name: EngineName;
  readonly available: boolean;
  /** Why it does not work and what to do about it; or what it runs on. */
  readonly reason: string;
  /** Of the library behind it; undefined where that is not installed. */
  readonly version: string | undefined;
  readonly device: string | undefined;
  /** Best of a few products of 512 x 512 x 2048 in float32; undefined where it does not work. */
  readonly gflops: number | undefined;
}

export interface PickedEngine {
  readonly engine: Engine;
  readonly reason: string;
}

/** Leaves one core to the person at the machine: with all of them contended, two threads are half as fast as one. */
export function defaultThreads(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** Tries every engine and measures those that work: some seconds. Never throws, whatever a driver does. */
export async function listEngines(threads = defaultThreads()): Promise<EngineStatus[]> {
  const statuses: EngineStatus[] = [];
  for (const name of ENGINES) statuses.push(await statusOf(name, threads)); // one after another: they are measured
  return statuses;
}

/**
 * The engine of this name, tried out with as many threads as it shall have; `auto` is the CPU, where the tagger's many small steps run fastest (see the benchmark).
 * @throws Error with reason and remedy where the engine does not work here
 */
export async function pickEngine(choice: EngineName | 'auto', threads = defaultThreads()): Promise<PickedEngine> {
  if (choice === 'auto') {
    return { engine: ortEngine('cpu'), reason: 'a small tagger runs fastest on the CPU' };
  }
  const found = await probe(choice, threads);
  if (!found.available) throw new Error(`the engine ${choice} does not work here: ${found.reason}`);
  return { engine: engineOf(choice), reason: 'chosen by the setting' };
}

function engineOf(name: EngineName): Engine {
  return name === 'tensorflow' ? tensorflowEngine : ortEngine(name);
}

async function statusOf(name: EngineName, threads: number): Promise<EngineStatus> {
  const found = await probe(name, threads);
  if (!found.available) return { name, ...found, device: undefined, gflops: undefined };
  try {
    return { name, ...found, gflops: await measure(engineOf(name), threads) };
  } catch (error) {
    const reason = `it stopped in the benchmark: ${firstLine(error)}`;
    return { name, available: false, reason, version: found.version, device: undefined, gflops: undefined };
  }
}

interface Found {
  readonly available: boolean;
  readonly reason: string;
  readonly version: string | undefined;
  readonly device: string | undefined;
}

/** @param threads TensorFlow, which is loaded for it, keeps them for the whole process */
async function probe(name: EngineName, threads: number): Promise<Found> {
  if (name === 'tensorflow') {
    const status = tensorflowStatus(threads);
    if (status.available) return { ...status, reason: 'TensorFlow is set up' };
    return { available: false, reason: `${status.reason}; ${status.remedy}`, version: undefined, device: undefined };
  }
  let version: string;
  try {
    version = onnxruntime().env.versions.node ?? onnxruntime().env.versions.common;
  } catch (error) {
    return { available: false, reason: firstLine(error), version: undefined, device: undefined };
  }
  if (name === 'cpu') {
    const device = cpus()[0]?.model.trim() || 'CPU';
    return { available: true, reason: 'comes with Crosstag', version, device };
  }
  const failure = await probeProvider(name);
  if (failure === undefined) return { available: true, reason: 'its driver works', version, device: DEVICES[name] };
  return { available: false, reason: `${failure}; ${REMEDIES[name]}`, version, device: undefined };
}

const DEVICES = { webgpu: 'GPU through WebGPU', cuda: 'NVIDIA GPU' } as const;
const REMEDIES = {
  webgpu: 'install a graphics driver with Vulkan, Metal or Direct3D 12, or stay with cpu',
  cuda: 'it needs an NVIDIA driver and the CUDA libraries of onnxruntime, or stay with cpu',
} as const;

const PROBE_SECONDS = 60;

/** Runs in a process of its own, which a bad driver may take down. Adds two numbers on the provider. */
const PROBE = `
const [, library, provider, model] = process.argv;
const ort = require(library);
const x = new ort.Tensor('float32', Float32Array.of(1, 2), [2]);
ort.InferenceSession.create(Buffer.from(model, 'base64'), { executionProviders: [provider], logSeverityLevel: 3 })
  .then((session) => session.run({ x }))
  .then(({ y }) => process.exit(y.data[1] === 4 ? 0 : 1))
  .catch((error) => { process.stderr.write(String(error.message)); process.exit(1); });
`;

/** Why the provider does not work; undefined where it does. */
function probeProvider(provider: Exclude<Provider, 'cpu'>): Promise<string | undefined> {
  const value = { element: 'float32', shape: [2] } as const;
  const model = encodeModel({
    nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
    constants: [],
    inputs: [{ name: 'x', ...value }],
    outputs: [{ name: 'y', ...value }],
  });
  const library = createRequire(import.meta.url).resolve('onnxruntime-node');
  const args = ['-e', PROBE, library, provider, Buffer.from(model).toString('base64')];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: PROBE_SECONDS * 1000 });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(reasonIn(said) ?? (signal ? `the driver stopped the process (${signal})` : 'no device answers'));
    });
  });
}

/** The telling part of what a provider wrote before it failed. */
function reasonIn(text: string): string | undefined {
  const missing = /(lib\S+\.so\S*): cannot open shared object file/.exec(text);
  if (missing) return `${missing[1]} is missing`;
  // onnxruntime: file, line, function and condition, then what a person can read
  const told = / was false\. *(.+)/.exec(text);
  if (told) return told[1]!.trim().slice(0, 200);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim().slice(0, 200);
}

const [ROWS, INNER, COLUMNS] = [512, 512, 2048];
/** Products in one run, so that carrying the operands to a device does not count. */
const PRODUCTS = 4;
const RUNS = 10;
/** A slow device is measured with fewer runs. */
const MEASURE_MS = 2000;

/** GFLOP/s of [512, 512] x [512, 2048] products, the best of a few runs. */
async function measure(engine: Engine, threads: number): Promise<number> {
  const build = () => {
    const graph = new Graph();
    const wide = graph.state('wide', [INNER, COLUMNS]);
    const tall = graph.state('tall', [COLUMNS, INNER]);
    let x = graph.input('x', [ROWS, INNER]);
    for (let i = 0; i < PRODUCTS / 2; i++) x = graph.matMul(graph.matMul(x, wide), tall);
    return { graph, stages: [{ name: 'run', outputs: { x } }] };
  };
  const weight = (shape: number[]) => ({ shape, data: new Float32Array(INNER * COLUMNS).fill(1 / COLUMNS) });
  const weights = { wide: weight([INNER, COLUMNS]), tall: weight([COLUMNS, INNER]) };
  const model = await engine.createModel({ weights, programs: { main: build } }, { threads });
  try {
    const x = new Float32Array(ROWS * INNER).fill(1);
    let best = Number.POSITIVE_INFINITY;
    await model.run('main', 'run', { x }); // compiles
    const begin = performance.now();
    for (let i = 0; i < RUNS && performance.now() - begin < MEASURE_MS; i++) {
      const start = performance.now();
      await model.run('main', 'run', { x });
      best = Math.min(best, performance.now() - start);
    }
    return (2 * ROWS * INNER * COLUMNS * PRODUCTS) / best / 1e6;
  } finally {
    await model.dispose();
  }
}

function firstLine(error: unknown): string {
  const message = messageOf(error);
  return message.split('\n')[0]!;
}
