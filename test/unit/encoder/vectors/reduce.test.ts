// Vectors with fewer numbers: what lies in few directions keeps its products, and the shared directions are taken.
import { Matrix, QrDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { transform } from '../../../../server/encoder/vectors/matrices.ts';
import { normaliseRows } from '../../../../server/encoder/vectors/nearest.ts';
import { reduceVectors } from '../../../../server/encoder/vectors/reduce.ts';
import type { WordVectors } from '../../../../server/encoder/vectors/vector-file.ts';
import { Random } from '../../../../server/tensor/index.ts';

const GIVEN = 12;
const random = new Random(5, 'reduce');
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.uniform() - 0.5);
const directions = new QrDecomposition(
  Matrix.from1DArray(GIVEN, GIVEN, Array.from(numbers(GIVEN ** 2))),
).orthogonalMatrix.transpose();

/** Words that lie in the first `extent` of these directions. */
function language(count: number, extent: number): WordVectors {
  const table = transform(numbers(count * extent), directions.subMatrix(0, extent - 1, 0, GIVEN - 1));
  return { words: Array.from({ length: count }, (_, i) => `w${i}`), dimension: GIVEN, table };
}

const cosine = (a: WordVectors, i: number, b: WordVectors, j: number) => {
  const [x, y] = [a, b].map(({ table, dimension }) => normaliseRows(table.slice(), dimension));
  const { dimension } = a;
  return Array.from({ length: dimension }, (_, k) => x![i * dimension + k]! * y![j * dimension + k]!).reduce(
    (sum, product) => sum + product,
    0,
  );
};

const pause = async () => undefined;

describe('reduceVectors', () => {
  it('keeps all cosines, of languages of unlike size, where the vectors lie in as few directions', async () => {
    const given = [language(1500, 4), language(30, 4)] as const;
    const before = [0, 7, 29].map((i) => cosine(given[0], 1400 + i, given[1], i));
    const { languages, kept } = await reduceVectors(given, 4, pause);
    const [source, target] = languages as [WordVectors, WordVectors];
    expect(source).toMatchObject({ dimension: 4, words: given[0].words });
    expect(source.table).toHaveLength(1500 * 4);
    expect(kept).toBeCloseTo(1, 6);
    for (const [at, i] of [0, 7, 29].entries()) expect(cosine(source, 1400 + i, target, i)).toBeCloseTo(before[at]!, 5);
    expect(Math.hypot(...target.table.subarray(0, 4))).toBeCloseTo(1, 6);
  });

  it('says what is lost where they do not, and can be ended', async () => {
    const { kept } = await reduceVectors([language(800, 8)], 4, pause);
    expect(kept).toBeGreaterThan(0.45);
    expect(kept).toBeLessThan(0.65);
    const end = () => Promise.reject(new Error('enough'));
    await expect(reduceVectors([language(800, 8)], 4, end)).rejects.toThrow('enough');
  });
});
