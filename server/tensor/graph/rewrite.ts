// Replaces nodes of a program by others: how an engine gets rid of operations that it does not have.
import { Graph } from './graph.ts';
import type { Program } from './program.ts';
import type { Node } from './types.ts';

/** Gives a replacement, built in `g` from the already rewritten inputs, or undefined to keep the node. */
export type Replace = (g: Graph, node: Node, inputs: readonly Node[]) => Node | undefined;

/** The same program in a new graph, with only the nodes that its stages need. */
export function rewriteProgram(program: Program, replace: Replace): Program {
  const { stages, again = new Set() } = program;
  const graph = new Graph();
  const rewritten = new Map<Node, Node>();
  const rewrite = (node: Node): Node => {
    const known = rewritten.get(node);
    if (known) return known;
    const inputs = node.inputs.map(rewrite);
    const result = replace(graph, node, inputs) ?? graph.copy(node, inputs);
    rewritten.set(node, result);
    return result;
  };
  const all = (nodes: Readonly<Record<string, Node>>) =>
    Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, rewrite(node)]));
  const ownStages = stages.map(({ name, outputs, updates, prepares }) => ({
    name,
    outputs: all(outputs),
    ...(updates && { updates: all(updates) }),
    ...(prepares && { prepares: prepares.map(rewrite) }),
  }));
  const ownAgain = [...again].flatMap((node) => rewritten.get(node) ?? []);
  return { ...program, graph, stages: ownStages, again: new Set(ownAgain) };
}
