// A program: a graph cut into stages that run one after another, with work in between (the CRF) outside of the graph.
import type { Graph } from './graph.ts';
import type { Node, NodeOf, Op } from './types.ts';

/** A part of a program that runs in one go. */
export interface Stage {
  readonly name: string;
  /** What the caller gets, by name. */
  readonly outputs: Readonly<Record<string, Node>>;
  /** New values of states, by name: they take effect when the stage has run. */
  readonly updates?: Readonly<Record<string, Node>>;
  /** Values that later stages need, and that this one shall compute though it does not need them itself. */
  readonly prepares?: readonly Node[];
}

/**
 * Stages run in their order. A later one may use what an earlier one computed: the engine carries it over, together with
 * the earlier one's inputs. All stages of a round see the states as they were before the round's updates,
 * so updates belong into the last stage.
 */
export interface Program {
  readonly graph: Graph;
  readonly stages: readonly Stage[];
  /**
   * Values that every stage computes for itself instead of being handed them: time for memory, because what lies between
   * two values that are carried then exists in one stage at a time.
   */
  readonly again?: ReadonlySet<Node>;
  /** It seldom runs: the memory of a run goes back to the system at its end, also in a model that keeps that of others. */
  readonly isRare?: boolean;
}

/** What one stage computes, takes and gives. */
export interface StagePlan {
  readonly stage: Stage;
  /** The nodes that this stage computes, inputs before their users. */
  readonly nodes: readonly Node[];
  /** Inputs that the caller feeds in this stage (earlier stages did not have them). */
  readonly fed: readonly NodeOf<'input'>[];
  /** Inputs that an earlier stage was fed with and this one needs again. */
  readonly kept: readonly NodeOf<'input'>[];
  readonly states: readonly NodeOf<'state'>[];
  /** Values that an earlier stage hands over to this one. */
  readonly carriedIn: readonly Node[];
  /** Values that this stage hands over to later ones. */
  readonly carriedOut: readonly Node[];
}

/** What a stage is there for. */
function wantedBy({ outputs, updates = {}, prepares = [] }: Stage): Node[] {
  return [...Object.values(outputs), ...Object.values(updates), ...prepares];
}

/** The nodes that the stages of a program need; its graph may hold more. */
export function neededNodes({ stages }: Program): Node[] {
  const needed = new Set<Node>();
  const visit = (node: Node): void => {
    if (needed.has(node)) return;
    needed.add(node);
    node.inputs.forEach(visit);
  };
  for (const stage of stages) wantedBy(stage).forEach(visit);
  return [...needed];
}

/** Cheaper to do again than to carry over: no arithmetic. */
export const VIEWS: ReadonlySet<Op> = new Set(['reshape', 'transpose', 'broadcast', 'slice', 'sequenceMask']);

/** A stage while its plan is being made. */
class Draft {
  readonly nodes = new Set<Node>();
  readonly fed = new Set<NodeOf<'input'>>();
  readonly kept = new Set<NodeOf<'input'>>();
  readonly states = new Set<NodeOf<'state'>>();
  readonly carriedIn = new Set<Node>();
  readonly carriedOut = new Set<Node>();
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }
}

/**
 * Divides the work of a program among its stages: every value is computed once, in the first stage that needs it, and
 * carried to later ones; views of values, and those that the program says, are made again where they are needed. One
 * exception: many pieces of an earlier stage that a later one only concatenates are concatenated in the earlier one, and
 * carried as one.
 */
export function planStages({ stages, again = new Set() }: Program): StagePlan[] {
  const makers = new Map<Node, Draft>();
  const feeders = new Map<Node, Draft>();

  const carry = (node: Node, from: Draft, to: Draft) => {
    to.carriedIn.add(node);
    from.carriedOut.add(node);
  };
  const isSource = (node: Node) => node.op === 'input' || node.op === 'state' || node.op === 'constant';

  /** The one earlier stage where a concat of computed values can be made as well, if there is one. */
  const earlierConcat = (node: Node, draft: Draft): Draft | undefined => {
    if (node.op !== 'concat') return undefined;
    const makerOf = (input: Node) => (again.has(input) ? undefined : makers.get(input));
    const maker = node.inputs.map(makerOf).find((m) => m !== undefined && m !== draft);
    const ready = (input: Node): boolean =>
      input.op === 'constant' ||
      (maker?.nodes.has(input) === true && !again.has(input)) ||
      (VIEWS.has(input.op) && !isSource(input) && input.inputs.every(ready));
    return maker && node.inputs.every(ready) ? maker : undefined;
  };

  /** Adds a node, and what it needs, to a stage. */
  const visit = (node: Node, draft: Draft): void => {
    if (draft.nodes.has(node)) return;
    if (node.op === 'state') {
      draft.states.add(node);
      return;
    }
    if (node.op === 'input') {
      const feeder = feeders.get(node);
      if (!feeder) feeders.set(node, draft);
      (feeder === undefined || feeder === draft ? draft.fed : draft.kept).add(node);
      return;
    }
    const maker = makers.get(node);
    const isRemade = node.op === 'constant' || VIEWS.has(node.op) || again.has(node);
    if (maker && maker !== draft && !isRemade) {
      carry(node, maker, draft);
      return;
    }
    const earlier = maker ? undefined : earlierConcat(node, draft);
    if (earlier) {
      compute(node, earlier);
      carry(node, earlier, draft);
    } else compute(node, draft);
  };

  const compute = (node: Node, draft: Draft): void => {
    for (const input of node.inputs) visit(input, draft);
    draft.nodes.add(node);
    if (!makers.has(node)) makers.set(node, draft);
  };

  const drafts = stages.map((stage) => {
    const draft = new Draft(stage);
    for (const node of wantedBy(stage)) visit(node, draft);
    return draft;
  });
  return drafts.map((draft) => ({
    stage: draft.stage,
    nodes: [...draft.nodes],
    fed: [...draft.fed],
    kept: [...draft.kept],
    states: [...draft.states],
    carriedIn: [...draft.carriedIn],
    carriedOut: [...draft.carriedOut],
  }));
}
