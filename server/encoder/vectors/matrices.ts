// The little linear algebra that aligns two tables of vectors; decompositions come from ml-matrix.
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import { normaliseRows } from './nearest.ts';

/** Rows of two tables that belong together: sources[i] and targets[i]. */
export interface RowPairs {
  readonly sources: Int32Array;
  readonly targets: Int32Array;
}

export function joinPairs(a: RowPairs, b: RowPairs): RowPairs {
  return { sources: concatenated(a.sources, b.sources), targets: concatenated(a.targets, b.targets) };
}

function concatenated(a: Int32Array, b: Int32Array): Int32Array {
  const result = new Int32Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}

/** Sum over pairs of a row of `a` (as a column) times a row of `b`: [dimension, dimension]. */
function crossProduct(a: Float32Array, b: Float32Array, pairs: RowPairs, dimension: number): Matrix {
  const sum = new Float64Array(dimension * dimension);
  for (let pair = 0; pair < pairs.sources.length; pair++) {
    const from = pairs.sources[pair]! * dimension;
    const to = pairs.targets[pair]! * dimension;
    for (let i = 0; i < dimension; i++) {
      const x = a[from + i]!;
      const row = i * dimension;
      for (let j = 0; j < dimension; j++) sum[row + j] = sum[row + j]! + x * b[to + j]!;
    }
  }
  return Matrix.from1DArray(dimension, dimension, sum);
}

/** Sum over the rows of a table of each one (as a column) times itself: [dimension, dimension]. */
export function rowProducts(table: Float32Array, dimension: number): Matrix {
  const rows = Int32Array.from({ length: table.length / dimension }, (_, row) => row);
  return crossProduct(table, table, { sources: rows, targets: rows }, dimension);
}

/** table [rows, matrix.rows] times matrix: [rows, matrix.columns]. */
export function transform(table: Float32Array, matrix: Matrix): Float32Array {
  const { rows: dimension, columns } = matrix;
  const rows = table.length / dimension;
  const weights = Float64Array.from(matrix.to1DArray());
  const result = new Float32Array(rows * columns);
  const sum = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sum.fill(0);
    for (let i = 0; i < dimension; i++) {
      const x = table[row * dimension + i]!;
      const from = i * columns;
      for (let j = 0; j < columns; j++) sum[j] = sum[j]! + x * weights[from + j]!;
    }
    result.set(sum, row * columns);
  }
  return result;
}

/** Rows of length 1 with mean 0, then of length 1 again (Artetxe et al. 2018): a new table. */
export function normalised(table: Float32Array, dimension: number): Float32Array {
  const result = normaliseRows(table.slice(), dimension);
  const mean = new Float64Array(dimension);
  for (let i = 0; i < result.length; i++) mean[i % dimension] = mean[i % dimension]! + result[i]!;
  const rows = result.length / dimension;
  for (let i = 0; i < result.length; i++) result[i] = result[i]! - mean[i % dimension]! / rows;
  return normaliseRows(result, dimension);
}

/** The orthogonal matrix W with the least distance between paired rows of `source` W and `target` (Procrustes). */
export function orthogonalMap(source: Float32Array, target: Float32Array, pairs: RowPairs, dimension: number): Matrix {
  const { leftSingularVectors: u, rightSingularVectors: v } = singular(crossProduct(source, target, pairs, dimension));
  return u.mmul(v.transpose());
}

/**
 * Maps for both sides after which directions that the pairs agree in count more: whitening, rotation, each direction
 * times the square root of its singular value, and the whitening undone (Artetxe et al. 2018, "symmetric re-weighting").
 */
export function reweightedMaps(
  source: Float32Array,
  target: Float32Array,
  pairs: RowPairs,
  dimension: number,
): { source: Matrix; target: Matrix } {
  const whitenSource = whitening(source, pairs.sources, dimension);
  const whitenTarget = whitening(target, pairs.targets, dimension);
  const cross = whitenSource.white.mmul(crossProduct(source, target, pairs, dimension)).mmul(whitenTarget.white);
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = singular(cross);
  // Whitened rows are not divided by their number, so singular values lie between 0 and 1.
  const weights = Matrix.diag(diagonal.map((s) => Math.sqrt(Math.max(0, s))));
  const map = (white: Matrix, coloured: Matrix, rotation: Matrix) =>
    white.mmul(rotation).mmul(weights).mmul(rotation.transpose()).mmul(coloured).mmul(rotation);
  return {
    source: map(whitenSource.white, whitenSource.coloured, u),
    target: map(whitenTarget.white, whitenTarget.coloured, v),
  };
}

/** (X'X)^-1/2 and (X'X)^1/2 of some rows of a table. */
function whitening(table: Float32Array, rows: Int32Array, dimension: number): { white: Matrix; coloured: Matrix } {
  const covariance = crossProduct(table, table, { sources: rows, targets: rows }, dimension);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  // Fewer pairs than dimensions leave directions without any extent: those are left out, not blown up.
  const least = Math.max(...realEigenvalues) * 1e-6;
  const power = (exponent: number) => {
    const diagonal = Matrix.diag(realEigenvalues.map((x) => (x > least ? x ** exponent : 0)));
    return eigenvectorMatrix.mmul(diagonal).mmul(eigenvectorMatrix.transpose());
  };
  return { white: power(-0.5), coloured: power(0.5) };
}

function singular(matrix: Matrix): SingularValueDecomposition {
  return new SingularValueDecomposition(matrix);
}
