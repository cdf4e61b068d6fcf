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
}

/**
 * Stages run in their order. A later one may use what an earlier one computed: the engine carries it over, together with
 * the earlier one's inputs. All stages of a round see the states as they were before the round's updates,
 * so updates belong into the last stage.
 */
export interface Program {
  readonly graph: Graph;
  readonly stages: readonly Stage[];
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

/** Cheaper to do again than to carry over: no arithmetic. */
const VIEWS: ReadonlySet<Op> = new Set(['reshape', 'transpose', 'broadcast', 'slice', 'sequenceMask']);

/** Divides the work of a program among its stages: every value is computed once, views of values where they are needed. */
export function planStages({ stages }: Program): StagePlan[] {
  const done = new Set<Node>();
  const fedBefore = new Set<Node>();
  /** For each value the list of what its stage hands over. */
  const madeBy = new Map<Node, Set<Node>>();
  const plans = stages.map((stage) => {
    const nodes = new Set<Node>();
    const [fed, kept, states, carriedIn] = [new Set<Node>(), new Set<Node>(), new Set<Node>(), new Set<Node>()];
    const carriedOut = new Set<Node>();
    const visited = new Set<Node>();
    const visit = (node: Node): void => {
      if (visited.has(node)) return;
      visited.add(node);
      if (node.op === 'input') (fedBefore.has(node) ? kept : fed).add(node);
      else if (node.op === 'state') states.add(node);
      else if (done.has(node) && node.op !== 'constant' && !VIEWS.has(node.op)) {
        carriedIn.add(node);
        madeBy.get(node)!.add(node);
      } else {
        for (const input of node.inputs) visit(input);
        nodes.add(node);
      }
    };
    for (const node of [...Object.values(stage.outputs), ...Object.values(stage.updates ?? {})]) visit(node);
    for (const node of nodes) {
      done.add(node);
      if (!madeBy.has(node)) madeBy.set(node, carriedOut);
    }
    for (const node of fed) fedBefore.add(node);
    return { stage, nodes, fed, kept, states, carriedIn, carriedOut };
  });
  return plans.map((plan) => ({
    stage: plan.stage,
    nodes: [...plan.nodes],
    fed: [...plan.fed] as NodeOf<'input'>[],
    kept: [...plan.kept] as NodeOf<'input'>[],
    states: [...plan.states] as NodeOf<'state'>[],
    carriedIn: [...plan.carriedIn],
    carriedOut: [...plan.carriedOut],
  }));
}
