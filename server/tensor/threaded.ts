// A model of onnxruntime in a worker thread: two models compute at the same time, each with threads of its own, and wait
// for each other only where their results meet.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Buffers } from './buffers.ts';
import type { Engine, EngineName, EngineOptions, Model, ModelDefinition, State } from './engine.ts';
import { type PackedProgram, packProgram } from './graph/packed.ts';
import type { TypedArray } from './graph/types.ts';
import type { Provider } from './ort/index.ts';

type Inputs = Readonly<Record<string, TypedArray>>;
type Outputs = Readonly<Record<string, Float32Array>>;

/** Main thread -> worker. */
export type Request =
  | {
      readonly kind: 'create';
      readonly provider: Provider;
      readonly weights: State;
      readonly options: EngineOptions;
    }
  | { readonly kind: 'program'; readonly name: string; readonly program: PackedProgram }
  | { readonly kind: 'run'; readonly program: string; readonly stage: string; readonly inputs: Inputs }
  | { readonly kind: 'read'; readonly names: readonly string[] | undefined }
  | { readonly kind: 'write'; readonly state: State }
  | { readonly kind: 'dispose' };

/** Worker -> main thread: answers in the order of the requests. */
export type Answer = { readonly value: unknown } | { readonly error: string };

/** From here on an array goes through memory that both threads see; a smaller one travels in the message. */
const WIDE = 1024;

/** Whether an array goes through shared memory: a message would copy it twice, each time into new memory. */
export function isWide(array: TypedArray): array is Float32Array {
  return array instanceof Float32Array && array.length >= WIDE;
}

/** The bundle of engine-worker.ts: beside the other bundles, also for sources that run unbundled. */
function bundle(): string | undefined {
  const places = [
    new URL('./engine-worker.cjs', import.meta.url),
    new URL('../../dist/engine-worker.cjs', import.meta.url),
  ];
  return places.map((place) => fileURLToPath(place)).find((path) => existsSync(path));
}

/** An engine whose models have a thread each; undefined where the bundle is not there, or the engine cannot be in one. */
export function threadedEngine(name: EngineName): Engine | undefined {
  if (name !== 'cpu' && name !== 'cuda') return undefined;
  const path = bundle();
  if (path === undefined) return undefined;
  return {
    name,
    async createModel(definition, options) {
      const model = new ThreadedModel(new Worker(path), definition.programs);
      try {
        await model.create(name, definition.weights, options);
      } catch (error) {
        // Whoever asked hears why there is no model, not what else went wrong then.
        await model.dispose().catch(() => undefined);
        throw error;
      }
      return model;
    },
  };
}

/** What `run` gives is valid until a stage gives an output of the same name. */
class ThreadedModel implements Model {
  readonly #worker: Worker;
  /** Not the whole definition: the first weights would live as long as the model. */
  readonly #programs: ModelDefinition['programs'];
  readonly #sent = new Set<string>();
  readonly #shared = new Buffers({ shared: true });
  readonly #waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  /** Why the thread has ended: nobody answers any more. */
  #end: Error | undefined;

  constructor(worker: Worker, programs: ModelDefinition['programs']) {
    this.#worker = worker;
    this.#programs = programs;
    worker.on('message', (answer: Answer) => {
      const next = this.#waiting.shift()!;
      if ('error' in answer) next.reject(new Error(answer.error));
      else next.resolve(answer.value);
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('the engine thread has ended')));
  }

  async create(provider: Provider, weights: State, options: EngineOptions): Promise<void> {
    await this.#ask({ kind: 'create', provider, weights, options });
  }

  async run(program: string, stage: string, inputs: Inputs): Promise<Outputs> {
    if (!this.#sent.has(program)) {
      const make = this.#programs[program];
      if (!make) throw new Error(`the model has no program ${program}`);
      this.#sent.add(program);
      await this.#ask({ kind: 'program', name: program, program: packProgram(make()) });
    }
    const fed = Object.entries(inputs).map(
      ([name, array]) => [name, isWide(array) ? this.#shared.copy(name, array) : array] as const,
    );
    return (await this.#ask({ kind: 'run', program, stage, inputs: Object.fromEntries(fed) })) as Outputs;
  }

  async read(names?: readonly string[]): Promise<State> {
    return (await this.#ask({ kind: 'read', names })) as State;
  }

  async write(state: State): Promise<void> {
    await this.#ask({ kind: 'write', state });
  }

  async dispose(): Promise<void> {
    try {
      if (this.#end === undefined) await this.#ask({ kind: 'dispose' });
    } finally {
      await this.#worker.terminate();
    }
  }

  #ask(request: Request): Promise<unknown> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
