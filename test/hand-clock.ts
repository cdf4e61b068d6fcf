// A clock for tests.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../server/workspace/host.ts';

/** A clock whose time passes when the test says so. */
export class HandClock implements Clock {
  #now = 0;
  readonly #waiting = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const waiting = { at: this.#now + milliseconds, callback };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  /** Calls at once what comes due. @returns after what follows from it at once */
  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const waiting of [...this.#waiting]) {
      if (waiting.at <= this.#now && this.#waiting.delete(waiting)) waiting.callback();
    }
    await setImmediate();
  }

  /** The same until everything that waits now is due. */
  passAll(): Promise<void> {
    return this.pass(Math.max(this.#now, ...Array.from(this.#waiting, ({ at }) => at)) - this.#now);
  }
}
