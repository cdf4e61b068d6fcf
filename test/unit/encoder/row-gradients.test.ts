// The gradient of a table by its touched rows: what is put in place and what is added, again and again.
import { expect, it } from 'vitest';
import { RowGradients } from '../../../server/encoder/row-gradients.ts';

it.each([3, 4])('adds up the touched rows of %i numbers, and begins anew', (width) => {
  const gradients = new RowGradients(6, width);
  const values = Float32Array.from({ length: 4 * width }, (_, i) => i - 3.5);
  for (let round = 0; round < 2; round++) {
    const expected = new Float32Array(6 * width);
    const add = (row: number, from: number, factor?: number) => {
      gradients.add(row, values, from * width, factor);
      for (let i = 0; i < width; i++) {
        expected[row * width + i] = expected[row * width + i]! + (factor ?? 1) * values[from * width + i]!;
      }
    };
    add(4, 1);
    add(1, 2, -0.5);
    add(4, 3);
    add(1, 0);
    add(round, 2, 2);
    expect(gradients.dense()).toEqual(expected);
    expect(gradients.squares()).toBeCloseTo(
      expected.reduce((sum, x) => sum + x * x, 0),
      4,
    );
    gradients.clear();
    expect(gradients.squares()).toBe(0);
  }
});
