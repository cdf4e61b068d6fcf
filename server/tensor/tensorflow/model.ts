// A model whose weights and moments live in the session of a SavedModel.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model, ModelDefinition, State, StateTensor } from '../engine.ts';
import type { NodeOf, TypedArray } from '../graph/types.ts';
import { sameShape, sizeOf } from '../graph/types.ts';
import type { TensorFlow, TfSignature, TfTensor } from './binding.ts';
import { encodeSavedModel } from './proto.ts';
import { buildSavedModel, DONE, isCarried, READ, type SavedModel, signatureOf, WRITE } from './savedmodel.ts';

/** Writes all programs into one SavedModel, loads it, and gives its variables their first values. */
export async function createTensorFlowModel(tf: TensorFlow, definition: ModelDefinition): Promise<Model> {
  const saved = buildSavedModel(definition);
  const model = new TensorFlowModel(tf, saved, await load(tf, saved));
  const zeros = [...saved.states].map(([name, shape]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]);
  model.assign({ ...(Object.fromEntries(zeros) as State), ...definition.weights });
  return model;
}

/**
 * The signatures by name. tfjs reads the file again for each of them, but takes the session that it has for the folder: so
 * after the first the file holds no more than the next signature. The folder is needed only while they are loaded.
 */
async function load(tf: TensorFlow, { list, signatures }: SavedModel): Promise<Map<string, TfSignature>> {
  useTensorFlow(tf);
  const folder = mkdtempSync(join(tmpdir(), 'crosstag-tensorflow-'));
  const loaded = new Map<string, TfSignature>();
  try {
    for (const [name, signature] of Object.entries(signatures)) {
      const nodes = loaded.size === 0 ? list.nodes : [];
      writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(nodes, { [name]: signature }));
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
  /** Rounds that have begun, by program. */
  readonly #rounds = new Map<string, Round>();

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
    const fed = plan.fed.map((node) => ({ node, data: fitting(node, inputs) }));
    useTensorFlow(this.#tf);
    const round = this.#round(program, index);
    for (const { node, data } of fed) {
      round.set(node.attributes.name, this.#tf.tensor(data, node.shape, node.dtype));
    }
    const outputs: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(this.#predict(signatureOf(program, stage), round))) {
      if (isCarried(name)) round.set(name, tensor);
      else outputs[name] = taken(tensor);
    }
    if (index === plans!.length - 1) this.#end(program);
    else round.finished = index + 1;
    return outputs;
  }

  async read(names?: readonly string[]): Promise<State> {
    const { states } = this.#saved;
    const values = this.#predict(READ, new Map());
    const data = Object.fromEntries(Object.entries(values).map(([name, tensor]) => [name, taken(tensor)]));
    return Object.fromEntries(
      (names ?? [...states.keys(), ...this.#unused.keys()]).map((name): [string, StateTensor] => {
        const shape = states.get(name);
        const unused = this.#unused.get(name);
        if (!shape && !unused) throw new Error(`the model has no state ${name}`);
        return [name, shape ? { shape, data: data[name]! } : { ...unused!, data: unused!.data.slice() }];
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
    useTensorFlow(this.#tf);
    const values = new Round();
    for (const [name, { data, shape }] of Object.entries(state)) {
      values.set(name, this.#tf.tensor(data, shape, 'float32'));
    }
    this.#predict(WRITE, values);
    values.dispose();
  }

  async dispose(): Promise<void> {
    for (const program of [...this.#rounds.keys()]) this.#end(program);
    for (const signature of this.#signatures.values()) signature.dispose();
    this.#signatures.clear();
  }

  /** The round that a stage belongs to: a new one for the first stage. */
  #round(program: string, index: number): Round {
    const running = this.#rounds.get(program);
    if (index > (running?.finished ?? 0)) {
      throw new Error(`the stages of program ${program} have to run in their order`);
    }
    if (running && index > 0) return running;
    this.#end(program);
    const round = new Round();
    this.#rounds.set(program, round);
    return round;
  }

  #end(program: string): void {
    this.#rounds.get(program)?.dispose();
    this.#rounds.delete(program);
  }

  /** Runs a signature with those of the tensors that are its inputs. The caller owns what it gives. */
  #predict(name: string, tensors: ReadonlyMap<string, TfTensor>): Record<string, TfTensor> {
    const signature = this.#signatures.get(name);
    if (!signature) throw new Error('the model was disposed of');
    const inputs = Object.keys(this.#saved.signatures[name]!.inputs).map((input) => [input, tensors.get(input)!]);
    const { [DONE]: done, ...outputs } = signature.predict(Object.fromEntries(inputs));
    done!.dispose();
    return outputs;
  }
}

/** What the stages of a program were fed with and what they hand over, by name: TensorFlow's tensors, until its last stage. */
class Round extends Map<string, TfTensor> {
  /** Stages that have run. */
  finished = 0;

  override set(name: string, tensor: TfTensor): this {
    this.get(name)?.dispose();
    return super.set(name, tensor);
  }

  dispose(): void {
    for (const tensor of this.values()) tensor.dispose();
    this.clear();
  }
}

/** The values of a tensor, which is freed. */
function taken(tensor: TfTensor): Float32Array {
  const data = tensor.dataSync();
  tensor.dispose();
  return data;
}

/** @throws Error where the input is missing, or of another type or size */
function fitting(
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
