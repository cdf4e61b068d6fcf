// What all commands share: the exit statuses, the common flags and the way from yargs to a handler.
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { ENGINES as ENGINE_NAMES } from '../tensor/index.ts';
import { isAbort } from '../text/error-message.ts';
import { FORMATS } from '../text/index.ts';
import { isClosedPipe } from './output.ts';

const ENGINES = ['auto', ...ENGINE_NAMES] as const;

/** 0: done. 1: done, and it found something. 2: bad usage or input. 130: interrupted. */
export type ExitStatus = 0 | 1 | 2 | 130;

/** What a handler gets beside its arguments. */
export interface Context {
  /** Aborted by Ctrl+C and SIGTERM. */
  readonly signal: AbortSignal;
  /** What an interruption from now on leaves on disk and how to go on, in place of the command's own `resume`. */
  readonly ifInterrupted: (resume: string) => void;
}

/** What a handler gets from the options that `F` declares. */
export type ArgumentsOf<F> = F extends (yargs: Argv) => Argv<infer T> ? ArgumentsCamelCase<T> : never;

export interface Command<T> {
  /** Name and positionals as yargs writes them: `tag <model> <path..>`. */
  readonly usage: string;
  readonly summary: string;
  /** A real command line that works in a checkout, and what it does. */
  readonly example: readonly [commandLine: string, purpose: string];
  options(yargs: Argv): Argv<T>;
  run(args: ArgumentsCamelCase<T>, context: Context): Promise<ExitStatus>;
  /** Said when the command is interrupted: what is on disk and how to go on. */
  resume?(args: ArgumentsCamelCase<T>): string;
}

/** Lets TypeScript find `T` from `options`. */
export function defineCommand<T>(command: Command<T>): Command<T> {
  return command;
}

/** Thrown in place of the signal's own reason, with the sentence that says how to go on. */
export class Interrupted extends Error {
  constructor(resume: string) {
    super(`interrupted; ${resume}`);
    this.name = 'Interrupted';
  }
}

/** yargs takes a lone `-` for an empty flag; it travels as this, which no argument can hold. */
const DASH = '\0-';

/** A command line for yargs. */
export function toYargs(argv: readonly string[]): string[] {
  return argv.map((argument) => (argument === '-' ? DASH : argument));
}

/** What yargs made of it, every `-` back in its place. */
export function fromYargs<T extends object>(args: T): T {
  const back = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(back);
    return value === DASH ? '-' : value;
  };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, back(value)])) as T;
}

/** Makes a yargs module of a command. Its end goes to `settle`: what yargs itself throws is bad usage, nothing else. */
export function toModule<T>(
  command: Command<T>,
  signal: AbortSignal,
  settle: (end: ExitStatus | Error) => void,
): CommandModule<object, T> {
  return {
    command: command.usage,
    describe: command.summary,
    builder: (yargs) => command.options(yargs.example(...command.example)),
    handler: async (raw) => {
      const args = fromYargs(raw);
      let resume: string | undefined;
      const ifInterrupted = (now: string) => {
        resume = now;
      };
      try {
        settle(await command.run(args, { signal, ifInterrupted }));
      } catch (error) {
        if (isInterruption(error, signal)) {
          settle(new Interrupted(resume ?? command.resume?.(args) ?? 'nothing was written'));
        } else settle(error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}

function isInterruption(error: unknown, signal: AbortSignal): boolean {
  // Who reads stdout has got the same Ctrl+C.
  return isAbort(error, signal) || (signal.aborted && isClosedPipe(error));
}

/** `--json`. */
export function withJson<T>(yargs: Argv<T>) {
  return yargs.option('json', { type: 'boolean', default: false, describe: 'Print one JSON object instead of text' });
}

/** `--format` and `--lenient`: how files are read. */
export function withReading<T>(yargs: Argv<T>) {
  return yargs
    .option('format', { choices: FORMATS, describe: 'Format of the files (default: by name and content)' })
    .option('lenient', {
      type: 'boolean',
      default: false,
      describe: 'Warn of malformed lines instead of refusing them',
    });
}

/** The flags that every command takes. */
export function withGeneral<T>(yargs: Argv<T>) {
  return yargs
    .option('seed', { type: 'number', default: 1, describe: 'Seed of everything random' })
    .option('threads', { type: 'number', describe: 'Threads of the engine (default: cores - 1)' })
    .option('engine', { choices: ENGINES, default: 'auto' as const, describe: 'What computes the neural parts' })
    .group(['seed', 'threads', 'engine', 'help', 'version'], 'General:')
    .check(({ seed, threads }) => wholeNumber('--seed', seed, 0) && wholeNumber('--threads', threads, 1));
}

/**
 * For yargs' `check`: of a flag that is given twice it makes a list, which no command expects.
 * @param options what yargs knows of the flags, which its types do not tell
 * @throws Error for a flag that takes one value and has several
 */
export function givenOnce(args: object, options: object): true {
  const { array, key } = options as { array: readonly string[]; key: object };
  const twice = Object.entries(args).find(
    ([name, value]) => Array.isArray(value) && name in key && !array.includes(name),
  );
  if (twice === undefined) return true;
  throw new Error(`--${twice[0]} is given twice; it takes one value`);
}

/** For yargs' `check`. @throws Error where `value` is given and is no whole number from `least` on. */
export function wholeNumber(flag: string, value: unknown, least: number): true {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) return true;
  throw new Error(`${flag} takes a whole number from ${least} on`);
}
