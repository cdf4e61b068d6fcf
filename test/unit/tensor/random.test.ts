import { describe, expect, it } from 'vitest';
import { Random } from '../../../server/tensor/random.ts';

const draw = (random: Random, n: number) => Array.from({ length: n }, () => random.next());

describe('Random', () => {
  it('gives the same numbers for the same seed and stream, others for others', () => {
    const numbers = draw(new Random(7, 'a'), 5);
    expect(draw(new Random(7, 'a'), 5)).toEqual(numbers);
    expect(draw(new Random(8, 'a'), 5)).not.toEqual(numbers);
    expect(draw(new Random(7, 'b'), 5)).not.toEqual(numbers);
  });

  it('keeps its sequence from version to version', () => {
    expect(draw(new Random(1, 'weights'), 3)).toMatchInlineSnapshot(`
      [
        4000041909,
        3570033164,
        3371146816,
      ]
    `);
  });

  it('is uniform: mean, variance and every bit', () => {
    const random = new Random(3, 'test');
    const n = 100_000;
    const bits = new Array<number>(32).fill(0);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < n; i++) {
      const x = random.next();
      for (let b = 0; b < 32; b++) bits[b]! += (x >>> b) & 1;
      const u = x / 2 ** 32;
      sum += u;
      squares += u * u;
    }
    expect(sum / n).toBeCloseTo(1 / 2, 2);
    expect(squares / n).toBeCloseTo(1 / 3, 2);
    for (const ones of bits) expect(Math.abs(ones / n - 0.5)).toBeLessThan(0.01);
  });

  it('shuffles: every order of three about as often, nothing lost', () => {
    const random = new Random(5, 'test');
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
