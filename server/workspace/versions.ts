// Numbered versions of something that is trained, a folder each: 1, 2, ... An unfinished one is called `3.training`.
import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Files } from './host.ts';

/** The finished versions in a folder, newest first. */
async function versionsIn(files: Files, folder: string): Promise<number[]> {
  const numbers = (await files.list(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  return numbers.sort((a, b) => b - a);
}

/** The folder for the next version; an unfinished one is taken up again. */
export async function nextIn(files: Files, folder: string): Promise<string> {
  const [newest = 0] = await versionsIn(files, folder);
  return join(folder, String(newest + 1));
}

/** The same for what is to be trained there, also where the number of the unfinished one went to another meanwhile. */
export async function nextToTrain(files: Files, folder: string): Promise<string> {
  const next = await nextIn(files, folder);
  const unfinished = (await files.list(folder)).filter((name) => /^\d+\.training$/.test(name));
  const newest = unfinished.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).at(-1);
  const wanted = `${basename(next)}.training`;
  if (newest !== undefined && newest !== wanted) await rename(join(folder, newest), join(folder, wanted));
  return next;
}

/** The folder of the newest version that holds this file; undefined where there is none. */
export async function newestIn(files: Files, folder: string, file: string): Promise<string | undefined> {
  for (const version of await versionsIn(files, folder)) {
    const candidate = join(folder, String(version));
    if (await files.exists(join(candidate, file))) return candidate;
  }
  return undefined;
}
