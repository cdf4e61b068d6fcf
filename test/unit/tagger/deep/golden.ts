// The original's numbers (../shared/golden) and how to compare with them.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';

export type Nested = number | Nested[];

const folder = resolve('../shared/golden');
export const hasGolden = existsSync(folder);

/** The structure of the files differs; each test knows its own. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(resolve(folder, `${name}.json`), 'utf8')) as T;
}

export function flat(value: Nested): Float32Array {
  return Float32Array.from(typeof value === 'number' ? [value] : value.flatMap((part) => [...flat(part)]));
}

export function shapeOf(value: Nested): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0]!)] : [];
}

export function stateOf(weights: Record<string, Nested>) {
  return Object.fromEntries(
    Object.entries(weights).map(([name, value]) => [name, { shape: shapeOf(value), data: flat(value) }]),
  );
}

/** [a][b][...] -> [b][a][...]: the files are batch first, the graphs time first. */
export function swap(value: Nested): Nested[] {
  const rows = value as Nested[][];
  return rows[0]!.map((_, b) => rows.map((row) => row[b]!));
}

/** |x - y| <= tolerance * max(1, |y|) for every number. */
export function expectClose(actual: ArrayLike<number>, expected: Nested, tolerance: number): void {
  const numbers = flat(expected);
  expect(actual.length).toBe(numbers.length);
  const worst = Math.max(...numbers.map((y, i) => Math.abs(actual[i]! - y) / Math.max(1, Math.abs(y))));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

/** A gradient as a whole: |g - g'| / |g| <= 1e-3 in the L2 norm. */
export function expectSameGradient(actual: Float32Array, expected: Nested): void {
  const numbers = flat(expected);
  expect(actual.length).toBe(numbers.length);
  const difference = Math.hypot(...numbers.map((y, i) => actual[i]! - y));
  expect(difference).toBeLessThanOrEqual(1e-3 * Math.hypot(...numbers) + 1e-9);
}
