// Numbered versions of something that is trained, a folder each: 1, 2, ... An unfinished one is called `3.training`.
import { join } from 'node:path';
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

/** The folder of the newest version that holds this file; undefined where there is none. */
export async function newestIn(files: Files, folder: string, file: string): Promise<string | undefined> {
  for (const version of await versionsIn(files, folder)) {
    const candidate = join(folder, String(version));
    if (await files.exists(join(candidate, file))) return candidate;
  }
  return undefined;
}
