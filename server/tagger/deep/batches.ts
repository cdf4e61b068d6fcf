// The order in which an epoch sees the sentences: a function of seed and epoch alone, so that a resumed run needs no memory.
import type { Random } from '../../tensor/index.ts';

/** Batches whose sentences are sorted among each other: larger ones waste less padding, smaller ones shuffle better. */
const POOL = 20;

/** Sentences of one epoch: passes over the data until there are `steps` batches; at least one pass. */
export function passesFor(sentences: number, batch: number, steps: number): number {
  return Math.max(1, Math.ceil((steps * batch) / sentences));
}

/**
 * The batches of an epoch, near lengths together: shuffle, sort inside pools, shuffle the batches.
 * @returns indices of sentences; the last batch of a pool can be smaller
 */
export function epochBatches(lengths: readonly number[], batch: number, passes: number, random: Random): number[][] {
  const order: number[] = [];
  // One by one: a call with a hundred thousand arguments overflows the stack.
  for (let pass = 0; pass < passes; pass++) for (const i of random.shuffle(lengths.map((_, i) => i))) order.push(i);
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += POOL * batch) {
    const pool = order.slice(start, start + POOL * batch).sort((a, b) => lengths[b]! - lengths[a]!);
    for (let i = 0; i < pool.length; i += batch) batches.push(pool.slice(i, i + batch));
  }
  return random.shuffle(batches);
}
