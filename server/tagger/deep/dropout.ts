// Dropout masks, made outside of the graph so that every engine sees the same.
import type { Random } from '../../tensor/index.ts';

/** Fills a mask: 0 with probability `rate`, else what keeps the expected value, 1 / (1 - rate). @returns the mask */
export function fillDropout(mask: Float32Array, rate: number, random: Random): Float32Array {
  if (rate === 0) return mask.fill(1);
  const kept = 1 / (1 - rate);
  // Eight bits decide, so that one random number serves four channels; the rate is met to 1/256.
  const threshold = Math.round(rate * 0x100);
  for (let i = 0; i < mask.length; i += 4) {
    const bits = random.next();
    mask[i] = (bits & 0xff) < threshold ? 0 : kept;
    mask[i + 1] = ((bits >>> 8) & 0xff) < threshold ? 0 : kept;
    mask[i + 2] = ((bits >>> 16) & 0xff) < threshold ? 0 : kept;
    mask[i + 3] = bits >>> 24 < threshold ? 0 : kept;
  }
  return mask;
}
