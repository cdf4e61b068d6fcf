// A dictionary from two tables that lie in one space: each word's nearest neighbour by CSLS, in both directions.
import type { RowPairs } from './matrices.ts';
import { CSLS_NEIGHBOURS, Largest, type Products } from './nearest.ts';

export interface Induced {
  /** Each source row with its best target row, then each target row with its best source row. */
  readonly pairs: RowPairs;
  /** Mean similarity of the pairs: what self-learning makes larger. */
  readonly objective: number;
}

/**
 * Pairs every row with its nearest neighbour on the other side.
 * @param products with the target rows
 * @param source [rows, dimension], in the same space
 */
export async function induce(products: Products, source: Float32Array, pause: () => Promise<void>): Promise<Induced> {
  const penalties = await neighbourhoods(products, source, pause);
  const rows = penalties.rows.length;
  const { keys } = products;
  const forward = new Best(rows);
  const backward = new Best(keys);
  for await (const { first, count, values } of products.blocks(source)) {
    for (let row = 0; row < count; row++) {
      const own = first + row;
      const start = row * keys;
      const ownPenalty = penalties.rows[own]!;
      let best = Number.NEGATIVE_INFINITY;
      let place = -1;
      for (let key = 0; key < keys; key++) {
        const twice = 2 * values[start + key]!;
        const ahead = twice - penalties.keys[key]!;
        if (ahead > best) {
          best = ahead;
          place = key;
        }
        const back = twice - ownPenalty;
        if (back > backward.values[key]!) {
          backward.values[key] = back;
          backward.places[key] = own;
        }
      }
      forward.values[own] = best;
      forward.places[own] = place;
    }
    await pause();
  }
  return joined(forward, backward, penalties);
}

class Best {
  readonly values: Float32Array;
  readonly places: Int32Array;

  constructor(count: number) {
    this.values = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
    this.places = new Int32Array(count).fill(-1);
  }
}

function joined(forward: Best, backward: Best, penalties: { rows: Float32Array; keys: Float32Array }): Induced {
  const sources: number[] = [];
  const targets: number[] = [];
  let sum = 0;
  for (const [row, key] of forward.places.entries()) {
    if (key < 0) continue;
    sources.push(row);
    targets.push(key);
    sum += forward.values[row]! - penalties.rows[row]!;
  }
  for (const [key, row] of backward.places.entries()) {
    if (row < 0) continue;
    sources.push(row);
    targets.push(key);
    sum += backward.values[key]! - penalties.keys[key]!;
  }
  const pairs = { sources: Int32Array.from(sources), targets: Int32Array.from(targets) };
  return { pairs, objective: sum / sources.length };
}

/** The mean similarity of every row of both sides to its nearest ones on the other: from one pass over the products. */
async function neighbourhoods(
  products: Products,
  source: Float32Array,
  pause: () => Promise<void>,
): Promise<{ rows: Float32Array; keys: Float32Array }> {
  const { keys } = products;
  const rows: number[] = [];
  const largest = new Largest(CSLS_NEIGHBOURS);
  const ofKeys = Array.from({ length: keys }, () => new Largest(CSLS_NEIGHBOURS));
  const leasts = new Float32Array(keys).fill(Number.NEGATIVE_INFINITY);
  for await (const { first, count, values } of products.blocks(source)) {
    for (let row = 0; row < count; row++) {
      const start = row * keys;
      largest.clear();
      let least = Number.NEGATIVE_INFINITY;
      for (let key = 0; key < keys; key++) {
        const value = values[start + key]!;
        if (value > least) {
          largest.insert(value, key);
          least = largest.values.at(-1)!;
        }
        if (value > leasts[key]!) {
          const own = ofKeys[key]!;
          own.insert(value, first + row);
          leasts[key] = own.values.at(-1)!;
        }
      }
      rows.push(largest.mean());
    }
    await pause();
  }
  return { rows: Float32Array.from(rows), keys: Float32Array.from(ofKeys, (own) => own.mean()) };
}
