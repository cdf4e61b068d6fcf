import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alone, aloneIn } from '../../../server/learning/lock.ts';
import { RUN } from '../../../server/workspace/journal/run.ts';

describe('the lock of a training into a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosstag-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps a second one out, and is gone afterwards, with the folders that were made for it', async () => {
    const out = join(folder, 'ሞዴሎች', 'new', 'am');
    await aloneIn(out, 'tagger', async () => {
      const lock = join(dirname(out), '.am.lock');
      await expect(aloneIn(`${out}/`, 'tagger', async () => {})).rejects.toThrow(
        `${lock}: another process is training in this folder already; wait for it, or cancel it there; if there is none`,
      );
      await aloneIn(join(folder, 'another'), 'tagger', async () => {});
    });
    expect(await readdir(folder)).toEqual([]);
    await expect(
      aloneIn(out, 'tagger', async () => {
        await mkdir(out);
        throw new Error('failed');
      }),
    ).rejects.toThrow('failed');
    expect(await readdir(dirname(out))).toEqual(['am']);
  });

  it('is taken over from a process that has died', async () => {
    const lock = { run: RUN.replace(/\d+$/, '999999'), at: new Date().toISOString() };
    await writeFile(join(folder, '.am.lock'), JSON.stringify(lock));
    expect(await aloneIn(join(folder, 'am'), 'tagger', async () => 'trained')).toBe('trained');
  });

  it('is that of the workspace folder where the editor trains', async () => {
    const encoder = join(folder, '.crosstag', 'encoders', 'en-am', '1');
    await alone(folder, 'encoder', async () => {
      await expect(aloneIn(encoder, 'encoder', async () => {})).rejects.toThrow('pretraining.json: another process is');
      await aloneIn(join(folder, '.crosstag', 'models', 'ner', '1'), 'tagger', async () => {});
    });
  });
});
