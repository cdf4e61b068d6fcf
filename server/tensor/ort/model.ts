// A model on onnxruntime: one session a stage, made when first used; weights and moments stay where the provider computes.
import { AdamMemory, type AdamPlaces, LANES } from '../adam-kernel.ts';
import type { EngineOptions, Model, ModelDefinition, State, StateTensor } from '../engine.ts';
import { unrollLstm } from '../graph/lstm.ts';
import { firstMoment, secondMoment } from '../graph/optimiser.ts';
import { planStages, type StagePlan } from '../graph/program.ts';
import { type Node, type Shape, sizeOf, type TypedArray } from '../graph/types.ts';
import { Pool } from '../pool.ts';
import { type AdamUpdate, PREPARED, splitAdam } from './adam.ts';
import { lowerStage, outputName, stageInputs, stageOutputs, valueName } from './lower.ts';
import { encodeModel } from './onnx.ts';
import { type Ort, onnxruntime } from './runtime.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

type Values = Record<string, Ort.Tensor>;

/** Fused with the sum before it, a layer norm on a GPU leaves its inverse deviation unwritten (onnxruntime 1.30). */
const WITHOUT_SKIP_NORM = { optimization: { disable_specified_optimizers: 'SkipLayerNormFusion' } };

/** One stage, compiled. */
interface CompiledStage {
  readonly plan: StagePlan;
  /** Undefined where there is nothing to compute. */
  readonly session: Ort.InferenceSession | undefined;
  /** The name of each result in the session. */
  readonly names: ReadonlyMap<Node, string>;
  /** On the host: outputs and carried values are written into these buffers, run after run, unless a pool lends them. */
  readonly buffers: Values;
}

interface CompiledProgram {
  readonly plans: readonly StagePlan[];
  /** What is updated in one pass after a stage, by its name. */
  readonly adam: ReadonlyMap<string, readonly AdamUpdate[]>;
  readonly stages: Map<string, CompiledStage>;
  readonly isRare: boolean;
  /** Inputs and carried values of the round that is under way, by value name. */
  round: Values;
}

/** A state and, on the host, the buffer that its next value is written into. */
interface Cell {
  readonly shape: Shape;
  current: Ort.Tensor;
  spare: Ort.Tensor | undefined;
  /** Whether it stands in an `AdamMemory`, and so cannot change places with its spare. */
  isPlaced: boolean;
}

/** A weight that is updated in place, with its moments and its gradient. */
interface Slot {
  readonly memory: AdamMemory;
  readonly places: AdamPlaces;
  readonly length: number;
  readonly gradient: Ort.Tensor;
}

/** With WebGPU results stay on the device; for the CPU and for CUDA everything is written into buffers that exist already. */
export class OrtModel implements Model {
  /** Not the whole definition: the first weights would live as long as the model. */
  readonly #definitions: ModelDefinition['programs'];
  readonly #provider: Provider;
  readonly #options: EngineOptions;
  readonly #ort = onnxruntime();
  readonly #states = new Map<string, Cell>();
  readonly #programs = new Map<string, CompiledProgram>();
  readonly #readers = new Map<string, Ort.InferenceSession>();
  /** On the host, by the weight's name. */
  readonly #slots = new Map<string, Slot>();
  /** The program whose gradients stand in the slots: all programs share them. */
  #learning: CompiledProgram | undefined;
  /** On the CPU, where memory is not kept: the arrays of results, and which of them the round that is under way has. */
  readonly #pool: Pool | undefined;
  readonly #lent = new Map<Node, Float32Array>();
  #isDisposed = false;

  constructor(definition: ModelDefinition, provider: Provider, options: EngineOptions) {
    this.#definitions = definition.programs;
    this.#provider = provider;
    this.#options = options;
    if (provider === 'cpu' && options.keepMemory === false) this.#pool = options.pool ?? new Pool();
    for (const [name, { shape, data }] of Object.entries(definition.weights)) {
      this.#states.set(name, this.#cell(shape, data.slice()));
    }
  }

