// When the tagger is trained again: after so many corrections, or so many minutes after the first one that it does not
// know, as soon as the person pauses; or when it is asked for. One run at a time, and at most one waits behind it.
import type { Clock } from '../workspace/host.ts';

/** Milliseconds without an edit that are a pause. */
export const PAUSE = 4000;

export interface ScheduleOptions<R> {
  readonly clock: Clock;
  /**
   * Trains; ends early when the signal is aborted, and goes on where it was when it is called again.
   * @param asked whether somebody has asked for it
   */
  readonly run: (signal: AbortSignal, asked: boolean) => Promise<R>;
  /** What `state`, `queued` or `corrections` say has changed. */
  readonly changed: () => void;
  /** A run that nobody asked for has failed. */
  readonly failed: (error: unknown) => void;
}

export interface ScheduleLimits {
  readonly corrections: number;
  readonly minutes: number;
}

interface Request<R> {
  readonly promise: Promise<R>;
  readonly settle: { resolve(result: R): void; reject(error: unknown): void };
}

export class RetrainSchedule<R> {
  readonly #options: ScheduleOptions<R>;
  #limits: ScheduleLimits;
  /** Corrections that no finished run knows. */
  #corrections = 0;
  /** Corrections from which on a run is due; more than the limit after a run that came to nothing. */
  #due: number;
  /** When the first correction came that no run knows, or the last run came to nothing. */
  #since: number | undefined;
  #lastEdit = Number.NEGATIVE_INFINITY;
  #paused = false;
  /** Cut off by `pause`: it goes on first of all. */
  #interrupted = false;
  #running: AbortController | undefined;
  #requested: Request<R> | undefined;
  /** The request that runs. */
  #serving: Promise<R> | undefined;
  #forget: (() => void) | undefined;

  constructor(limits: ScheduleLimits, options: ScheduleOptions<R>) {
    this.#limits = limits;
    this.#due = limits.corrections;
    this.#options = options;
  }

  get corrections(): number {
    return this.#corrections;
  }

  get state(): 'idle' | 'waiting' | 'training' | 'paused' {
    if (this.#running !== undefined) return 'training';
    if (this.#requested !== undefined) return 'waiting';
    if (this.#paused) return 'paused';
    return this.#isDue() ? 'waiting' : 'idle';
  }

  /** Another run waits behind the one that goes on. */
  get queued(): boolean {
    return this.#running !== undefined && (this.#requested !== undefined || (!this.#paused && this.#isDue()));
  }

  get paused(): boolean {
    return this.#paused;
  }

  configure(limits: ScheduleLimits): void {
    this.#due += limits.corrections - this.#limits.corrections;
    this.#limits = limits;
    this.#look();
  }

  /** A person has decided about so many sentences or spans. */
  corrected(count = 1): void {
    this.#corrections += count;
    this.#since ??= this.#options.clock.now();
    this.edited();
    this.#options.changed();
  }

  /** A person is at work. */
  edited(): void {
    this.#lastEdit = this.#options.clock.now();
    this.#look();
  }

  /** Trains as soon as nothing runs, pause or not. Whoever asks while another one waits gets what that one comes to. */
  request(): Promise<R> {
    if (this.#requested !== undefined) return this.#requested.promise;
    let settle!: Request<R>['settle'];
    const promise = new Promise<R>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#requested = { promise, settle };
    this.#look();
    this.#options.changed();
    return promise;
  }

  /** Nobody wants what this request comes to: it does not start, or ends. */
  withdraw(request: Promise<R>): void {
    if (this.#requested?.promise === request) this.#drop();
    else if (this.#serving === request) this.#running?.abort();
  }

  /** Nothing starts by itself from now on; what runs is cut off and goes on with `resume`. */
  pause(): void {
    this.#paused = true;
    this.#interrupted ||= this.#running !== undefined;
    this.#running?.abort();
    this.#look();
    this.#options.changed();
  }

  resume(): void {
    this.#paused = false;
    this.#look();
    this.#options.changed();
  }

  /** Ends what runs, and what waits behind it does not start. */
  cancel(): void {
    this.#running?.abort();
    this.#drop();
  }

  #drop(): void {
    this.#requested?.settle.reject(new Error('cancelled'));
    this.#requested = undefined;
    this.#options.changed();
  }

  /** Nothing starts any more. */
  dispose(): void {
    this.#forget?.();
    this.#forget = undefined;
    this.#paused = true;
    this.cancel();
  }

  #isDue(): boolean {
    if (this.#interrupted) return true;
    if (this.#corrections === 0) return false;
    return this.#corrections >= this.#due || this.#options.clock.now() - this.#since! >= this.#limits.minutes * 60_000;
  }

  /** Starts what may start, or looks again when that can be. */
  #look(): void {
    this.#forget?.();
    this.#forget = undefined;
    if (this.#running !== undefined) return;
    if (this.#requested !== undefined) {
      const { settle, promise } = this.#requested;
      this.#requested = undefined;
      this.#serving = promise;
      void this.#start(settle);
      return;
    }
    if (this.#paused || (this.#corrections === 0 && !this.#interrupted)) return;
    const { clock } = this.#options;
    const untilPause = this.#lastEdit + PAUSE - clock.now();
    const untilDue = this.#isDue() ? 0 : this.#since! + this.#limits.minutes * 60_000 - clock.now();
    const wait = Math.max(untilPause, untilDue);
    if (wait > 0) this.#forget = clock.after(wait, () => this.#look());
    else void this.#start(undefined);
  }

  async #start(settle: Request<R>['settle'] | undefined): Promise<void> {
    const controller = new AbortController();
    this.#running = controller;
    this.#interrupted = false;
    const known = this.#corrections;
    const since = this.#since;
    this.#since = undefined;
    this.#corrections = 0;
    this.#due = this.#limits.corrections;
    this.#options.changed();
    try {
      const result = await this.#options.run(controller.signal, settle !== undefined);
      // It was at its end when it was cut off: nothing is left to go on with.
      this.#interrupted = false;
      settle?.resolve(result);
    } catch (error) {
      // Its corrections are still unknown; the next run is for new ones, or it would fail at once for the same reason.
      this.#corrections += known;
      this.#due = known + this.#limits.corrections;
      this.#since = this.#interrupted ? since : known > 0 ? this.#options.clock.now() : this.#since;
      if (settle !== undefined) settle.reject(error);
      else if (!controller.signal.aborted) this.#options.failed(error);
    } finally {
      this.#running = undefined;
      this.#serving = undefined;
      this.#look();
      this.#options.changed();
    }
  }
}
