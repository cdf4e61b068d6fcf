// A program as plain data without references between nodes, to be sent to another thread.
import { Graph } from './graph.ts';
import { neededNodes, type Program } from './program.ts';
import type { Node } from './types.ts';

interface PackedNode extends Omit<Node, 'id' | 'inputs'> {
  /** Places of the inputs in the list. */
  readonly inputs: readonly number[];
}

export interface PackedProgram {
  /** Inputs before their users. */
  readonly nodes: readonly PackedNode[];
  readonly stages: readonly {
    readonly name: string;
    readonly outputs: Readonly<Record<string, number>>;
    readonly updates: Readonly<Record<string, number>>;
    readonly prepares: readonly number[];
  }[];
  readonly again: readonly number[];
}

/** Only what the stages need. */
export function packProgram(program: Program): PackedProgram {
  const nodes = neededNodes(program).toSorted((a, b) => a.id - b.id);
  const places = new Map(nodes.map((node, place) => [node, place]));
  const placesOf = (named: Readonly<Record<string, Node>> = {}) =>
    Object.fromEntries(Object.entries(named).map(([name, node]) => [name, places.get(node)!]));
  return {
    nodes: nodes.map(({ id: _, inputs, ...rest }) => ({ ...rest, inputs: inputs.map((input) => places.get(input)!) })),
    stages: program.stages.map(({ name, outputs, updates, prepares = [] }) => ({
      name,
      outputs: placesOf(outputs),
      updates: placesOf(updates),
      prepares: prepares.map((node) => places.get(node)!),
    })),
    again: [...(program.again ?? [])].flatMap((node) => places.get(node) ?? []),
  };
}

/** The program again, in a graph of its own. */
export function unpackProgram({ nodes, stages, again }: PackedProgram): Program {
  const graph = new Graph();
  const made: Node[] = [];
  for (const { inputs, ...rest } of nodes) {
    const own = inputs.map((place) => made[place]!);
    made.push(graph.copy({ ...rest, id: -1, inputs: own } as Node, own));
  }
  const nodesOf = (named: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(named).map(([name, place]) => [name, made[place]!]));
  return {
    graph,
    stages: stages.map(({ name, outputs, updates, prepares }) => ({
      name,
      outputs: nodesOf(outputs),
      updates: nodesOf(updates),
      prepares: prepares.map((place) => made[place]!),
    })),
    again: new Set(again.map((place) => made[place]!)),
  };
}
