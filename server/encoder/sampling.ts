// Negatives for the sampled softmax: different ids, drawn from a distribution that falls like word counts do (spec section 4).
import type { Random } from '../tensor/index.ts';

export interface Samples {
  readonly ids: Int32Array;
  /** Draws that it took to find so many different ids. */
  readonly tries: number;
}

/** p(id) = (ln(id + 2) - ln(id + 1)) / ln(size + 1), for ids in order of falling counts. */
function logUniform(id: number, size: number): number {
  return Math.log1p(1 / (id + 1)) / Math.log(size + 1);
}

/** How often an id is expected among `count` different ids that took so many tries: 1 - (1 - p)^tries. */
export function expectedCount(id: number, size: number, count: number, tries: number): number {
  const p = logUniform(id, size);
  return tries === count ? p * count : -Math.expm1(tries * Math.log1p(-p));
}

/** Draws `count` different ids of [0, size). */
export function drawSamples(size: number, count: number, random: Random): Samples {
  if (count >= size) throw new RangeError(`${count} different ids of ${size}`);
  const ids = new Int32Array(count);
  const drawn = new Uint8Array(size);
  const scale = Math.log(size + 1);
  let found = 0;
  let tries = 0;
  while (found < count) {
    tries++;
    const id = Math.min(size - 1, Math.floor(Math.exp(random.uniform() * scale)) - 1);
    if (drawn[id] === 1) continue;
    drawn[id] = 1;
    ids[found++] = id;
  }
  return { ids, tries };
}
