// onnxruntime-node as an engine: its CPU, WebGPU and CUDA execution providers.
import type { Engine } from '../engine.ts';
import { OrtModel, type Provider } from './model.ts';

export type { Provider } from './model.ts';

/** The engine on one execution provider. */
export function ortEngine(provider: Provider): Engine {
  return {
    name: provider,
    createModel: async (definition, options) => new OrtModel(definition, provider, options),
  };
}
