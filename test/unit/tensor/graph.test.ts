// The builder: equal nodes once, mistakes refused where they are made.
import { describe, expect, it } from 'vitest';
import { gradients } from '../../../server/tensor/graph/gradients.ts';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import { GraphError } from '../../../server/tensor/graph/shapes.ts';

describe('Graph', () => {
  it('makes equal nodes and constants once', () => {
    const g = new Graph();
    const x = g.input('x', [2, 3]);
    expect(g.input('x', [2, 3])).toBe(x);
    expect(g.add(g.tanh(x), 1)).toBe(g.add(g.tanh(x), 1));
    expect(g.constant(Float32Array.of(1, 2))).toBe(g.constant(Float32Array.of(1, 2)));
    expect(g.constant(Float32Array.of(1, 2))).not.toBe(g.constant(Float32Array.of(1, 3)));
    expect(g.constant(Float32Array.of(1, 2))).not.toBe(g.constant(Int32Array.of(1, 2)));
    expect(g.sum(x, [0])).not.toBe(g.sum(x, [1]));
    expect(g.reshape(x, [2, 3])).toBe(x);
  });

  it('refuses what does not fit', () => {
    const g = new Graph();
    const x = g.input('x', [2, 3]);
    const indices = g.input('indices', [4], 'int32');
    const wrong: (() => unknown)[] = [
      () => g.add(x, g.input('y', [2])),
      () => g.matMul(x, x),
      () => g.matMul(x, g.input('z', [4, 3, 2])),
      () => g.reshape(x, [5]),
      () => g.transpose(x, [0, 0]),
      () => g.slice(x, 1, 2, 2),
      () => g.concat([x, g.input('w', [2, 3, 1])], 0),
      () => g.gather(x, x),
      () => g.scatterAdd(indices, x, 3),
      () => g.sum(x, [2]),
      () => g.tanh(indices),
      () => g.lstm(x, indices, { weight: x, bias: x }, { weight: x, bias: x }),
    ];
    for (const make of wrong) expect(make).toThrow(GraphError);
    expect(() => g.input('x', [3, 2])).toThrow('input x is float32 [2,3], not float32 [3,2]');
  });

  it('gives zeros to a target that nothing reaches', () => {
    const g = new Graph();
    const [x, y] = [g.input('x', [2]), g.input('y', [3])];
    const [dx, dy] = gradients(g, [{ node: g.sum(x), gradient: 1 }], [x, y]);
    expect(dx!.shape).toEqual([2]);
    expect(dy).toBe(g.zeros([3]));
  });
});
