// All programs of a model as one SavedModel: a variable for each weight and moment, a signature for each stage, and one
// each to read and to write the variables. Signatures of one SavedModel share a session, and so the variables.
import type { ModelDefinition } from '../engine.ts';
import { planStages, type StagePlan } from '../graph/program.ts';
import type { DType, Node, Shape } from '../graph/types.ts';
import { sameShape } from '../graph/types.ts';
import { lower } from './lower.ts';
import { type LstmPasses, PASS_TENSORS } from './lstm.ts';
import { after, NodeList, type Ref } from './nodes.ts';
import type { Attribute, Signature, TensorInfo } from './proto.ts';

export const READ = 'read';
export const WRITE = 'write';
export const signatureOf = (program: string, stage: string) => `run ${program} ${stage}`;

/** An output that every signature has beside its own, so that all its assignments are done when it returns. */
export const DONE = '^done';

export interface StageSignature {
  readonly plan: StagePlan;
  readonly signature: string;
}

export interface SavedModel {
  readonly list: NodeList;
  readonly signatures: Readonly<Record<string, Signature>>;
  /** Shapes of all weights and moments by name. */
  readonly states: ReadonlyMap<string, Shape>;
  /** The stages of each program, in order. */
  readonly programs: ReadonlyMap<string, readonly StagePlan[]>;
}

/** @throws Error where programs and weights do not agree about the shape of a state */
export function buildSavedModel(definition: ModelDefinition): SavedModel {
  const programs = new Map(Object.entries(definition.programs).map(([name, make]) => [name, planStages(make())]));
  const states = statesOf(definition, programs);
  const list = new NodeList();
  const variables = new Map([...states].map(([name, shape]) => [name, variable(list, `state ${name}`, shape)]));
  const signatures: Record<string, Signature> = {
    [READ]: readSignature(list, states, variables),
    [WRITE]: writeSignature(list, states, variables),
  };
  for (const [program, plans] of programs) {
    const carried = new CarriedValues(list, program, plans);
    for (const plan of plans) {
      signatures[signatureOf(program, plan.stage.name)] = stageSignature(list, plan, variables, carried);
    }
  }
  return { list, signatures, states, programs };
}

function statesOf({ weights }: ModelDefinition, programs: ReadonlyMap<string, readonly StagePlan[]>) {
  const states = new Map<string, Shape>();
  const declare = (name: string, shape: Shape) => {
    const known = states.get(name);
    if (known && !sameShape(known, shape)) throw new Error(`state ${name} is [${known}] and [${shape}] in one model`);
    states.set(name, shape);
  };
  for (const [name, { shape }] of Object.entries(weights)) declare(name, shape);
  for (const { states: used, stage } of [...programs.values()].flat()) {
    for (const node of used) declare(node.attributes.name, node.shape);
    for (const [name, { shape }] of Object.entries(stage.updates ?? {})) declare(name, shape);
  }
  return states;
}

/** What stages of a program hand over to later ones stays in variables too: on the device, and without copying. */
class CarriedValues {
  readonly #list: NodeList;
  readonly #program: string;
  readonly #variables = new Map<string, Ref>();
  /** LSTMs whose gradient is in a later stage: their whole forward pass is carried. */
  readonly #lstms = new Set<Node>();

  constructor(list: NodeList, program: string, plans: readonly StagePlan[]) {
    this.#list = list;
    this.#program = program;
    for (const { nodes } of plans) {
      for (const { op, inputs } of nodes) {
        if (op === 'lstmGradient' && !nodes.includes(inputs[6]!)) this.#lstms.add(inputs[6]!);
      }
    }
  }

