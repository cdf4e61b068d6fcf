// What onnxruntime is given: operations that it computes in one go are one node.
import { expect, it } from 'vitest';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import { planStages } from '../../../server/tensor/graph/program.ts';
import type { Node } from '../../../server/tensor/graph/types.ts';
import { lowerStage } from '../../../server/tensor/ort/lower.ts';

function operations(build: (g: Graph) => Record<string, Node>): string[] {
  const graph = new Graph();
  const [plan] = planStages({ graph, stages: [{ name: 'run', outputs: build(graph) }] });
  return lowerStage(plan!, { narrowSplits: false }).nodes.map(({ op }) => op);
}

it('sums squares without having them, unless something else wants them', () => {
  const x = (g: Graph) => g.input('x', [3, 4]);
  expect(operations((g) => ({ y: g.sum(g.mul(x(g), x(g)), [1], { keepDims: true }) }))).toEqual(['ReduceSumSquare']);
  const squares = (g: Graph) => g.mul(x(g), x(g));
  expect(operations((g) => ({ y: g.sum(squares(g), [0], { keepDims: true }), squares: squares(g) }))).toEqual([
    'Mul',
    'ReduceSum',
  ]);
  expect(operations((g) => ({ y: g.sum(g.mul(x(g), g.exp(x(g))), [0], { keepDims: true }) }))).toEqual([
    'Exp',
    'Mul',
    'ReduceSum',
  ]);
});
