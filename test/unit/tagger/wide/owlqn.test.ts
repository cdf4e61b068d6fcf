import { describe, expect, it } from 'vitest';
import { minimise } from '../../../../server/tagger/wide/owlqn.ts';

const always = () => true;

describe('minimise', () => {
  it('finds the exact minimum of a quadratic with an L1 term: every weight shrunk by c1, small ones 0', async () => {
    const target = Float64Array.of(3, -2, 0.4, -0.3, 0);
    const curve = Float64Array.of(1, 2, 1, 1, 5);
    const weights = new Float64Array(5);
    const objective = (w: Float64Array, g: Float64Array) =>
      w.reduce((sum, value, i) => {
        g[i] = curve[i]! * (value - target[i]!);
        return sum + 0.5 * curve[i]! * (value - target[i]!) ** 2;
      }, 0);
    await minimise(objective, weights, { c1: 0.5, iterations: 100, onIteration: always });
    [2.5, -1.75, 0, 0, 0].forEach((want, i) => {
      expect(weights[i]).toBeCloseTo(want, 4);
    });
    expect([weights[2], weights[3], weights[4]]).toEqual([0, 0, 0]);
  });

  it('finds the valley of Rosenbrock, and its value never rises', async () => {
    const weights = Float64Array.of(-1.2, 1);
    const values: number[] = [];
    const objective = (w: Float64Array, g: Float64Array) => {
      const [x, y] = w as unknown as [number, number];
      g[0] = -400 * x * (y - x * x) - 2 * (1 - x);
      g[1] = 200 * (y - x * x);
      return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
    };
    const onIteration = (_: number, value: number) => values.push(value) > 0;
    await minimise(objective, weights, { c1: 0, iterations: 200, onIteration });
    expect(weights[0]).toBeCloseTo(1, 2);
    expect(weights[1]).toBeCloseTo(1, 2);
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });

  it('stops when it is told to, and at once at a minimum', async () => {
    let calls = 0;
    const objective = (w: Float64Array, g: Float64Array) => {
      calls++;
      g[0] = 2 * w[0]! - 8;
      return (w[0]! - 4) ** 2;
    };
    await minimise(objective, Float64Array.of(0), { c1: 0, iterations: 50, onIteration: () => false });
    expect(calls).toBe(2);
    calls = 0;
    await minimise(objective, Float64Array.of(4), { c1: 0, iterations: 50, onIteration: always });
    expect(calls).toBe(1);
  });
});
