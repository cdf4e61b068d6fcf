// When to stop. Patience counts steps, not epochs: with 100 sentences an epoch of the original is 5 steps, and three of
// those without a first entity ended its training at F1 0.

export interface Progress {
  /** Best dev score so far (-1 before the first) and the step and epoch that reached it. */
  best: number;
  bestStep: number;
  bestEpoch: number;
}

export const START: Readonly<Progress> = { best: -1, bestStep: 0, bestEpoch: 0 };

/** Notes a dev score. Only a strictly better one counts. @returns whether it is the best so far */
export function note(progress: Progress, score: number, step: number, epoch: number): boolean {
  if (!(score > progress.best)) return false;
  progress.best = score;
  progress.bestStep = step;
  progress.bestEpoch = epoch;
  return true;
}

/** Whether `patience` steps have gone by without a better dev score. */
export function exhausted(progress: Progress, step: number, patience: number): boolean {
  return step - progress.bestStep >= patience;
}
