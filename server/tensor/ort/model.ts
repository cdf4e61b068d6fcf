// A model on onnxruntime: one session a stage, made when first used; weights and moments stay where the provider computes.
import type { EngineOptions, Model, ModelDefinition, State, StateTensor } from '../engine.ts';
import { unrollLstm } from '../graph/lstm.ts';
import { planStages, type StagePlan } from '../graph/program.ts';
import { type Node, type Shape, sizeOf, type TypedArray } from '../graph/types.ts';
import { lowerStage, outputName, stageInputs, stageOutputs, valueName } from './lower.ts';
import { encodeModel } from './onnx.ts';
import { type Ort, onnxruntime } from './runtime.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

type Values = Record<string, Ort.Tensor>;

/** One stage, compiled. */
interface CompiledStage {
  readonly plan: StagePlan;
  readonly session: Ort.InferenceSession;
  /** The name of each result in the session. */
  readonly names: ReadonlyMap<Node, string>;
  /** On the CPU: outputs and carried values are written into these buffers, run after run. */
  readonly buffers: Values;
}

interface CompiledProgram {
  readonly plans: readonly StagePlan[];
  readonly stages: Map<string, CompiledStage>;
  /** Inputs and carried values of the round that is under way, by value name. */
  readonly round: Values;
}

/** A state and, on the CPU, the buffer that its next value is written into. */
interface Cell {
  readonly shape: Shape;
  current: Ort.Tensor;
  spare: Ort.Tensor | undefined;
}

/** Sessions on a GPU keep their results there; on the CPU everything is written into buffers that exist already. */
export class OrtModel implements Model {
  readonly #definition: ModelDefinition;
  readonly #provider: Provider;
  readonly #options: EngineOptions;
  readonly #ort = onnxruntime();
  readonly #states = new Map<string, Cell>();
  readonly #programs = new Map<string, CompiledProgram>();
  readonly #readers = new Map<string, Ort.InferenceSession>();

  constructor(definition: ModelDefinition, provider: Provider, options: EngineOptions) {
    this.#definition = definition;
    this.#provider = provider;
    this.#options = options;
    for (const [name, { shape, data }] of Object.entries(definition.weights)) {
      this.#states.set(name, { shape, current: this.#tensor(data.slice(), shape), spare: undefined });
    }
  }

