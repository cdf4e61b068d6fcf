// One training at a time in a workspace folder, whoever starts it: two windows, or a window and the command line.
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../text/folder.ts';
import { fileError, InputError } from '../text/index.ts';
import { isOfThisMachine, isRunning, RUN } from '../workspace/journal/run.ts';

const holder = z.object({ run: z.string(), at: z.iso.datetime() });

/** Milliseconds in which a lock that was made is written. */
const WRITTEN = 10_000;

/**
 * Runs `work` while nobody else does in this folder. A lock that a killed process has left behind is taken over.
 * @throws InputError where another process is at it, or the lock cannot be written
 */
export async function alone<T>(workspace: string, work: () => Promise<T>): Promise<T> {
  const path = join(workspace, '.crosstag', 'learning', 'running.json');
  await take(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'wx');
      const lock = { run: RUN, at: new Date().toISOString() };
      await file.writeFile(JSON.stringify(lock)).finally(() => file.close());
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, path);
      if (attempt > 0 || (await isHeld(path))) {
        const what = 'another process is training in this folder already';
        throw new InputError(what, 'wait for it, or cancel it there; if there is none, remove this file', { path });
      }
      await rm(path, { force: true });
    }
  }
}

async function isHeld(path: string): Promise<boolean> {
  const lock = holder.safeParse(parseJson(await readFile(path, 'utf8').catch(() => ''))).data;
  // Whether a program of another machine still runs, nobody knows here
  if (lock !== undefined) return isRunning(lock) || !isOfThisMachine(lock.run);
  const made = await stat(path).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs < WRITTEN;
}
