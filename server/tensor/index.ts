// The front door of the tensor room.
export { Buffers } from './buffers.ts';

export { chooseEngine } from './choose-engine.ts';
export { fillDropout } from './dropout.ts';
export type { Engine, EngineName, EngineOptions, Model, ModelDefinition, State, StateTensor } from './engine.ts';
export { pick } from './engine.ts';
export { defaultThreads, ENGINES, type EngineStatus, listEngines, type PickedEngine, pickEngine } from './engines.ts';
export { gradients, type OutputGradient } from './graph/gradients.ts';
export { Graph, type LstmWeights } from './graph/graph.ts';
export { type AdamOptions, adam, adamInputs, globalNorm } from './graph/optimiser.ts';
export type { Program, Stage } from './graph/program.ts';
export { type DType, type Node, type Shape, sizeOf, type TypedArray } from './graph/types.ts';
export { type AdamStep, OutsideWeight } from './outside-weight.ts';
export { Pool } from './pool.ts';
export { Random } from './random.ts';
export { readSafetensors, readSafetensorsFile, safetensorsParts } from './safetensors.ts';
export { threadedEngine } from './threaded.ts';
