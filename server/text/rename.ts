// The rename behind every atomic write.
import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What Windows says of a file that another program has open. */
const IN_USE: readonly (string | undefined)[] = ['EPERM', 'EACCES', 'EBUSY'];

/** Milliseconds between one try and the next: two and a half seconds in all. */
const WAITS: readonly number[] = [10, 20, 40, 80, 160, 320, 640, 1280];

/**
 * Renames, and on Windows tries again for a while: there a virus scanner, the search index or a cloud's client reads what
 * was just written, and the file cannot be renamed as long as they do. Own code: graceful-fs tries again only where the
 * new name is free.
 * @param windows and once: for tests
 * @throws the error of the file system; nothing has changed then
 */
export async function renameInUse(
  from: string,
  to: string,
  { windows = process.platform === 'win32', once = rename } = {},
): Promise<void> {
  for (const wait of windows ? WAITS : []) {
    try {
      return await once(from, to);
    } catch (error) {
      if (!IN_USE.includes((error as NodeJS.ErrnoException).code)) throw error;
      await sleep(wait);
    }
  }
  await once(from, to);
}
