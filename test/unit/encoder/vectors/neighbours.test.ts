// Nearest neighbours and word translation, against the definition computed one product after the other.
import { describe, expect, it } from 'vitest';
import type { WordPair } from '../../../../server/encoder/pairs.ts';
import { scoreTranslation } from '../../../../server/encoder/vectors/bli.ts';
import { induce } from '../../../../server/encoder/vectors/induction.ts';
import {
  Largest,
  meanOfNearest,
  nearest,
  normaliseRows,
  Products,
} from '../../../../server/encoder/vectors/nearest.ts';
import { pickEngine, Random } from '../../../../server/tensor/index.ts';

const { engine } = await pickEngine('cpu');
const on = { engine, threads: 1 };
const pause = async () => undefined;

function randomTable(rows: number, dimension: number, stream: string): Float32Array {
  const random = new Random(7, stream);
  return normaliseRows(
    Float32Array.from({ length: rows * dimension }, () => random.uniform() - 0.5),
    dimension,
  );
}

/** All products, in double precision. */
function allProducts(a: Float32Array, b: Float32Array, dimension: number): number[][] {
  const rows = (table: Float32Array) =>
    Array.from({ length: table.length / dimension }, (_, i) => [...table.subarray(i * dimension, (i + 1) * dimension)]);
  const others = rows(b);
  return rows(a).map((x) => others.map((y) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)));
}

const meanOfLargest = (values: readonly number[], k: number) =>
  values
    .toSorted((a, b) => b - a)
    .slice(0, k)
    .reduce((sum, x, _, { length }) => sum + x / length, 0);

const order = (values: readonly number[], k: number) =>
  [...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, k);

const transposed = (rows: number[][]) => rows[0]!.map((_, i) => rows.map((row) => row[i]!));

// More rows than one block holds, and no whole number of blocks.
const queries = randomTable(301, 6, 'queries');
const keys = randomTable(170, 6, 'keys');
const products = allProducts(queries, keys, 6);

describe('nearest neighbours', () => {
  it('are those of the definition, by cosine and by CSLS', async () => {
    const toKeys = await Products.open(keys, 6, on);
    const toQueries = await Products.open(queries, 6, on);
    const penalty = await meanOfNearest(toQueries, keys, pause);
    const expected = transposed(products).map((column) => meanOfLargest(column, 10));
    for (const [i, value] of expected.entries()) expect(penalty[i]).toBeCloseTo(value, 5);
    const cosine = await nearest(toKeys, queries, 3, pause);
    expect([...cosine]).toEqual(products.flatMap((row) => order(row, 3)));
    const csls = await nearest(toKeys, queries, 3, pause, penalty);
    const scores = products.map((row) => row.map((value, i) => 2 * value - expected[i]!));
    expect([...csls]).toEqual(scores.flatMap((row) => order(row, 3)));
    expect([...csls]).not.toEqual([...cosine]);
    await toKeys.dispose();
    await toQueries.dispose();
  });

  it('fewer keys than neighbours leave places empty; of equal ones the first counts', async () => {
    const few = await Products.open(Float32Array.of(0, 1, 1, 0, 1, 0), 2, on);
    expect([...(await nearest(few, Float32Array.of(1, 0), 4, pause))]).toEqual([1, 2, 0, -1]);
    expect([...(await meanOfNearest(few, Float32Array.of(1, 0), pause))]).toEqual([Math.fround(2 / 3)]);
    await few.dispose();
    expect(new Largest(2).mean()).toBe(0);
  });

  it('rows of zeros stay', () => {
    expect([...normaliseRows(Float32Array.of(0, 0, 3, 4), 2)]).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)]);
  });
});

describe('an induced dictionary', () => {
  const ownMean = products.map((row) => meanOfLargest(row, 10));
  const keyMean = transposed(products).map((column) => meanOfLargest(column, 10));
  const score = (row: number, key: number) => 2 * products[row]![key]! - ownMean[row]! - keyMean[key]!;
  it('holds the nearest one of every word of both sides', async () => {
    const open = await Products.open(keys, 6, on);
    const { pairs, objective } = await induce(open, queries, pause).finally(() => open.dispose());
    const forward = products.map(
      (row, i) =>
        order(
          row.map((_, key) => score(i, key)),
          1,
        )[0]!,
    );
    const backward = keyMean.map(
      (_, key) =>
        order(
          products.map((_, row) => score(row, key)),
          1,
        )[0]!,
    );
    expect([...pairs.sources]).toEqual([...products.keys(), ...backward]);
    expect([...pairs.targets]).toEqual([...forward, ...keyMean.keys()]);
    const total = pairs.sources.reduce((sum, row, i) => sum + score(row, pairs.targets[i]!), 0);
    expect(objective).toBeCloseTo(total / pairs.sources.length, 5);
  });
});

describe('word translation', () => {
  const table = (rows: readonly number[]) =>
    Float32Array.from(rows.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  const source = { words: ['one', 'two', 'three', 'ሰላም'], dimension: 2, table: table([0, 1, 2, 3]) };
  const target = { words: ['uno', 'dos', 'tres', 'un', 'paz'], dimension: 2, table: table([0.1, 1.4, 1.1, 0.3, 3]) };
  const dictionary: WordPair[] = [
    { source: 'one', target: 'un' },
    { source: 'one', target: 'uno' }, // at 1: any translation counts
    { source: 'two', target: 'dos' }, // at 5: tres is nearer
    { source: 'ሰላም', target: 'paz' },
    { source: 'three', target: 'troi' }, // no translation has a vector
    { source: 'four', target: 'dos' },
  ];

  it('is scored as MUSE scores it', async () => {
    const score = await scoreTranslation({ source, target, dictionary, ...on });
    expect(score).toMatchObject({ words: 3, pairs: 4, coverage: 60 });
    expect(score?.cosine).toEqual({ p1: (100 * 2) / 3, p5: 100, p10: 100 });
  });

  it('does not depend on lengths', async () => {
    const longer = { ...target, table: target.table.map((x, i) => x * (1 + Math.floor(i / 2))) };
    const score = await scoreTranslation({ source, target, dictionary, ...on });
    expect(await scoreTranslation({ source, target: longer, dictionary, ...on })).toEqual(score);
  });

  it('says where no word can be scored', async () => {
    const strangers = [{ source: 'x', target: 'uno' }];
    expect(await scoreTranslation({ source, target, dictionary: strangers, ...on })).toBeUndefined();
  });
});
