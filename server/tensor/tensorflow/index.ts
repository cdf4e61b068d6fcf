// TensorFlow as an engine: a SavedModel run by tfjs-node, on the CPU or on CUDA.
import { availableParallelism } from 'node:os';
import type { Engine, EngineOptions, Model, ModelDefinition } from '../engine.ts';
import { loadTensorFlow, REMEDY, TensorFlowMissing } from './binding.ts';
import { createTensorFlowModel } from './model.ts';

/** The threads of the first model of a process are those of all: TensorFlow takes them when it is loaded. */
export const tensorflowEngine: Engine = {
  name: 'tensorflow',
  async createModel(definition: ModelDefinition, { threads }: EngineOptions): Promise<Model> {
    return createTensorFlowModel(loadTensorFlow(threads), definition);
  },
};

export type TensorFlowStatus =
  | { readonly available: true; readonly version: string; readonly device: 'CPU' | 'GPU' }
  | { readonly available: false; readonly reason: string; readonly remedy: string };

/**
 * Whether TensorFlow runs here, and on what. Loads it, where it is set up: 0.5 to 1 s and 320 MB.
 * @param threads of every model of this process, unless one was made before
 */
export function tensorflowStatus(threads = Math.max(1, availableParallelism() - 1)): TensorFlowStatus {
  try {
    const { binding, isUsingGpuDevice } = loadTensorFlow(threads).backend();
    return { available: true, version: binding.TF_Version, device: isUsingGpuDevice ? 'GPU' : 'CPU' };
  } catch (error) {
    if (!(error instanceof TensorFlowMissing)) throw error;
    return { available: false, reason: error.reason, remedy: REMEDY };
  }
}
