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
export const signatureOf = (program: string, stage: string) => `run ${JSON.stringify([program, stage])}`;

/** An output that every signature has beside its own: when it is there, all assignments are done. */
export const DONE = '^done';

/**
 * Whether an input or output of a stage's signature is a value that a stage hands over to later ones. They stay TensorFlow's
 * tensors meanwhile; on the CPU nothing is copied.
 */
export const isCarried = (name: string) => name.startsWith('^');

const FLOAT: Attribute = { type: 'float32' };

type States = ReadonlyMap<string, Shape>;
type Variables = ReadonlyMap<string, Ref>;

export interface SavedModel {
  readonly list: NodeList;
  readonly signatures: Readonly<Record<string, Signature>>;
  /** Shapes of all weights and moments by name. */
  readonly states: States;
  /** The stages of each program, in order. */
  readonly programs: ReadonlyMap<string, readonly StagePlan[]>;
}

/** @throws Error where programs and weights do not agree about the shape of a state */
export function buildSavedModel(definition: ModelDefinition): SavedModel {
  const programs = new Map(Object.entries(definition.programs).map(([name, make]) => [name, planStages(make())]));
  const states = statesOf(definition, programs);
  const list = new NodeList();
  const variables = new Map([...states].map(([name, shape]) => [name, variable(list, name, shape)]));
  const signatures: Record<string, Signature> = {
    [READ]: readSignature(list, states, variables),
    [WRITE]: writeSignature(list, states, variables),
  };
  for (const [program, plans] of programs) {
    for (const plan of plans) {
      signatures[signatureOf(program, plan.stage.name)] = stageSignature(list, plan, plans, variables);
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

/** The names of what stages hand over, as inputs and outputs of signatures. */
const carriedName = (node: Node) => `^${node.id}`;
const passName = (lstm: Node, tensor: number) => `^${lstm.id}.${tensor}`;

/** The `lstm`s whose gradients a stage computes, but not themselves: their whole forward pass is handed over. */
function foreignLstms({ nodes }: StagePlan): Node[] {
  const lstms = nodes.flatMap(({ op, inputs }) => (op === 'lstmGradient' ? [inputs[6]!] : []));
  return [...new Set(lstms)].filter((lstm) => !nodes.includes(lstm));
}

function passShape({ shape: [time, batch, twice] }: Node): Shape {
  return [time!, batch!, twice! / 2];
}

function stageSignature(list: NodeList, plan: StagePlan, plans: readonly StagePlan[], variables: Variables): Signature {
  const values = new Map<Node, Ref>();
  const passes: LstmPasses = new Map();
  const inputs: Record<string, TensorInfo> = {};
  const outputs: Record<string, TensorInfo> = {};
  const take = (name: string, shape: Shape, dtype: DType): Ref => {
    const ref = placeholder(list, name, shape, dtype);
    inputs[name] = info(ref, shape, dtype);
    return ref;
  };
  const give = (name: string, value: Ref, shape: Shape, dtype: DType) => {
    outputs[name] = info(identity(list, value, dtype), shape, dtype);
  };

  for (const node of [...plan.fed, ...plan.kept]) {
    const ref = take(node.attributes.name, node.shape, node.dtype);
    values.set(node, plan.stage.updates ? deepCopy(list, ref, node.dtype) : ref);
  }
  for (const node of plan.carriedIn) values.set(node, take(carriedName(node), node.shape, node.dtype));
  for (const lstm of foreignLstms(plan)) {
    const tensors = Array.from({ length: 2 * PASS_TENSORS }, (_, i) => passName(lstm, i));
    passes.set(
      lstm,
      tensors.map((name) => take(name, passShape(lstm), 'float32')),
    );
  }
  for (const node of plan.states) values.set(node, readVariable(list, variables.get(node.attributes.name)!));

  for (const node of plan.nodes) {
    const operands = node.inputs.map((input) => values.get(input)!);
    values.set(node, lower(list, node, operands, passes));
  }

  for (const [name, node] of Object.entries(plan.stage.outputs)) give(name, values.get(node)!, node.shape, node.dtype);
  for (const node of plan.carriedOut) give(carriedName(node), values.get(node)!, node.shape, node.dtype);
  for (const lstm of new Set(plans.flatMap(foreignLstms))) {
    if (!plan.nodes.includes(lstm)) continue;
    passes.get(lstm)!.forEach((tensor, i) => {
      give(passName(lstm, i), tensor, passShape(lstm), 'float32');
    });
  }
  const effects = Object.entries(plan.stage.updates ?? {}).map(([name, node]) => {
    const variable = variables.get(name)!;
    return assign(list, variable, values.get(node)!, [after(readVariable(list, variable))]);
  });
  return { inputs, outputs: { ...outputs, [DONE]: done(list, effects) } };
}

function readSignature(list: NodeList, states: States, variables: Variables): Signature {
  const outputs: Record<string, TensorInfo> = { [DONE]: done(list, []) };
  for (const [name, shape] of states) {
    const value = identity(list, readVariable(list, variables.get(name)!), 'float32');
    outputs[name] = info(value, shape, 'float32');
  }
  return { inputs: {}, outputs };
}

function writeSignature(list: NodeList, states: States, variables: Variables): Signature {
  const inputs: Record<string, TensorInfo> = {};
  const effects: Ref[] = [];
  for (const [name, shape] of states) {
    const value = placeholder(list, name, shape, 'float32');
    inputs[name] = info(value, shape, 'float32');
    effects.push(assign(list, variables.get(name)!, deepCopy(list, value, 'float32')));
  }
  return { inputs, outputs: { [DONE]: done(list, effects) } };
}

function variable(list: NodeList, name: string, shape: Shape): Ref {
  const attributes: Record<string, Attribute> = {
    shape: { shape },
    shared_name: { text: name },
    container: { text: '' },
  };
  return list.add('VarHandleOp', [], { dtype: FLOAT, ...attributes });
}

function readVariable(list: NodeList, handle: Ref): Ref {
  return list.add('ReadVariableOp', [handle], { dtype: FLOAT });
}

/** Replaces a variable's value, when the nodes that it waits for have run: reading it, above all. */
function assign(list: NodeList, handle: Ref, value: Ref, waits: readonly Ref[] = []): Ref {
  return list.add('AssignVariableOp', [handle, value, ...waits], { dtype: FLOAT });
}

/** `_name` is an attribute of ours (TensorFlow skips those with an underscore): two inputs of one shape are two nodes. */
function placeholder(list: NodeList, name: string, shape: Shape, type: DType): Ref {
  return list.add('Placeholder', [], { dtype: { type }, shape: { shape }, _name: { text: name } });
}

/**
 * tfjs feeds tensors that share their memory with JavaScript's arrays, and no variable may come to hold one: the caller
 * would change it, and TensorFlow would free it on a thread of its own, where JavaScript's objects must not be touched.
 */
function deepCopy(list: NodeList, x: Ref, type: DType): Ref {
  return list.add('DeepCopy', [x], { T: { type } });
}

/** Makes an output of any tensor, of one that is fed as well. */
function identity(list: NodeList, value: Ref, type: DType, waits: readonly Ref[] = []): Ref {
  return list.add('Identity', [value, ...waits], { T: { type } });
}

function done(list: NodeList, effects: readonly Ref[]): TensorInfo {
  return info(identity(list, list.number(0), 'float32', effects.map(after)), [], 'float32');
}

function info(ref: Ref, shape: Shape, dtype: DType): TensorInfo {
  return { tensor: `${ref}:0`, dtype, shape };
}
