// A model whose weights and moments live in the session of a SavedModel.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model, ModelDefinition, State, StateTensor } from '../engine.ts';
import type { StagePlan } from '../graph/program.ts';
import type { NodeOf, TypedArray } from '../graph/types.ts';
import { sameShape, sizeOf } from '../graph/types.ts';
import type { TensorFlow, TfSignature, TfTensor } from './binding.ts';
import { encodeSavedModel } from './proto.ts';
import { buildSavedModel, DONE, READ, type SavedModel, signatureOf, WRITE } from './savedmodel.ts';

/** Writes all programs into one SavedModel, loads it, and gives its variables their first values. */
export async function createTensorFlowModel(tf: TensorFlow, definition: ModelDefinition): Promise<Model> {
  const saved = buildSavedModel(definition);
  const model = new TensorFlowModel(tf, saved, await load(tf, saved));
  const zeros = [...saved.states].map(([name, shape]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]);
  model.assign({ ...(Object.fromEntries(zeros) as State), ...definition.weights });
  return model;
}

/** The signatures by name. Their folder is needed only while they are loaded. */
async function load(tf: TensorFlow, { list, signatures }: SavedModel): Promise<Map<string, TfSignature>> {
  useTensorFlow(tf);
  const folder = mkdtempSync(join(tmpdir(), 'crosstag-tensorflow-'));
  const loaded = new Map<string, TfSignature>();
  try {
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(list.nodes, signatures));
    for (const name of Object.keys(signatures)) {
      loaded.set(name, await tf.node.loadSavedModel(folder, ['serve'], name));
    }
    return loaded;
  } catch (error) {
    for (const signature of loaded.values()) signature.dispose();
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** tfjs keeps one current backend for the whole process, and somebody else may have chosen another. */
function useTensorFlow(tf: TensorFlow): void {
  if (tf.getBackend() !== 'tensorflow') tf.setBackend('tensorflow');
}

class TensorFlowModel implements Model {
  readonly #tf: TensorFlow;
  readonly #saved: SavedModel;
  readonly #signatures: Map<string, TfSignature>;
  /** Written states that no program has: they stay on the host. */
  readonly #unused = new Map<string, StateTensor>();
  /** By program: what its stages were fed with in this round, and how many of them have run. */
  readonly #rounds = new Map<string, { readonly fed: Map<string, TypedArray>; finished: number }>();

  constructor(tf: TensorFlow, saved: SavedModel, signatures: Map<string, TfSignature>) {
    this.#tf = tf;
    this.#saved = saved;
    this.#signatures = signatures;
  }

  async run(
    program: string,
    stage: string,
    inputs: Readonly<Record<string, TypedArray>>,
  ): Promise<Readonly<Record<string, Float32Array>>> {
    const plans = this.#saved.programs.get(program);
    const index = plans?.findIndex((plan) => plan.stage.name === stage) ?? -1;
    const plan = plans?.[index];
    if (!plan) throw new Error(`the model has no stage ${stage} of a program ${program}`);
    const round = this.#round(program, index);
    for (const node of plan.fed) round.fed.set(node.attributes.name, checked(node, inputs));
    const outputs = this.#predict(signatureOf(program, stage), feeds(plan, round.fed));
    round.finished = index + 1;
    return outputs;
  }

  async read(names?: readonly string[]): Promise<State> {
    const { states } = this.#saved;
    const values = this.#predict(READ, []);
    return Object.fromEntries(
      (names ?? [...states.keys(), ...this.#unused.keys()]).map((name): [string, StateTensor] => {
        const shape = states.get(name);
        const unused = this.#unused.get(name);
        if (!shape && !unused) throw new Error(`the model has no state ${name}`);
        return [name, shape ? { shape, data: values[name]! } : { ...unused!, data: unused!.data.slice() }];
      }),
    );
  }

  async write(state: State): Promise<void> {
    const { states } = this.#saved;
    const used: Record<string, StateTensor> = {};
    for (const [name, { shape, data }] of Object.entries(state)) {
      const known = states.get(name);
      if (known && !sameShape(known, shape)) throw new Error(`the state ${name} is [${known}], not [${shape}]`);
      if (known) used[name] = { shape, data };
      else this.#unused.set(name, { shape, data: data.slice() });
    }
    const complete = [...states.keys()].every((name) => name in used);
    this.assign(complete ? used : { ...(await this.read([...states.keys()])), ...used });
  }

  /** Writes all states. */
  assign(state: State): void {
    const all = Object.entries(state).map(([name, { data, shape }]) => ({
      name,
      data,
      shape,
      dtype: 'float32' as const,
    }));
    this.#predict(WRITE, all);
  }

  async dispose(): Promise<void> {
    for (const signature of this.#signatures.values()) signature.dispose();
    this.#signatures.clear();
  }

  #round(program: string, index: number) {
    const running = this.#rounds.get(program);
    if (index > (running?.finished ?? 0))
      throw new Error(`the stages of program ${program} have to run in their order`);
    if (running && index > 0) return running;
    const round = { fed: new Map<string, TypedArray>(), finished: 0 };
    this.#rounds.set(program, round);
    return round;
  }

  #predict(signature: string, inputs: readonly Feed[]): Record<string, Float32Array> {
    const loaded = this.#signatures.get(signature);
    if (!loaded) throw new Error('the model was disposed of');
    useTensorFlow(this.#tf);
    return this.#tf.tidy(() => {
      const tensors: [string, TfTensor][] = inputs.map((input) => [
        input.name,
        this.#tf.tensor(input.data, input.shape, input.dtype),
      ]);
      const { [DONE]: _, ...outputs } = loaded.predict(Object.fromEntries(tensors));
      return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.dataSync()]));
    });
  }
}

interface Feed extends Pick<NodeOf<'input'>, 'shape' | 'dtype'> {
  readonly name: string;
  readonly data: TypedArray;
}

function feeds({ fed, kept }: StagePlan, values: ReadonlyMap<string, TypedArray>): Feed[] {
  return [...fed, ...kept].map(({ attributes: { name }, shape, dtype }) => ({
    name,
    shape,
    dtype,
    data: values.get(name)!,
  }));
}

function checked(
  { attributes: { name }, shape, dtype }: NodeOf<'input'>,
  inputs: Readonly<Record<string, TypedArray>>,
) {
  const data = inputs[name];
  const fits = dtype === 'int32' ? data instanceof Int32Array : data instanceof Float32Array;
  if (!data || !fits || data.length !== sizeOf(shape)) {
    const given = data ? `${data.constructor.name} of ${data.length}` : 'nothing';
    throw new Error(`input ${name} is ${dtype} [${shape}]; given: ${given}`);
  }
  return data;
}