  async run(program: string, stage: string, inputs: Readonly<Record<string, TypedArray>>) {
    // Else it would be compiled again, with zeros for weights
    if (this.#isDisposed) throw new Error('the model was disposed of');
    const compiledProgram = await this.#program(program);
    const compiled = await this.#stage(compiledProgram, program, stage);
    const { plan, session, names } = compiled;
    if (plan === compiledProgram.plans[0]) this.#begin();
    const { round, adam } = compiledProgram;
    const steps = adam.get(stage) ?? [];
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
    const rates = new Set(steps.flatMap(({ rate, epsilon, scale }) => [rate, epsilon, scale]));
    for (const node of rates) {
      if (node?.op !== 'input') continue;
      const { name } = node.attributes;
      if (inputs[name]) round[valueName(node)] = this.#fed(node, inputs[name], name);
      else if (!round[valueName(node)]) throw new Error(`${program}/${stage} needs the input ${name}`);
    }
    const updates = Object.entries(plan.stage.updates ?? {});
    const results = session ? await session.run(feeds, this.#fetches(compiled, updates)) : {};
    for (const [name, node] of updates) this.#update(name, results[names.get(node)!]!);
    for (const node of plan.carriedOut) {
      const name = valueName(node);
      if (this.#staysOnDevice) round[name]?.dispose();
      round[name] = results[names.get(node)!]!;
    }
    const outputs: Record<string, Float32Array> = {};
    for (const [name, node] of Object.entries(plan.stage.outputs)) {
      const result = results[names.get(node)!]!;
      if (name.startsWith(PREPARED)) {
        round[valueName(node)] = result;
        this.#learning = compiledProgram;
      } else outputs[name] = result.data as Float32Array;
    }
    if (steps.length > 0) this.#step(compiledProgram, steps, `${program}/${stage}`);
    if (this.#pool) this.#giveBack(compiledProgram, plan);
    return outputs;
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
      release(cell.current);
      if (cell.isPlaced) (cell.current.data as Float32Array).set(data);
      else cell.current = this.#tensor(data.slice(), shape);
    }
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    const rounds = [...this.#programs.values()].flatMap(({ round }) => Object.values(round));
    for (const { current } of this.#states.values()) release(current);
    rounds.forEach(release);
    const sessions = [...this.#programs.values()].flatMap(({ stages }) => [...stages.values()].map((s) => s.session));
    for (const session of [...sessions, ...this.#readers.values()]) await session?.release();
    this.#states.clear();
    this.#slots.clear();
    this.#learning = undefined;
    this.#programs.clear();
    this.#readers.clear();
  }

  /** Whether weights and what stages hand over stay on the device: onnxruntime-node has no buffers of CUDA's. */
  get #staysOnDevice(): boolean {
    return this.#provider === 'webgpu';
  }

  async #program(name: string): Promise<CompiledProgram> {
    const known = this.#programs.get(name);
    if (known) {
      this.#programs.delete(name); // to the end: the first is the one that has not run for the longest time
      this.#programs.set(name, known);
      return known;
    }
    const make = this.#definitions[name];
    if (!make) throw new Error(`the model has no program ${name}`);
    await this.#forget((this.#options.programs ?? Number.POSITIVE_INFINITY) - 1);
    const whole = unrollLstm(make());
    const split = this.#staysOnDevice ? undefined : splitAdam(whole);
    const isPlaced = split !== undefined && this.#place([...split.adam.values()].flat());
    const plans = planStages(isPlaced ? split.program : whole);
    const adam: CompiledProgram['adam'] = isPlaced ? split.adam : new Map();
    const program = { plans, adam, stages: new Map(), isRare: whole.isRare ?? false, round: {} };
    this.#programs.set(name, program);
    return program;
  }

  /** Releases all programs but so many. */
  async #forget(most: number): Promise<void> {
    for (const [name, { stages, round }] of this.#programs) {
      if (this.#programs.size <= most) return;
      this.#programs.delete(name);
      await this.#leaveDevice(round);
      for (const { session } of stages.values()) await session?.release();
    }
  }

  /** What a session computed on a device must not outlive the session (onnxruntime 1.30: the process ends). */
  async #leaveDevice(round: Values): Promise<void> {
    Object.values(round).forEach(release);
    for (const cell of this.#states.values()) {
      if (cell.current.location === 'cpu') continue;
      const data = await this.#download(cell);
      release(cell.current);
      cell.current = this.#tensor(data, cell.shape);
    }
  }

  /** A new round begins: nobody uses what the last one had. */
  #begin(): void {
    if (!this.#pool) return;
    for (const array of this.#lent.values()) this.#pool.give(array);
    this.#lent.clear();
    for (const program of this.#programs.values()) program.round = {};
  }

  /** Takes back the arrays of values that no later stage needs and that the caller was not given. */
  #giveBack({ plans, round }: CompiledProgram, plan: StagePlan): void {
    const later = plans.slice(plans.indexOf(plan) + 1);
    const wanted = new Set(later.flatMap(({ carriedIn }) => carriedIn));
    for (const { stage } of plans) for (const node of Object.values(stage.outputs)) wanted.add(node);
    for (const [node, array] of this.#lent) {
      if (wanted.has(node)) continue;
      this.#pool!.give(array);
      this.#lent.delete(node);
      delete round[valueName(node)];
    }
  }

  /** Moves what these steps change to where they can change it in place. @returns whether there is the address space */
  #place(updates: readonly AdamUpdate[]): boolean {
    const fresh = updates.filter(({ name }) => !this.#slots.has(name));
    if (fresh.length === 0) return true;
    const sizes = fresh.map(({ gradient }) => Math.ceil(sizeOf(gradient.shape) / LANES) * LANES);
    let memory: AdamMemory;
    try {
      memory = new AdamMemory(sizes.reduce((sum, size) => sum + 4 * size, 0));
    } catch {
      return false;
    }
    let end = 0;
    fresh.forEach(({ name, gradient: { shape } }, i) => {
      const length = sizeOf(shape);
      const place = (): number => {
        end += sizes[i]!;
        return end - sizes[i]!;
      };
      const placed = (state: string): number => {
        const cell = this.#state(state, shape);
        const start = place();
        const view = memory.view(start, length);
        view.set(cell.current.data as Float32Array);
        Object.assign(cell, {
          current: this.#tensor(view, shape),
          spare: undefined,
          isPlaced: true,
        } satisfies Partial<Cell>);
        return start;
      };
      const [weight, first, second] = [placed(name), placed(firstMoment(name)), placed(secondMoment(name))];
      const gradient = place();
      const slot: Slot = {
        ...{ memory, length, places: { weight, first, second, gradient } },
        gradient: this.#tensor(memory.view(gradient, length), shape),
      };
      this.#slots.set(name, slot);
    });
    return true;
  }

  /** The steps of Adam that end a stage. */
  #step(program: CompiledProgram, steps: readonly AdamUpdate[], stage: string): void {
    if (this.#learning !== program) throw new Error(`${stage} must run after the stages before it`);
    const number = (node: Node | undefined) => (node ? (program.round[valueName(node)]!.data[0] as number) : 1);
    for (const { name, rate, epsilon, scale, ...shares } of steps) {
      const { memory, places, length } = this.#slots.get(name)!;
      memory.step(places, length, { ...shares, rate: number(rate), epsilon: number(epsilon), scale: number(scale) });
    }
    this.#learning = undefined;
  }

  async #stage(own: CompiledProgram, program: string, name: string): Promise<CompiledStage> {
    const { plans, stages, adam, isRare } = own;
    const known = stages.get(name);
    if (known) return known;
    const plan = plans.find((p) => p.stage.name === name);
    if (!plan) throw new Error(`${program} has no stage ${name}`);
    const onGpu = this.#staysOnDevice;
    const updated = new Set(Object.values(plan.stage.updates ?? {}));
    // What the caller gets comes to the host, also where a later stage wants it as well
    const returned = new Set(Object.values(plan.stage.outputs));
    const computed = new Set(plan.nodes);
    const names = new Map(stageOutputs(plan).map((node) => [node, outputName(node, computed)]));
    const session =
      names.size === 0
        ? undefined
        : await this.#session(encodeModel(lowerStage(plan, { narrowSplits: onGpu })), {
            ...(isRare && { enableCpuMemArena: false }),
            ...(onGpu && {
              preferredOutputLocation: Object.fromEntries(
                [...names].map(([node, output]) => [output, returned.has(node) ? 'cpu' : 'gpu-buffer'] as const),
              ),
            }),
          });
    const slots = new Map([...adam.values()].flat().map(({ name, gradient }) => [gradient, this.#slots.get(name)!]));
    const hasBuffer = (node: Node) => !onGpu && !updated.has(node) && (!this.#pool || slots.has(node));
    const buffered = [...names].filter(([node]) => hasBuffer(node));
    const buffers = Object.fromEntries(
      buffered.map(([node, output]) => {
        const own = slots.get(node)?.gradient;
        return [output, own ?? this.#tensor(new Float32Array(sizeOf(node.shape)), node.shape)];
      }),
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
      extra: { session: { intra_op: { allow_spinning: '0' } }, ...(this.#provider !== 'cpu' && WITHOUT_SKIP_NORM) },
      ...options,
    });
  }

  /** Where results go: all into buffers on the host; on a device the session decides. */
  #fetches({ names, buffers }: CompiledStage, updates: readonly [string, Node][]): Values | readonly string[] {
    if (this.#staysOnDevice) return [...names.values()];
    const fetches: Values = { ...buffers };
    for (const [name, node] of updates) {
      const cell = this.#state(name, node.shape);
      cell.spare ??= this.#tensor(new Float32Array(sizeOf(node.shape)), node.shape);
      fetches[names.get(node)!] = cell.spare;
    }
    if (!this.#pool) return fetches;
    for (const [node, output] of names) {
      if (fetches[output]) continue;
      const array = this.#pool.take(sizeOf(node.shape));
      this.#lent.set(node, array);
      fetches[output] = this.#tensor(array, node.shape);
    }
    return fetches;
  }

  #update(name: string, value: Ort.Tensor): void {
    const cell = this.#states.get(name)!;
    if (this.#staysOnDevice) {
      cell.current.dispose();
      cell.current = value;
    } else if (cell.isPlaced) {
      (cell.current.data as Float32Array).set(value.data as Float32Array);
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
    const cell = this.#cell(shape, new Float32Array(sizeOf(shape)));
    this.#states.set(name, cell);
    return cell;
  }

  #cell(shape: Shape, data: Float32Array): Cell {
    return { shape, current: this.#tensor(data, shape), spare: undefined, isPlaced: false };
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

/** Frees what a value holds on a device. */
function release(value: Ort.Tensor): void {
  if (value.location !== 'cpu') value.dispose();
}
