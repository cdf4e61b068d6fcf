// The files of this machine.
import { readdir, readFile } from 'node:fs/promises';
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
  read: (path) => unlessAbsent<Uint8Array | undefined>(readFile(path), undefined),
  list: (folder) => unlessAbsent<readonly string[]>(readdir(folder), []),
};
