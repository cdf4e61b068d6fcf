// What runs a graph. Nothing outside `tensor/` knows which engine it is.
import type { Program } from './graph/program.ts';
import type { Shape, TypedArray } from './graph/types.ts';
import type { Pool } from './pool.ts';

export type EngineName = 'cpu' | 'webgpu' | 'cuda' | 'tensorflow';

/** A weight or a moment on the host. */
export interface StateTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export type State = Readonly<Record<string, StateTensor>>;

export interface ModelDefinition {
  /** Initial values; a state that a program uses and that is not named here (a moment) starts with zeros. */
  readonly weights: State;
  /** The programs by name (for instance one a bucket of lengths). Built when first used, or all at once. */
  readonly programs: Readonly<Record<string, () => Program>>;
}

export interface EngineOptions {
  readonly threads: number;
  /**
   * False: the memory of a run goes back to the system at its end. Slower, but the programs of a model need only as much as
   * the largest of them, and not all together. Default true.
   */
  readonly keepMemory?: boolean;
  /**
   * Programs that stay compiled, those that ran last; the others are compiled again when they run. Default: all.
   */
  readonly programs?: number;
  /** Where models on the CPU that do not keep memory lend the arrays of their results: one for models that run in turn. */
  readonly pool?: Pool;
}

export interface Engine {
  readonly name: EngineName;
  /** @throws Error with the reason and its remedy where the engine cannot run here. */
  createModel(definition: ModelDefinition, options: EngineOptions): Promise<Model>;
}

/** Weights and moments that live in the engine, shared by all programs of the model. */
export interface Model {
  /**
   * Runs one stage. Later stages of the same program may use what earlier ones computed and were fed with: run them in
   * order, one call at a time, and leave the fed arrays unchanged until the last stage that needs them has run.
   * @param inputs the stage's own inputs by name (not those that an earlier stage already had)
   * @returns the stage's outputs by name. The arrays belong to the model: valid until the stage runs again, or, in a model
   * that does not keep memory, the first stage of any program.
   */
  run(
    program: string,
    stage: string,
    inputs: Readonly<Record<string, TypedArray>>,
  ): Promise<Readonly<Record<string, Float32Array>>>;
  /** Copies weights and moments to the host: all that are known so far, or those named. */
  read(names?: readonly string[]): Promise<State>;
  /** Replaces weights and moments by copies of these; the others stay. */
  write(state: State): Promise<void>;
  /** Frees sessions and device memory. The model must not be used afterwards. */
  dispose(): Promise<void>;
}

/** The named tensors of a state. */
export function pick(state: State, names: Iterable<string>): Record<string, StateTensor> {
  return Object.fromEntries([...names].map((name) => [name, state[name]!]));
}
