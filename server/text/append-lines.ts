// Whole lines at the end of a file, on the disk before anyone hears that they are. Several processes may do so at once.
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './folder.ts';

const NEWLINE = 0x0a;

/**
 * Appends lines (each with its line end) and syncs them to the disk, on a line of their own where the last one was cut off.
 * @returns bytes of the file up to their end, at least
 * @throws Error as the disk gives it; a part of them may be in the file then
 */
export async function appendLines(path: string, lines: string): Promise<number> {
  // Opened anew each time: git may have put another file in its place.
  const handle = await open(path, 'a+');
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.from((await isCutOff(handle, size)) ? `\n${lines}` : lines);
    // One write: with O_APPEND the lines of two processes cannot mix. The rest of a short one would not be whole lines.
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    await handle.datasync();
    if (size === 0) await syncFolder(dirname(path));
    return size + bytes.length;
  } finally {
    await handle.close();
  }
}

/** Whether a line was cut off there by a crash or a full disk: the next one must not continue it. */
async function isCutOff(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}
