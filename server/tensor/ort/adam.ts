// Which updates of a program are steps of Adam that the CPU makes in one pass, in place, when the stage has run.
import { firstMoment, secondMoment } from '../graph/optimiser.ts';
import { type Program, planStages, type Stage, VIEWS } from '../graph/program.ts';
import { type Node, type NodeOf, type Op, sizeOf } from '../graph/types.ts';

type Input = NodeOf<'input'>;

/** A weight's step of Adam; its moments are named after it. */
export interface AdamUpdate {
  readonly name: string;
  /** Computed by this stage or an earlier one. */
  readonly gradient: Node;
  /** Multiplies the gradient: fed, or computed; undefined: 1. */
  readonly scale: Node | undefined;
  readonly rate: Input;
  readonly epsilon: Input;
  readonly decay1: number;
  readonly share1: number;
  readonly decay2: number;
  readonly share2: number;
}

export interface SplitProgram {
  /** Without those updates; the stages that compute what they need give it, under names of `PREPARED`. */
  readonly program: Program;
  /** By the name of the stage after which they are made. */
  readonly adam: ReadonlyMap<string, readonly AdamUpdate[]>;
}

/** How names of outputs begin that are not the caller's. */
export const PREPARED = 'adam/';

/** Takes the steps of Adam out of a program. */
export function splitAdam(program: Program): SplitProgram {
  const adam = new Map(program.stages.map((stage) => [stage.name, updatesOf(stage)]));
  const plans = planStages(program);
  /** The first stage that can give a value; undefined for what no stage computes. */
  const makerOf = (node: Node): string | undefined => {
    let root = node;
    while (VIEWS.has(root.op) && root.inputs[0]) root = root.inputs[0];
    const maker = plans.find(({ nodes }) => nodes.includes(root));
    return root.op === 'constant' ? undefined : maker?.stage.name;
  };
  const seen = new Set<Node>(program.stages.flatMap(({ outputs }) => Object.values(outputs)));
  const prepared = new Map<string, Node[]>(program.stages.map(({ name }) => [name, []]));
  for (const [stage, updates] of adam) {
    const possible = updates.filter(({ gradient, scale }) => {
      const maker = makerOf(gradient);
      // A gradient of two weights, or one that the caller gets, has no place of its own
      if (maker === undefined || seen.has(gradient)) return false;
      const scaleMaker = scale && scale.op !== 'input' ? makerOf(scale) : undefined;
      if (scale && scale.op !== 'input' && scaleMaker === undefined) return false;
      seen.add(gradient);
      prepared.get(maker)!.push(gradient);
      if (scaleMaker !== undefined) prepared.get(scaleMaker)!.push(scale!);
      return true;
    });
    adam.set(stage, possible);
  }
  const stages = program.stages.map((stage): Stage => {
    const names = adam.get(stage.name)!.flatMap(({ name }) => [name, firstMoment(name), secondMoment(name)]);
    const left = Object.entries(stage.updates ?? {}).filter(([name]) => !names.includes(name));
    const own = [...new Set(prepared.get(stage.name))].map((node) => [`${PREPARED}${node.id}`, node] as const);
    return { ...stage, outputs: { ...stage.outputs, ...Object.fromEntries(own) }, updates: Object.fromEntries(left) };
  });
  return { program: { ...program, stages }, adam };
}

function updatesOf({ updates = {} }: Stage): AdamUpdate[] {
  return Object.keys(updates).flatMap((name) => updateOf(name, updates) ?? []);
}

/** The nodes that `adam` makes for a weight, seen from their end. */
function updateOf(name: string, updates: Readonly<Record<string, Node>>): AdamUpdate | undefined {
  const [m, v] = [updates[firstMoment(name)], updates[secondMoment(name)]];
  const [weight, change] = inputsOf(updates[name], 'sub');
  const [product, deviation] = inputsOf(change, 'div');
  const [moment, rate] = inputsOf(product, 'mul');
  const [root, epsilon] = inputsOf(deviation, 'add');
  if (m === undefined || moment !== m || inputsOf(root, 'sqrt')[0] !== v || !isState(weight, name)) return undefined;
  const first = movingAverage(m, firstMoment(name));
  const second = movingAverage(v, secondMoment(name));
  if (!first || !second || rate?.op !== 'input' || epsilon?.op !== 'input') return undefined;
  const [a, b] = inputsOf(second.of, 'mul');
  if (a !== first.of || b !== first.of) return undefined;
  const [factor, scale] = inputsOf(first.of, 'mul');
  const isScaled = factor !== undefined && scale !== undefined && sizeOf(scale.shape) === 1 && sizeOf(factor.shape) > 1;
  return {
    ...{ name, rate, epsilon },
    ...(isScaled ? { gradient: factor, scale } : { gradient: first.of, scale: undefined }),
    ...{ decay1: first.decay, share1: first.share, decay2: second.decay, share2: second.share },
  };
}

/** decay * state + share * of */
function movingAverage(sum: Node | undefined, state: string) {
  const [kept, added] = inputsOf(sum, 'add');
  const [before, decay] = inputsOf(kept, 'mul');
  const [of, share] = inputsOf(added, 'mul');
  if (!isState(before, state) || !of || decay?.op !== 'constant' || share?.op !== 'constant') return undefined;
  return { of, decay: decay.attributes.data[0]!, share: share.attributes.data[0]! };
}

function inputsOf(node: Node | undefined, op: Op): readonly (Node | undefined)[] {
  return node?.op === op ? node.inputs : [];
}

function isState(node: Node | undefined, name: string): boolean {
  return node?.op === 'state' && node.attributes.name === name;
}
