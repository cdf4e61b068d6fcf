// A disk that is soon full.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * A disk of so many kB in a folder, until the tests of the file end; undefined where this user may not mount one.
 * @param folder where it is mounted, as `tiny`; what removes it is set up before, for the last that is set up is the first to run
 */
export function tinyDisk(folder: string, kilobytes: number): string | undefined {
  const place = join(folder, 'tiny');
  mkdirSync(place);
  const size = `size=${kilobytes}k`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', place]).status !== 0) return undefined;
  afterAll(() => void spawnSync('umount', [place]));
  return place;
}
