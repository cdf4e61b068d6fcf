// Loads @tensorflow/tfjs-node(-gpu), an optional dependency whose native library is set up when someone asks for it.

import { createRequire } from 'node:module';
import util from 'node:util';
import { messageOf } from '../../text/error-message.ts';
import type { DType, Shape, TypedArray } from '../graph/types.ts';

export const REMEDY = 'run `npm run setup:tensorflow`';

export interface TfTensor {
  dataSync(): Float32Array;
  dispose(): void;
}

/** One signature of a SavedModel; those of one folder share a session, and so its variables. */
export interface TfSignature {
  predict(inputs: Record<string, TfTensor>): Record<string, TfTensor>;
  dispose(): void;
}

/** What we use of the package. */
export interface TensorFlow {
  tensor(data: TypedArray, shape: Shape, dtype: DType): TfTensor;
  getBackend(): string;
  setBackend(name: string): unknown;
  backend(): { readonly binding: { readonly TF_Version: string }; readonly isUsingGpuDevice: boolean };
  readonly node: { loadSavedModel(path: string, tags: string[], signature: string): Promise<TfSignature> };
}

/** The GPU package first: where someone installed it, they want it. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

let loaded: TensorFlow | undefined;

/** TensorFlow cannot run here: why, in a clause. */
export class TensorFlowMissing extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`TensorFlow cannot run: ${reason}; ${REMEDY}`);
    this.reason = reason;
  }
}

/**
 * The package, loaded once in a process: the threads of the first call stay.
 * @throws TensorFlowMissing
 */
export function loadTensorFlow(threads: number): TensorFlow {
  if (loaded) return loaded;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_NUM_INTEROP_THREADS ??= String(threads);
  // Gone from Node 23, and still called by tfjs-node 4.22
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
  const require = createRequire(import.meta.url);
  const reasons: string[] = [];
  for (const name of PACKAGES) {
    try {
      loaded = require(name) as TensorFlow;
      return loaded;
    } catch (error) {
      reasons.push(reasonOf(error, name));
    }
  }
  throw new TensorFlowMissing(reasons.at(-1)!);
}

function reasonOf(error: unknown, name: string): string {
  const message = messageOf(error);
  const [firstLine] = message.split('\n');
  if (message.includes(`Cannot find module '${name}'`)) return `${name} is not installed`;
  if (message.includes('native addon module')) return `${name} has no native library`;
  return `${name} does not load (${firstLine})`;
}
