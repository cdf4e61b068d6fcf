// How long a training has worked.

/** Milliseconds that no step takes. */
const LONGEST_STEP = 600_000;

/**
 * Seconds of work. The clock of macOS and Windows goes on while a machine sleeps, so that a training of two hours would be
 * over in the morning after a lid was closed: between two readings no more than a long step counts.
 */
export class WorkingTime {
  #seconds = 0;
  #last = performance.now();

  /** Since it was made. Read it in every step. */
  get seconds(): number {
    const now = performance.now();
    this.#seconds += Math.min(now - this.#last, LONGEST_STEP) / 1000;
    this.#last = now;
    return this.#seconds;
  }
}
