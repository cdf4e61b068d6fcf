// The leading eigenvectors of a large sparse symmetric matrix, by subspace iteration (Halko et al. 2011).
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type Engine, Graph, type Model, Random } from '../../tensor/index.ts';
import type { SymmetricCounts } from './co-occurrence.ts';

/** Directions more than are asked for: the last ones converge slowly. */
export const SPARE = 32;

export interface EigenOptions {
  readonly count: number;
  readonly iterations: number;
  readonly seed: number;
  readonly engine: Engine;
  readonly threads: number;
  /** Called often; may throw to end the work. */
  readonly pause: () => Promise<void>;
  readonly progress?: (iteration: number) => void;
}

export interface Eigen {
  /** [rows, count], orthonormal columns. */
  readonly vectors: Float32Array;
  /** Falling in size; some may be below 0. */
  readonly values: number[];
}

/** The eigenvectors with the largest eigenvalues, either sign; as many as the matrix has rows at most, zeros after that. */
export async function eigenvectors(matrix: SymmetricCounts, options: EigenOptions): Promise<Eigen> {
  const rows = matrix.starts.length - 1;
  const width = options.count + SPARE;
  const dense = await Dense.open(rows, width, options);
  try {
    const random = new Random(options.seed, 'eigenvectors');
    let basis = Float32Array.from({ length: rows * width }, () => random.uniform() - 0.5);
    basis = await orthonormal(basis, dense);
    for (let i = 0; i < options.iterations; i++) {
      basis = await orthonormal(await product(matrix, basis, width, options.pause), dense);
      options.progress?.(i + 1);
    }
    const image = await product(matrix, basis, width, options.pause);
    // Rayleigh and Ritz: within the subspace the problem is a small one.
    const small = await dense.columnProducts(basis, image);
    const symmetric = Matrix.add(small, small.transpose()).mul(0.5);
    const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
    const order = [...realEigenvalues.keys()].sort(
      (a, b) => Math.abs(realEigenvalues[b]!) - Math.abs(realEigenvalues[a]!),
    );
    const turned = await dense.times(basis, eigenvectorMatrix.subMatrixColumn(order));
    const vectors = new Float32Array(rows * options.count);
    for (let row = 0; row < rows; row++) {
      vectors.set(turned.subarray(row * width, row * width + options.count), row * options.count);
    }
    return { vectors, values: order.slice(0, options.count).map((i) => realEigenvalues[i]!) };
  } finally {
    await dense.dispose();
  }
}

/** Products of tall tables, on the tensor engine: in plain loops they would take most of the time. */
class Dense {
  readonly #model: Model;
  readonly #width: number;

  private constructor(model: Model, width: number) {
    this.#model = model;
    this.#width = width;
  }

  static async open(rows: number, width: number, { engine, threads }: EigenOptions): Promise<Dense> {
    const columns = () => {
      const graph = new Graph();
      const a = graph.input('a', [rows, width]);
      const b = graph.input('b', [rows, width]);
      return { graph, stages: [{ name: 'run', outputs: { result: graph.matMul(a, b, { transposeA: true }) } }] };
    };
    const times = () => {
      const graph = new Graph();
      const table = graph.input('table', [rows, width]);
      const matrix = graph.input('matrix', [width, width]);
      return { graph, stages: [{ name: 'run', outputs: { result: graph.matMul(table, matrix) } }] };
    };
    return new Dense(await engine.createModel({ weights: {}, programs: { columns, times } }, { threads }), width);
  }

  /** a'b: [width, width]. */
  async columnProducts(a: Float32Array, b: Float32Array): Promise<Matrix> {
    const { result } = await this.#model.run('columns', 'run', { a, b });
    return Matrix.from1DArray(this.#width, this.#width, result!);
  }

  /** [rows, width], a copy. */
  async times(table: Float32Array, matrix: Matrix): Promise<Float32Array<ArrayBuffer>> {
    const inputs = { table, matrix: Float32Array.from(matrix.to1DArray()) };
    const { result } = await this.#model.run('times', 'run', inputs);
    return result!.slice();
  }

  async dispose(): Promise<void> {
    await this.#model.dispose();
  }
}

/** Rows of the sparse matrix that are multiplied between two pauses. */
const ROWS = 1000;

async function product(
  { starts, columns, values }: SymmetricCounts,
  table: Float32Array,
  width: number,
  pause: () => Promise<void>,
): Promise<Float32Array<ArrayBuffer>> {
  const rows = starts.length - 1;
  const result = new Float32Array(table.length);
  for (let first = 0; first < rows; first += ROWS) {
    const last = Math.min(rows, first + ROWS);
    for (let row = first; row < last; row++) {
      addRows(result, row * width, table, width, columns, values, starts[row]!, starts[row + 1]!);
    }
    await pause();
  }
  return result;
}

/** Adds rows of a table, four at a time, each times its value: most of the time goes by here. */
function addRows(
  result: Float32Array,
  to: number,
  table: Float32Array,
  width: number,
  columns: Int32Array,
  values: Float32Array,
  start: number,
  end: number,
): void {
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const [a, b, c, d] = [
      columns[i]! * width,
      columns[i + 1]! * width,
      columns[i + 2]! * width,
      columns[i + 3]! * width,
    ];
    const [p, q, r, s] = [values[i]!, values[i + 1]!, values[i + 2]!, values[i + 3]!];
    for (let k = 0; k < width; k++) {
      result[to + k] = result[to + k]! + p * table[a + k]! + q * table[b + k]! + r * table[c + k]! + s * table[d + k]!;
    }
  }
  for (; i < end; i++) {
    const from = columns[i]! * width;
    const value = values[i]!;
    for (let k = 0; k < width; k++) result[to + k] = result[to + k]! + value * table[from + k]!;
  }
}

/** Columns that span the same space at right angles; directions that vanish become zeros. Twice, for float32 is coarse. */
async function orthonormal(table: Float32Array<ArrayBuffer>, dense: Dense): Promise<Float32Array<ArrayBuffer>> {
  let result = table;
  for (let pass = 0; pass < 2; pass++) {
    const gram = await dense.columnProducts(result, result);
    const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
    const least = Math.max(...realEigenvalues) * 1e-6;
    const scales = realEigenvalues.map((x) => (x > least ? 1 / Math.sqrt(x) : 0));
    result = await dense.times(result, eigenvectorMatrix.mmul(Matrix.diag(scales)));
  }
  return result;
}
