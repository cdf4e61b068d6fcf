// The files of this machine.
import { access, readdir, readFile, stat } from 'node:fs/promises';
import type { Files } from './host.ts';

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

async function unlessAbsent<T>(promise: Promise<T>, instead: T): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return instead;
    throw error;
  }
}

export const disk: Files = {
  exists: (path) =>
    unlessAbsent(
      access(path).then(() => true),
      false,
    ),
  isFile: (path) =>
    unlessAbsent(
      stat(path).then((found) => !found.isDirectory()),
      false,
    ),
  read: (path) => unlessAbsent<Uint8Array | undefined>(readFile(path), undefined),
  list: (folder) => unlessAbsent<readonly string[]>(readdir(folder), []),
};
