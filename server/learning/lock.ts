// One retraining at a time in a workspace folder, whoever starts it: two windows, or a window and the command line.
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../text/folder.ts';
import { fileError, InputError } from '../text/index.ts';

const holder = z.object({ pid: z.number().int().positive() });

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
      await file.writeFile(JSON.stringify({ pid: process.pid })).finally(() => file.close());
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, path);
      const pid = holder.safeParse(parseJson(await readFile(path, 'utf8').catch(() => ''))).data?.pid;
      if ((pid !== undefined && isAlive(pid)) || attempt > 0) {
        const remedy = 'wait for it, or cancel it there';
        throw new InputError(`process ${pid ?? ''} is training in this folder already`, remedy, { path });
      }
      await rm(path, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
