// What the workspace needs from the world around it, injected, so that tests and the command line share the code.

export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Calls back once after `milliseconds`. @returns what cancels it */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Reading files; paths are absolute. */
export interface Files {
  /** Whether there is a file or folder. */
  exists(path: string): Promise<boolean>;
  /** Whether there is a file, and no folder. */
  isFile(path: string): Promise<boolean>;
  /** @returns undefined where there is no such file */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

/** Calls back once, `milliseconds` after the last call. */
export class Debounce {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  readonly #callback: () => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, milliseconds: number, callback: () => void) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
    this.#callback = callback;
  }

  /** Whether it was called and has not called back yet. */
  get isWaiting(): boolean {
    return this.#cancel !== undefined;
  }

  call(): void {
    this.cancel();
    this.#cancel = this.#clock.after(this.#milliseconds, () => {
      this.#cancel = undefined;
      this.#callback();
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
