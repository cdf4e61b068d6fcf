// Numbered versions of something that is trained, a folder each: 1, 2, ... An unfinished one is called `3.training`.
import { join } from 'node:path';
import type { Files } from './host.ts';

/** The numbers of the finished and the unfinished versions in a folder, newest first. */
async function versionsIn(files: Files, folder: string) {
  const names = await files.list(folder);
  const matching = (pattern: RegExp) =>
    names
      .flatMap((name) => pattern.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  return { finished: matching(/^(\d+)$/), unfinished: matching(/^(\d+)\.training$/) };
}

/** The folder for a new version: no other has its number, nor will get it when it is finished. */
export async function newIn(files: Files, folder: string): Promise<string> {
  const { finished, unfinished } = await versionsIn(files, folder);
  return join(folder, String(Math.max(0, ...finished, ...unfinished) + 1));
}

/** The folder of the version that is to be trained: an unfinished one is taken up again. */
export async function nextIn(files: Files, folder: string): Promise<string> {
  const { finished, unfinished } = await versionsIn(files, folder);
  const waiting = unfinished.find((number) => !finished.includes(number));
  return waiting === undefined ? newIn(files, folder) : join(folder, String(waiting));
}

/** The folder of the newest version that holds this file; undefined where there is none. */
export async function newestIn(files: Files, folder: string, file: string): Promise<string | undefined> {
  for (const version of (await versionsIn(files, folder)).finished) {
    const candidate = join(folder, String(version));
    if (await files.exists(join(candidate, file))) return candidate;
  }
  return undefined;
}
