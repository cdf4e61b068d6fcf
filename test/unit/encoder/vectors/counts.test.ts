// Vectors from counts: pairs, their mutual information, eigenvectors, each against its definition.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { CoOccurrence, type SymmetricCounts } from '../../../../server/encoder/vectors/co-occurrence.ts';
import { eigenvectors } from '../../../../server/encoder/vectors/eigenvectors.ts';
import { positiveInformation } from '../../../../server/encoder/vectors/mutual-information.ts';
import { pickEngine, Random } from '../../../../server/tensor/index.ts';

const { engine } = await pickEngine('cpu');

function dense({ starts, columns, values }: SymmetricCounts): number[][] {
  const words = starts.length - 1;
  const rows = Array.from({ length: words }, () => new Array<number>(words).fill(0));
  for (let word = 0; word < words; word++) {
    for (let i = starts[word]!; i < starts[word + 1]!; i++) rows[word]![columns[i]!]! += values[i]!;
  }
  return rows;
}

describe('co-occurrence', () => {
  it('counts neighbours by their distance, both ways', () => {
    const counts = new CoOccurrence(2);
    counts.add(Int32Array.of(0, 1, 1, 2));
    counts.add(Int32Array.of(2));
    expect(dense(counts.matrix(4))).toEqual([
      [0, 1.5, 0, 0],
      [1.5, 2, 1.5, 0],
      [0, 1.5, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('counts on where single precision would not', () => {
    const counts = new CoOccurrence(1);
    counts.add(new Int32Array(2 ** 24 + 1001));
    expect(dense(counts.matrix(1))).toEqual([[2 * (2 ** 24 + 1000)]]);
  });

  const random = new Random(1, 'sentences');
  const sentences = Array.from({ length: 300 }, () =>
    Int32Array.from({ length: 20 }, () => Math.floor(3000 * random.uniform() ** 3)),
  );

  it('of many words is the same as in a plain map', () => {
    const counts = new CoOccurrence(5);
    const expected = new Map<string, number>();
    for (const sentence of sentences) {
      counts.add(sentence);
      for (const [i, a] of sentence.entries()) {
        for (const [j, b] of sentence.entries()) {
          const distance = Math.abs(i - j);
          if (distance === 0 || distance > 5) continue;
          expected.set(`${a} ${b}`, (expected.get(`${a} ${b}`) ?? 0) + (6 - distance) / 5);
        }
      }
    }
    const { starts, columns, values } = counts.matrix(3000);
    expect(columns).toHaveLength(expected.size);
    let wrong = 0;
    for (let word = 0; word < 3000; word++) {
      for (let i = starts[word]!; i < starts[word + 1]!; i++) {
        if (Math.abs(expected.get(`${word} ${columns[i]}`)! - values[i]!) > 1e-4) wrong++;
      }
    }
    expect(wrong).toBe(0);
  });

  it('drops the rarest pairs where there are too many', () => {
    const [all, few] = [new CoOccurrence(5), new CoOccurrence(5, 8000)];
    for (const sentence of sentences) {
      all.add(sentence);
      few.add(sentence);
    }
    const [whole, part] = [all.matrix(3000), few.matrix(3000)];
    expect(part.columns.length).toBeLessThan(2 * 8000 + 1);
    expect(part.columns.length).toBeGreaterThan(4000);
    const common = Math.max(...whole.values);
    const word = whole.starts.findIndex((start) => start > whole.values.indexOf(common)) - 1;
    expect(dense(part)[word]![whole.columns[whole.values.indexOf(common)]!]).toBeGreaterThan(0.9 * common);
  });
});

it('mutual information is that of the definition, where it is above 0', () => {
  const counts = [
    [4, 6, 0],
    [6, 0, 1],
    [0, 1, 2],
  ];
  const sums = counts.map((row) => row.reduce((a, b) => a + b));
  const total = sums.reduce((a, b) => a + b);
  const smoothed = sums.map((sum) => sum ** 0.75);
  const smoothedTotal = smoothed.reduce((a, b) => a + b);
  const chance = (i: number) => Math.sqrt(((sums[i]! / total) * smoothed[i]!) / smoothedTotal);
  const matrix: SymmetricCounts = {
    starts: Int32Array.of(0, 2, 4, 6),
    columns: Int32Array.of(0, 1, 0, 2, 1, 2),
    values: Float32Array.of(4, 6, 6, 1, 1, 2),
  };
  const found = dense(positiveInformation(matrix));
  let positive = 0;
  for (const [i, row] of counts.entries()) {
    for (const [j, count] of row.entries()) {
      const information = count === 0 ? 0 : Math.log(count / total / (chance(i) * chance(j)));
      const rarer = Math.min(sums[i]!, sums[j]!);
      const expected = Math.max(0, information) * (count / (count + 1)) * (rarer / (rarer + 1));
      expect(found[i]![j]).toBeCloseTo(expected, 5);
      if (expected > 0) positive++;
    }
  }
  expect(positive).toBeGreaterThan(2);
  expect(positive).toBeLessThan(6);
});

describe('eigenvectors', () => {
  const ROWS = 90;
  const random = new Random(2, 'matrix');
  // Some large eigenvalues of both signs above many small ones.
  const basis = Matrix.from1DArray(
    ROWS,
    6,
    Array.from({ length: ROWS * 6 }, () => random.uniform() - 0.5),
  );
  const strong = basis.mmul(Matrix.diag([9, -7, 5, 4, -3, 2])).mmul(basis.transpose());
  const full = Matrix.from1DArray(
    ROWS,
    ROWS,
    Array.from({ length: ROWS ** 2 }, () => 0.02 * (random.uniform() - 0.5)),
  );
  const symmetric = Matrix.add(strong, Matrix.add(full, full.transpose()));
  const sparse: SymmetricCounts = {
    starts: Int32Array.from({ length: ROWS + 1 }, (_, i) => i * ROWS),
    columns: Int32Array.from({ length: ROWS ** 2 }, (_, i) => i % ROWS),
    values: Float32Array.from(symmetric.to1DArray()),
  };
  const options = { count: 6, iterations: 5, seed: 1, engine, threads: 1, pause: async () => undefined };

  it('are those of the whole decomposition', async () => {
    const { vectors, values } = await eigenvectors(sparse, options);
    const exact = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
    const order = [...exact.realEigenvalues.keys()].sort(
      (a, b) => Math.abs(exact.realEigenvalues[b]!) - Math.abs(exact.realEigenvalues[a]!),
    );
    for (let k = 0; k < 6; k++) {
      expect(values[k]).toBeCloseTo(exact.realEigenvalues[order[k]!]!, 3);
      const own = Array.from({ length: ROWS }, (_, row) => vectors[row * 6 + k]!);
      const theirs = exact.eigenvectorMatrix.getColumn(order[k]!);
      const cosine = own.reduce((sum, x, i) => sum + x * theirs[i]!, 0);
      expect(Math.abs(cosine)).toBeGreaterThan(0.999);
      expect(Math.hypot(...own)).toBeCloseTo(1, 4);
    }
  });

  it('of a matrix with fewer rows than directions are zeros after the last', async () => {
    const two: SymmetricCounts = {
      starts: Int32Array.of(0, 2, 4),
      columns: Int32Array.of(0, 1, 0, 1),
      values: Float32Array.of(2, 1, 1, 2),
    };
    const { vectors, values } = await eigenvectors(two, options);
    expect(values.map((value) => Math.round(1000 * Math.abs(value)) / 1000)).toEqual([3, 1, 0, 0, 0, 0]);
    expect([...vectors].every(Number.isFinite)).toBe(true);
    expect(Math.abs(vectors[0]!)).toBeCloseTo(Math.SQRT1_2, 4);
  });

  it('can be ended', async () => {
    const pause = async () => {
      throw new Error('enough');
    };
    await expect(eigenvectors(sparse, { ...options, pause })).rejects.toThrow('enough');
  });
});
