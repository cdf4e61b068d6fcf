// Starts a model process when it is first needed, and again when it dies. Knows nothing of what is asked of it.
import { type ChildProcess, fork } from 'node:child_process';
import { type CancellationToken, createMessageConnection, type MessageConnection } from 'vscode-jsonrpc';
import { IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { isApart, lowerPriority } from './priority.ts';
import type { Clock, Logger } from './workspace/host.ts';

/** Waits before a restart: doubled with each death in a row, milliseconds. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 30_000;

/** Deaths in a row, without an answer between, after which it is not started again. */
const MOST_DEATHS = 5;

/** The process died while it worked on a request. */
export class ProcessDied extends Error {}

export interface SupervisorOptions {
  /** The program to fork. */
  readonly program: string;
  /** What it is for, in messages: `tagging`. */
  readonly name: string;
  /** Niceness (os.constants.priority). */
  readonly priority: number;
  /** What it finds in its environment beside ours. */
  readonly env?: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called with each new process's connection before it listens: register notifications here. */
  readonly connected?: (connection: MessageConnection) => void;
  /** Called once for every death that nobody asked for. `inARow`: how many there were since the last answer. */
  readonly died: (message: string, inARow: number, startsAgain: boolean) => void;
}

interface Running {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  /** Rejects when the process ends. */
  readonly death: Promise<never>;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  #running: Promise<Running> | undefined;
  #child: ChildProcess | undefined;
  #deaths = 0;
  #kills = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Asks the process, which is started if it does not run. If it dies meanwhile, the request is sent again to its
   * successor.
   * @param send sends one request on the connection that it is given
   * @param attempts times that it is sent at most
   * @throws ProcessDied if it died as often, or too often in a row; what the process answers as an error
   */
  async request<R>(
    send: (connection: MessageConnection) => Promise<R>,
    token?: CancellationToken,
    attempts = 2,
  ): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      const kills = this.#kills;
      this.#running ??= this.#start();
      const { connection, death } = await this.#running;
      try {
        const result = await Promise.race([send(connection), death]);
        this.#deaths = 0;
        return result;
      } catch (error) {
        const tryAgain = error instanceof ProcessDied && attempt < attempts && kills === this.#kills;
        if (!tryAgain || token?.isCancellationRequested) throw error;
      }
    }
  }

  /** Forgets the deaths so far: something has changed that may cure them. */
  forgive(): void {
    this.#deaths = 0;
  }

  /** Ends the process at once. The next request starts another. */
  kill(): void {
    this.#forget()?.kill('SIGKILL');
  }

  /** Parts with the process, which ends by itself when it has put its things in order. The next request starts another. */
  leave(): void {
    const child = this.#forget();
    if (child?.connected) child.disconnect();
  }

  #forget(): ChildProcess | undefined {
    const child = this.#child;
    this.#running = undefined;
    this.#child = undefined;
    this.#kills += 1;
    return child;
  }

  async #start(): Promise<Running> {
    const kills = this.#kills;
    try {
      await this.#backOff();
      if (this.#kills !== kills) throw new ProcessDied(`the ${this.#options.name} process was stopped`);
      return this.#fork();
    } catch (error) {
      // Whoever asks next tries again; after `kill` another start may already be under way.
      if (this.#kills === kills) this.#running = undefined;
      throw error;
    }
  }

  /** Waits as long as the deaths so far ask for. */
  async #backOff(): Promise<void> {
    if (this.#deaths >= MOST_DEATHS) {
      throw new ProcessDied(`the ${this.#options.name} process died ${this.#deaths} times in a row; see the log`);
    }
    if (this.#deaths === 0) return;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#deaths - 1));
    await new Promise<void>((resolve) => this.#options.clock.after(wait, resolve));
  }

  #fork(): Running {
    const { program, priority, log, name, env, connected } = this.#options;
    // Standard output is the language server's own channel: the child must not write there.
    const child = fork(program, [], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      execArgv: [],
      detached: isApart(priority),
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => log.warn(`${name} process: ${text.trimEnd()}`));
    }
    if (child.pid !== undefined) lowerPriority(child.pid, priority, log);
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connected?.(connection);
    connection.onError(([error]) => log.warn(`${name} process: ${error.message}`));
    connection.listen();
    const death = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(this.#died(child, error.message)));
      child.once('exit', (code, signal) =>
        reject(this.#died(child, `${signal ?? `exit status ${code}`}${hint(code, signal)}`)),
      );
    });
    death.catch(() => connection.dispose());
    return { child, connection, death };
  }

  /** Called when a child has ended. @returns the error for the requests that wait for it */
  #died(child: ChildProcess, reason: string): ProcessDied {
    const { name, log, died } = this.#options;
    if (this.#child !== child) return new ProcessDied(`the ${name} process was stopped`);
    this.#child = undefined;
    this.#running = undefined;
    this.#deaths += 1;
    const startsAgain = this.#deaths < MOST_DEATHS;
    const message = `The ${name} process died (${reason})`;
    log.error(message);
    died(message, this.#deaths, startsAgain);
    return new ProcessDied(message);
  }
}

/** Why a process may have ended so: the system kills those that want too much memory, and V8 gives up. */
function hint(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === 'SIGKILL' || signal === 'SIGABRT' || code === 134 ? ', perhaps for lack of memory' : '';
}
