// Vectors with fewer numbers: those that are published mostly have more than an encoder takes.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { rowProducts, transform } from './matrices.ts';
import { normaliseRows } from './nearest.ts';
import type { WordVectors } from './vector-file.ts';

/** Words of each language that the directions are chosen by, the most frequent ones: every language counts alike. */
const FREQUENT = 20_000;
/** Rows between two pauses. */
const ROWS = 1000;

export interface ReducedVectors {
  /** In the order in which they were given; rows of length 1. */
  readonly languages: readonly WordVectors[];
  /** What the directions that stay hold of the squared lengths, 0 to 1. */
  readonly kept: number;
}

/**
 * Vectors of languages that lie in one space, each of length 1, in the directions that hold most of them (a truncated singular
 * value decomposition without the mean taken off: products between languages stay as near as they can to what they were).
 * @param languages one word at least each; tables [words, dimension], in which the rows become of length 1
 * @param dimension numbers that stay, fewer than there are
 * @param pause called often; may throw to end the work
 */
export async function reduceVectors(
  languages: readonly WordVectors[],
  dimension: number,
  pause: () => Promise<void>,
): Promise<ReducedVectors> {
  const given = languages[0]!.dimension;
  const sum = Matrix.zeros(given, given);
  for (const { table, words } of languages) {
    normaliseRows(table, given);
    const rows = Math.min(FREQUENT, words.length);
    for (let first = 0; first < rows; first += ROWS) {
      const block = table.subarray(first * given, Math.min(rows, first + ROWS) * given);
      sum.add(rowProducts(block, given).div(rows));
      await pause();
    }
  }
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(sum, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const stay = order.slice(0, dimension);
  const directions = eigenvectorMatrix.subMatrixColumn(stay);
  const reduced: WordVectors[] = [];
  for (const { table, words } of languages) {
    const result = new Float32Array(words.length * dimension);
    for (let first = 0; first < words.length; first += ROWS) {
      const block = table.subarray(first * given, (first + ROWS) * given);
      result.set(transform(block, directions), first * dimension);
      await pause();
    }
    reduced.push({ words, dimension, table: normaliseRows(result, dimension) });
  }
  const extent = (indices: readonly number[]) => indices.reduce((total, i) => total + realEigenvalues[i]!, 0);
  return { languages: reduced, kept: extent(stay) / extent(order) };
}