  /** What a stage takes over: values of nodes, and forward passes of LSTMs. */
  read(plan: StagePlan, values: Map<Node, Ref>, passes: LstmPasses): void {
    for (const node of plan.carriedIn) {
      values.set(node, readVariable(this.#list, this.#variable(node, 'value', node.shape), node.dtype));
    }
    const gradients = plan.nodes.filter((node) => node.op === 'lstmGradient');
    for (const y of new Set(gradients.map(({ inputs }) => inputs[6]!))) {
      if (!this.#lstms.has(y)) continue;
      const tensors = Array.from({ length: 2 * PASS_TENSORS }, (_, i) => this.#passTensor(y, i));
      passes.set(
        y,
        tensors.map((tensor) => readVariable(this.#list, tensor, 'float32')),
      );
    }
  }

  /** What a stage hands over; returns the assignments. */
  write(plan: StagePlan, values: ReadonlyMap<Node, Ref>, passes: LstmPasses): Ref[] {
    return [
      ...plan.carriedOut.map((node) =>
        assign(this.#list, this.#variable(node, 'value', node.shape), values.get(node)!, node.dtype),
      ),
      ...plan.nodes
        .filter((node) => this.#lstms.has(node))
        .flatMap((node) => passes.get(node)!.map((tensor, i) => assign(this.#list, this.#passTensor(node, i), tensor))),
    ];
  }

  #passTensor(y: Node, i: number): Ref {
    const [time, batch, twice] = y.shape as [number, number, number];
    return this.#variable(y, `pass ${i}`, [time, batch, twice / 2]);
  }

  #variable(node: Node, part: string, shape: Shape): Ref {
    const name = `carried ${this.#program} ${node.id} ${part}`;
    const ref = this.#variables.get(name) ?? variable(this.#list, name, shape, node.dtype);
    this.#variables.set(name, ref);
    return ref;
  }
}

function stageSignature(
  list: NodeList,
  plan: StagePlan,
  variables: ReadonlyMap<string, Ref>,
  carried: CarriedValues,
): Signature {
  const values = new Map<Node, Ref>();
  const passes: LstmPasses = new Map();
  const inputs: Record<string, TensorInfo> = {};
  const outputs: Record<string, TensorInfo> = {};
  for (const node of [...plan.fed, ...plan.kept]) {
    const ref = placeholder(list, node.shape, node.dtype);
    values.set(node, ref);
    inputs[node.attributes.name] = info(ref, node.shape, node.dtype);
  }
  const reads = new Map<string, Ref>();
  for (const node of plan.states) {
    const ref = readVariable(list, variables.get(node.attributes.name)!, 'float32');
    values.set(node, ref);
    reads.set(node.attributes.name, ref);
  }
  carried.read(plan, values, passes);
  for (const node of plan.nodes) {
    const operands = node.inputs.map((input) => values.get(input)!);
    values.set(node, lower(list, node, operands, passes));
  }
  for (const [name, node] of Object.entries(plan.stage.outputs)) {
    outputs[name] = info(identity(list, values.get(node)!, node.dtype), node.shape, node.dtype);
  }
  const effects = carried.write(plan, values, passes);
  for (const [name, node] of Object.entries(plan.stage.updates ?? {})) {
    const read = reads.get(name);
    effects.push(assign(list, variables.get(name)!, values.get(node)!, 'float32', read ? [after(read)] : []));
  }
  return { inputs, outputs: { ...outputs, [DONE]: done(list, effects) } };
}

function readSignature(list: NodeList, states: ReadonlyMap<string, Shape>, variables: ReadonlyMap<string, Ref>) {
  const outputs: Record<string, TensorInfo> = { [DONE]: done(list, []) };
  for (const [name, shape] of states) {
    outputs[name] = info(identity(list, readVariable(list, variables.get(name)!, 'float32'), 'float32'), shape);
  }
  return { inputs: {}, outputs };
}

function writeSignature(list: NodeList, states: ReadonlyMap<string, Shape>, variables: ReadonlyMap<string, Ref>) {
  const inputs: Record<string, TensorInfo> = {};
  const effects: Ref[] = [];
  for (const [name, shape] of states) {
    const value = placeholder(list, shape, 'float32');
    inputs[name] = info(value, shape);
    effects.push(assign(list, variables.get(name)!, value));
  }
  return { inputs, outputs: { [DONE]: done(list, effects) } };
}

function variable(list: NodeList, name: string, shape: Shape, type: DType = 'float32'): Ref {
  const attributes: Record<string, Attribute> = { dtype: { type }, shape: { shape }, shared_name: { text: name } };
  return list.addNew('VarHandleOp', [], { ...attributes, container: { text: '' } });
}

function readVariable(list: NodeList, handle: Ref, type: DType): Ref {
  return list.addNew('ReadVariableOp', [handle], { dtype: { type } });
}

function assign(list: NodeList, handle: Ref, value: Ref, type: DType = 'float32', waits: readonly Ref[] = []): Ref {
  return list.addNew('AssignVariableOp', [handle, value, ...waits], { dtype: { type } });
}

function placeholder(list: NodeList, shape: Shape, type: DType): Ref {
  return list.addNew('Placeholder', [], { dtype: { type }, shape: { shape } });
}

/** Makes an output of any tensor, of one that is fed as well. */
function identity(list: NodeList, value: Ref, type: DType, waits: readonly Ref[] = []): Ref {
  return list.addNew('Identity', [value, ...waits], { T: { type } });
}

function done(list: NodeList, effects: readonly Ref[]): TensorInfo {
  return info(identity(list, list.number(0), 'float32', effects.map(after)), []);
}

function info(ref: Ref, shape: Shape, dtype: DType = 'float32'): TensorInfo {
  return { tensor: ref.includes(':') ? ref : `${ref}:0`, dtype, shape };
}
