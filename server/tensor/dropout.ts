// Dropout masks, made outside of the graph so that every engine sees the same.
import type { Random } from './random.ts';

/** Fills a mask: 0 with probability `rate`, met to 1/256, else what keeps the expected value. @returns the mask */
export function fillDropout(mask: Float32Array, rate: number, random: Random): Float32Array {
  if (rate === 0) return mask.fill(1);
  // Eight bits decide, so that one random number serves four channels.
  const threshold = Math.round(rate * 0x100);
  const values = new Float32Array(0x100).fill(0x100 / (0x100 - threshold), threshold);
  for (let i = 0; i < mask.length; i += 4) {
    const bits = random.next();
    mask[i] = values[bits & 0xff]!;
    mask[i + 1] = values[(bits >>> 8) & 0xff]!;
    mask[i + 2] = values[(bits >>> 16) & 0xff]!;
    mask[i + 3] = values[bits >>> 24]!;
  }
  return mask;
}
