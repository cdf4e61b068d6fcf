// The result goes to stdout and nothing else does; everything for people goes to stderr.
import { mkdir } from 'node:fs/promises';
import { fileError, InputError, writeFileAtomic } from '../text/index.ts';

/** Writes to stdout and waits until it has gone out, so that a full disk or a closed pipe is noticed here. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(stdoutError(error)) : resolve()));
  });
}

function stdoutError(error: NodeJS.ErrnoException): unknown {
  if (error.code !== 'ENOSPC') return fileError(error, 'stdout');
  return new InputError('the disk is full', 'make room and run the command again', { path: 'stdout' });
}

export async function printJson(value: unknown): Promise<void> {
  await print(`${JSON.stringify(value)}\n`);
}

/** One line on stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Says what memory a work needs; where less is free now, as a warning. */
export function sayNeed({ need, isFree }: { readonly need: string; readonly isFree: boolean }): void {
  say(isFree ? need : `warning: ${need}`);
}

/** Writes a whole file, or `-` for stdout. */
export async function writeOutput(path: string, text: string): Promise<void> {
  await (path === '-' ? print(text) : writeFileAtomic(path, text));
}

/** Makes a folder for results. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new InputError('this is a file, not a folder', 'name another folder', { path });
    }
    throw fileError(error, path);
  }
}

/** Nobody reads stdout any more (`crosstag ... | head`): that is no error and needs no message. */
export function isClosedPipe(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPIPE';
}

/** `1 file`, `2 files`, `12,345 files`. */
export function plural(count: number, name: string): string {
  return `${count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
}
