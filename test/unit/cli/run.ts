// Runs dist/cli.cjs (npm run build) as a process of its own, as a user would.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';

export const CLI = resolve('dist/cli.cjs');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `crosstag` with these arguments in the repository root. */
export function start(args: readonly string[]): { child: ChildProcessWithoutNullStreams; end: Promise<Ran> } {
  if (!existsSync(CLI)) throw new Error('dist/cli.cjs is missing: npm run build');
  const child = spawn(process.execPath, [CLI, ...args]);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const end = new Promise<Ran>((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => {
      done({ status, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
    });
  });
  return { child, end };
}

/** The first `count` sentences of a file in columns. */
export function head(path: string, count: number): string {
  return `${readFileSync(path, 'utf8').split('\n\n').slice(0, count).join('\n\n')}\n\n`;
}

/** Runs `crosstag` to its end. */
export function crosstag(args: readonly string[], input: string | Uint8Array = ''): Promise<Ran> {
  const { child, end } = start(args);
  // A command that does not read its input closes it first; that is no failure of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return end;
}

/** A folder for the tests of one file, removed at their end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosstag-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
