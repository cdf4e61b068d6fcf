// Two tables into one space: what is a rotation is found, from pairs and from a few pairs by self-learning.
import { Matrix, QrDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  normalised,
  orthogonalMap,
  type RowPairs,
  reweightedMaps,
  transform,
} from '../../../../server/encoder/vectors/matrices.ts';
import { align } from '../../../../server/encoder/vectors/self-learning.ts';
import { pickEngine, Random } from '../../../../server/tensor/index.ts';

const { engine } = await pickEngine('cpu');

const DIMENSION = 16;
const ROWS = 400;

const random = new Random(3, 'alignment');
const gaussian = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

/** Directions of different extent, as those of word vectors are. */
function words(rows: number): Float32Array {
  return Float32Array.from({ length: rows * DIMENSION }, (_, i) => gaussian() / (1 + (i % DIMENSION)));
}

function rotation(): Matrix {
  const start = Matrix.from1DArray(DIMENSION, DIMENSION, Array.from({ length: DIMENSION ** 2 }, gaussian));
  return new QrDecomposition(start).orthogonalMatrix;
}

const identity = (count: number): RowPairs => ({
  sources: Int32Array.from({ length: count }, (_, i) => i),
  targets: Int32Array.from({ length: count }, (_, i) => i),
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

const source = words(ROWS);
const turn = rotation();

describe('maps', () => {
  it('find the rotation, from no more pairs than dimensions', () => {
    const target = transform(source, turn);
    const found = orthogonalMap(source, target, identity(DIMENSION), DIMENSION);
    expect(largestDifference(found.to1DArray(), turn.to1DArray())).toBeLessThan(1e-5);
  });

  it('are orthogonal even from one pair', () => {
    const map = orthogonalMap(source, words(1), identity(1), DIMENSION);
    expect(largestDifference(map.mmul(map.transpose()).to1DArray(), Matrix.eye(DIMENSION).to1DArray())).toBeLessThan(
      1e-9,
    );
  });

  it('with new weights bring rotated tables together, and pull noise down', () => {
    const target = transform(source, turn);
    // In one direction the two sides have nothing to do with each other.
    for (let row = 0; row < ROWS; row++) source[row * DIMENSION + 1] = gaussian() / 2;
    const maps = reweightedMaps(source, target, identity(ROWS), DIMENSION);
    const [x, z] = [transform(source, maps.source), transform(target, maps.target)];
    const plain = transform(source, orthogonalMap(source, target, identity(ROWS), DIMENSION));
    const error = (a: Float32Array, b: Float32Array) => {
      let [sum, size] = [0, 0];
      for (let i = 0; i < a.length; i++) {
        sum += (a[i]! - b[i]!) ** 2;
        size += a[i]! ** 2;
      }
      return sum / size;
    };
    expect(error(x, z)).toBeLessThan(0.3 * error(plain, target));
  });

  it('of fewer pairs than dimensions stay finite', () => {
    const { source: map } = reweightedMaps(source, words(ROWS), identity(3), DIMENSION);
    expect(map.to1DArray().every(Number.isFinite)).toBe(true);
  });
});

it('rows are normalised: length 1, and mean near 0', () => {
  const shifted = words(ROWS).map((x) => x + 1);
  const rows = normalised(shifted, DIMENSION);
  const mean = new Float64Array(DIMENSION);
  for (let i = 0; i < rows.length; i++) mean[i % DIMENSION]! += rows[i]! / ROWS;
  expect(Math.hypot(...mean)).toBeLessThan(0.1);
  expect(Math.hypot(...rows.subarray(0, DIMENSION))).toBeCloseTo(1, 5);
});

describe('self-learning', () => {
  const x = words(ROWS);
  // The same words in another space and another order, not quite the same, and some more that have no counterpart.
  const order = new Random(4, 'order').shuffle([...Array(ROWS).keys()]);
  const moved = transform(x, rotation());
  const z = Float32Array.from([
    ...order
      .flatMap((row) => [...moved.subarray(row * DIMENSION, (row + 1) * DIMENSION)])
      .map((v) => v + 0.01 * gaussian()),
    ...words(50),
  ]);
  const pairs = (count: number): RowPairs => ({
    sources: Int32Array.from(order.slice(0, count)),
    targets: Int32Array.from({ length: count }, (_, i) => i),
  });
  const options = {
    ...{ rounds: 30, frequent: ROWS + 50, patience: 3, engine },
    threads: 1,
  };
  const right = (a: Float32Array, b: Float32Array) => {
    const nearest = order.filter((row, i) => {
      const own = a.subarray(row * DIMENSION, (row + 1) * DIMENSION);
      const cosines = Array.from({ length: ROWS + 50 }, (_, key) =>
        own.reduce((sum, value, k) => sum + value * b[key * DIMENSION + k]!, 0),
      );
      return cosines.indexOf(Math.max(...cosines)) === i;
    });
    return nearest.length / ROWS;
  };

  it('finds nearly all words from three pairs, where the pairs alone do not', async () => {
    const alone = await align(x, z, DIMENSION, pairs(3), { ...options, rounds: 0 });
    expect(right(alone.source, alone.target)).toBeLessThan(0.9);
    const learnt = await align(x, z, DIMENSION, pairs(3), options);
    expect(right(learnt.source, learnt.target)).toBeGreaterThan(0.97);
    expect(learnt.rounds).toBeLessThanOrEqual(30);
    expect(Math.hypot(...learnt.source.subarray(0, DIMENSION))).toBeCloseTo(1, 5);
  });

  it('is the same each time', async () => {
    const [a, b] = [await align(x, z, DIMENSION, pairs(12), options), await align(x, z, DIMENSION, pairs(12), options)];
    expect(a).toEqual(b);
  });

  it('can be ended between two blocks', async () => {
    const pause = async () => {
      throw new Error('enough');
    };
    await expect(align(x, z, DIMENSION, pairs(12), { ...options, pause })).rejects.toThrow('enough');
  });
});