  async run(program: string, stage: string, inputs: Readonly<Record<string, TypedArray>>) {
    const compiledProgram = this.#program(program);
    const compiled = await this.#stage(program, stage);
    const { plan, session, names } = compiled;
    const { round } = compiledProgram;
    for (const node of plan.fed) {
      const { name } = node.attributes;
      const data = inputs[name];
      if (!data) throw new Error(`${program}/${stage} needs the input ${name}`);
      round[valueName(node)] = this.#fed(node, data, name);
    }
    const feeds: Values = {};
    for (const node of stageInputs(plan)) {
      const name = valueName(node);
      const value = node.op === 'state' ? this.#state(node.attributes.name, node.shape).current : round[name];
      if (!value) throw new Error(`${program}/${stage} must run after the stages before it`);
      feeds[name] = value;
    }
    const updates = Object.entries(plan.stage.updates ?? {});
    const results = await session.run(feeds, this.#fetches(compiled, updates));
    for (const [name, node] of updates) this.#update(name, results[names.get(node)!]!);
    for (const node of plan.carriedOut) {
      const name = valueName(node);
      if (this.#provider === 'webgpu') round[name]?.dispose();
      round[name] = results[names.get(node)!]!;
    }
    return Object.fromEntries(
      Object.entries(plan.stage.outputs).map(([name, node]) => [name, results[names.get(node)!]!.data as Float32Array]),
    );
  }

  async read(names: readonly string[] = [...this.#states.keys()]): Promise<State> {
    const state: Record<string, StateTensor> = {};
    for (const name of names) {
      const cell = this.#states.get(name);
      if (!cell) throw new Error(`the model has no state ${name}`);
      state[name] = { shape: cell.shape, data: await this.#download(cell) };
    }
    return state;
  }

  async write(state: State): Promise<void> {
    for (const [name, { shape, data }] of Object.entries(state)) {
      const cell = this.#state(name, shape);
      if (cell.current.location !== 'cpu') cell.current.dispose();
      cell.current = this.#tensor(data.slice(), shape);
    }
  }

  async dispose(): Promise<void> {
    for (const { current } of this.#states.values()) if (current.location !== 'cpu') current.dispose();
    const sessions = [...this.#programs.values()].flatMap(({ stages }) => [...stages.values()].map((s) => s.session));
    for (const session of [...sessions, ...this.#readers.values()]) await session.release();
    this.#states.clear();
    this.#programs.clear();
    this.#readers.clear();
  }

  #program(name: string): CompiledProgram {
    const known = this.#programs.get(name);
    if (known) return known;
    const make = this.#definition.programs[name];
    if (!make) throw new Error(`the model has no program ${name}`);
    const program = { plans: planStages(unrollLstm(make())), stages: new Map(), round: {} };
    this.#programs.set(name, program);
    return program;
  }

  async #stage(program: string, name: string): Promise<CompiledStage> {
    const { plans, stages } = this.#program(program);
    const known = stages.get(name);
    if (known) return known;
    const plan = plans.find((p) => p.stage.name === name);
    if (!plan) throw new Error(`${program} has no stage ${name}`);
    const onGpu = this.#provider === 'webgpu';
    const updated = new Set(Object.values(plan.stage.updates ?? {}));
    // What the caller gets comes to the host, also where a later stage wants it as well
    const returned = new Set(Object.values(plan.stage.outputs));
    const computed = new Set(plan.nodes);
    const names = new Map(stageOutputs(plan).map((node) => [node, outputName(node, computed)]));
    const model = encodeModel(lowerStage(plan, { narrowSplits: onGpu }));
    const session = await this.#session(model, {
      ...(onGpu && {
        preferredOutputLocation: Object.fromEntries(
          [...names].map(([node, output]) => [output, returned.has(node) ? 'cpu' : 'gpu-buffer'] as const),
        ),
      }),
    });
    const buffered = onGpu ? [] : [...names].filter(([node]) => !updated.has(node));
    const buffers = Object.fromEntries(
      buffered.map(([node, output]) => [output, this.#tensor(new Float32Array(sizeOf(node.shape)), node.shape)]),
    );
    const compiled = { plan, session, names, buffers };
    stages.set(name, compiled);
    return compiled;
  }

  #session(model: Uint8Array, options: Ort.InferenceSession.SessionOptions): Promise<Ort.InferenceSession> {
    return this.#ort.InferenceSession.create(model, {
      executionProviders: [this.#provider],
      intraOpNumThreads: this.#options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      // Half the memory, and no slower: with it the arena holds what the first run took beside what the pattern takes.
      enableMemPattern: false,
      enableCpuMemArena: this.#options.keepMemory ?? true,
      logSeverityLevel: 3,
      // Threads that wait by spinning take the core from the thread that works: on two shared cores half the median speed.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...options,
    });
  }

  /** Where results go: all into buffers on the CPU; on a GPU the session decides. */
  #fetches({ names, buffers }: CompiledStage, updates: readonly [string, Node][]): Values | readonly string[] {
    if (this.#provider === 'webgpu') return [...names.values()];
    const fetches: Values = { ...buffers };
    for (const [name, node] of updates) {
      const cell = this.#state(name, node.shape);
      cell.spare ??= this.#tensor(new Float32Array(sizeOf(node.shape)), node.shape);
      fetches[names.get(node)!] = cell.spare;
    }
    return fetches;
  }

  #update(name: string, value: Ort.Tensor): void {
    const cell = this.#states.get(name)!;
    if (this.#provider === 'webgpu') {
      cell.current.dispose();
      cell.current = value;
    } else {
      [cell.current, cell.spare] = [cell.spare!, cell.current];
    }
  }

  /** A state; one that nobody gave a value starts with zeros. */
  #state(name: string, shape: Shape): Cell {
    const known = this.#states.get(name);
    if (known) {
      if (String(known.shape) !== String(shape)) {
        throw new Error(`the state ${name} is [${known.shape}], but the program takes it as [${shape}]`);
      }
      return known;
    }
    const cell = { shape, current: this.#tensor(new Float32Array(sizeOf(shape)), shape), spare: undefined };
    this.#states.set(name, cell);
    return cell;
  }

  #fed(node: Node, data: TypedArray, name: string): Ort.Tensor {
    const fits = node.dtype === 'int32' ? data instanceof Int32Array : data instanceof Float32Array;
    if (!fits || data.length !== sizeOf(node.shape)) {
      throw new Error(`the input ${name} must be ${node.dtype} [${node.shape}], not ${data.length} values`);
    }
    return new this.#ort.Tensor(node.dtype, data, node.shape);
  }

  #tensor(data: Float32Array, shape: Shape): Ort.Tensor {
    return new this.#ort.Tensor('float32', data, shape);
  }

  /** Values on a device come back through a session that copies: reading them directly aborts the process. */
  async #download({ current, shape }: Cell): Promise<Float32Array> {
    if (current.location === 'cpu') return (current.data as Float32Array).slice();
    const key = String(shape);
    let reader = this.#readers.get(key);
    if (!reader) {
      const value = { element: 'float32', shape } as const;
      const model = encodeModel({
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
        constants: [],
        inputs: [{ name: 'x', ...value }],
        outputs: [{ name: 'y', ...value }],
      });
      reader = await this.#session(model, {});
      this.#readers.set(key, reader);
    }
    const { y } = await reader.run({ x: current });
    return (y!.data as Float32Array).slice();
  }
}
