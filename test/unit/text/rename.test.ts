import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renameInUse } from '../../../server/text/rename.ts';

/** A rename of Windows, which refuses as long as another program has the file open. */
function refusedAtFirst(times: number, code: string): { once: typeof rename; tries: () => number } {
  let tries = 0;
  const once: typeof rename = async (from, to) => {
    if (++tries <= times) throw Object.assign(new Error(`${code}: in use`), { code });
    await rename(from, to);
  };
  return { once, tries: () => tries };
}

describe('a rename', () => {
  let folder: string;
  let from: string;
  let to: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosstag-rename-'));
    [from, to] = [join(folder, 'አዲስ.tmp'), join(folder, 'አዲስ.conll')];
    await writeFile(from, 'new');
    await writeFile(to, 'old');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(['EPERM', 'EACCES', 'EBUSY'])('waits on Windows for a file that another program reads: %s', async (code) => {
    const { once, tries } = refusedAtFirst(3, code);
    await renameInUse(from, to, { windows: true, once });
    expect(await readFile(to, 'utf8')).toBe('new');
    expect(tries()).toBe(4);
  });

  it('gives up in the end, and both files are as they were', async () => {
    const { once } = refusedAtFirst(Number.POSITIVE_INFINITY, 'EBUSY');
    await expect(renameInUse(from, to, { windows: true, once })).rejects.toThrow('EBUSY');
    expect(await readFile(from, 'utf8')).toBe('new');
    expect(await readFile(to, 'utf8')).toBe('old');
  });

  it('tries once where waiting cannot help', async () => {
    const elsewhere = refusedAtFirst(1, 'EPERM');
    await expect(renameInUse(from, to, { windows: false, once: elsewhere.once })).rejects.toThrow('EPERM');
    const missing = refusedAtFirst(1, 'ENOENT');
    await expect(renameInUse(from, to, { windows: true, once: missing.once })).rejects.toThrow('ENOENT');
    expect([elsewhere.tries(), missing.tries()]).toEqual([1, 1]);
  });
});
