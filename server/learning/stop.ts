// When further labelling stops paying: successive models agree on text that nobody has labelled (Bloodgood and
// Vijay-Shanker, CoNLL 2009).

/** So many agreements in a row must reach the threshold, on average. */
export const STOP_WINDOW = 3;

/**
 * Whether labelling may stop.
 * @param agreements kappa of each model with the one before it, oldest first
 * @param threshold the mean of the last `STOP_WINDOW` of them that is enough
 */
export function mayStop(agreements: readonly number[], threshold: number): boolean {
  if (agreements.length < STOP_WINDOW) return false;
  const last = agreements.slice(-STOP_WINDOW);
  return last.reduce((sum, value) => sum + value, 0) / STOP_WINDOW >= threshold;
}
