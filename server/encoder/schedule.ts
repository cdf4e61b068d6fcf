// How the learning rates change with the step (spec section 6). Steps count from 0.
import type { EncoderConfig } from './config.ts';

type Rates = Pick<EncoderConfig, 'learningRate' | 'schedule' | 'warmup'>;

/** `sqrt` is 0 at step 0, reaches the learning rate at the end of the warm-up and falls with 1 / sqrt(step) from there. */
export function learningRate(step: number, { learningRate: rate, schedule, warmup }: Rates): number {
  if (schedule === 'none') return rate;
  if (schedule === 'exp') return rate * 0.9 ** (step / 100);
  return rate * Math.min(step / warmup, Math.sqrt(warmup / Math.max(1, step)));
}

/** Of given vectors: 0 until `from`, then rising linearly to the learning rate at `to`. */
export function releasedRate(step: number, rate: number, [from, to]: readonly [from: number, to: number]): number {
  return rate * Math.min(1, Math.max(0, (step - from) / (to - from)));
}
