// Nearest neighbours between two tables of vectors, in blocks: the products of all rows with all rows are never in memory.
import { type Engine, Graph, type Model } from '../../tensor/index.ts';

/** Rows of one product: fast on two cores, and small enough that the results stay in the cache while they are read. */
const BLOCK = 128;

/** Divides each row by its length, in place; a row of zeros stays. @returns the same array */
export function normaliseRows(table: Float32Array, dimension: number): Float32Array {
  for (let start = 0; start < table.length; start += dimension) {
    let sum = 0;
    for (let i = start; i < start + dimension; i++) sum += table[i]! * table[i]!;
    if (sum === 0) continue;
    const scale = 1 / Math.sqrt(sum);
    for (let i = start; i < start + dimension; i++) table[i] = table[i]! * scale;
  }
  return table;
}

export interface ProductBlock {
  /** First query row of the block. */
  readonly first: number;
  /** Query rows in it. */
  readonly count: number;
  /** [count, keys]: valid until the next block. */
  readonly values: Float32Array;
}

/** Products of any rows with the rows of one table, on the tensor engine. */
export class Products {
  readonly #model: Model;
  readonly #dimension: number;
  /** Rows of the table. */
  readonly keys: number;

  private constructor(model: Model, dimension: number, keys: number) {
    this.#model = model;
    this.#dimension = dimension;
    this.keys = keys;
  }

  /** @param table [keys, dimension], copied */
  static async open(
    table: Float32Array,
    dimension: number,
    { engine, threads }: { readonly engine: Engine; readonly threads: number },
  ): Promise<Products> {
    const shape = [table.length / dimension, dimension] as const;
    const build = () => {
      const graph = new Graph();
      const queries = graph.input('queries', [BLOCK, dimension]);
      const values = graph.matMul(queries, graph.state('keys', shape), { transposeB: true });
      return { graph, stages: [{ name: 'run', outputs: { values } }] };
    };
    const definition = { weights: { keys: { shape, data: table } }, programs: { main: build } };
    return new Products(await engine.createModel(definition, { threads }), dimension, shape[0]);
  }

  /** Goes through the products of all query rows ([queries, dimension]) with all keys. */
  async *blocks(queries: Float32Array): AsyncGenerator<ProductBlock, void, undefined> {
    const rows = queries.length / this.#dimension;
    const input = new Float32Array(BLOCK * this.#dimension);
    for (let first = 0; first < rows; first += BLOCK) {
      const count = Math.min(BLOCK, rows - first);
      input.fill(0);
      input.set(queries.subarray(first * this.#dimension, (first + count) * this.#dimension));
      const { values } = await this.#model.run('main', 'run', { queries: input });
      yield { first, count, values: values as Float32Array };
    }
  }

  async dispose(): Promise<void> {
    await this.#model.dispose();
  }
}

/** The k largest of a stream of numbers, kept in falling order; of equal ones the first stays in front. */
export class Largest {
  readonly values: Float32Array;
  readonly places: Int32Array;

  constructor(k: number) {
    this.values = new Float32Array(k);
    this.places = new Int32Array(k);
    this.clear();
  }

  clear(): void {
    this.values.fill(Number.NEGATIVE_INFINITY);
    this.places.fill(-1);
  }

  /** Of those that came, where fewer than k did; 0 of none. */
  mean(): number {
    let sum = 0;
    let count = 0;
    for (; count < this.values.length && this.places[count]! >= 0; count++) sum += this.values[count]!;
    return count === 0 ? 0 : sum / count;
  }

  /** Call it for values above the last of `values` only: that comparison belongs into the caller's loop. */
  insert(value: number, place: number): void {
    const { values, places } = this;
    let i = values.length - 1;
    for (; i > 0 && values[i - 1]! < value; i--) {
      values[i] = values[i - 1]!;
      places[i] = places[i - 1]!;
    }
    values[i] = value;
    places[i] = place;
  }
}

/** Neighbours that CSLS takes the mean over (Conneau et al. 2018). */
export const CSLS_NEIGHBOURS = 10;

/** For each query the mean of its `k` largest products with the keys (all of them where there are fewer). */
export async function meanOfNearest(
  products: Products,
  queries: Float32Array,
  pause: () => Promise<void>,
  k = CSLS_NEIGHBOURS,
): Promise<Float32Array> {
  const largest = new Largest(k);
  const means: number[] = [];
  for await (const { count, values } of products.blocks(queries)) {
    for (let row = 0; row < count; row++) {
      select(largest, values, row * products.keys, products.keys);
      means.push(largest.mean());
    }
    await pause();
  }
  return Float32Array.from(means);
}

/**
 * For each query the keys with the largest products, best first: [queries, k], -1 where there are fewer keys.
 * @param penalty CSLS: what is taken from twice the product, one number a key (`meanOfNearest` of the keys among the
 *   queries' whole language). What CSLS takes for the query itself changes no order.
 */
export async function nearest(
  products: Products,
  queries: Float32Array,
  k: number,
  pause: () => Promise<void>,
  penalty?: Float32Array,
): Promise<Int32Array> {
  const largest = new Largest(k);
  const found: Int32Array[] = [];
  for await (const { count, values } of products.blocks(queries)) {
    const places = new Int32Array(count * k);
    for (let row = 0; row < count; row++) {
      const start = row * products.keys;
      if (penalty !== undefined) {
        for (let i = 0; i < products.keys; i++) values[start + i] = 2 * values[start + i]! - penalty[i]!;
      }
      select(largest, values, start, products.keys);
      places.set(largest.places, row * k);
    }
    found.push(places);
    await pause();
  }
  const all = new Int32Array(found.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const places of found) {
    all.set(places, at);
    at += places.length;
  }
  return all;
}

function select(largest: Largest, values: Float32Array, start: number, count: number): void {
  largest.clear();
  const kept = largest.values;
  const last = kept.length - 1;
  let least = kept[last]!;
  for (let i = 0; i < count; i++) {
    const value = values[start + i]!;
    if (value > least) {
      largest.insert(value, i);
      least = kept[last]!;
    }
  }
}
