// Folders that cannot be written: said before the work, not after it.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkReplaceable, writeFolder } from '../../../server/text/folder.ts';
import { fileError } from '../../../server/text/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstag-folders-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const check = (path: string) => checkReplaceable(path, { name: 'a model', file: 'model.json', format: 'a-model' });

describe('a folder that is to be written', () => {
  it('may be new, in new folders too, empty, or of the same kind; nothing is left of the test', async () => {
    await check(join(folder, 'አዲስ', 'ner', '1'));
    mkdirSync(join(folder, 'empty'));
    await check(join(folder, 'empty'));
    await writeFolder(join(folder, 'model'), new Map([['model.json', '{"format":"a-model"}']]));
    await check(`${join(folder, 'model')}/`);
    expect(readdirSync(folder).sort()).toEqual(['empty', 'model']);
  });

  it('has a place that can be written to', async () => {
    // The name itself would do; that of the folder beside it, which is renamed to it, does not.
    const long = join(folder, 'm'.repeat(245));
    await expect(check(long)).rejects.toThrow(/: the name is too long for this disk; choose a shorter one$/);
    await expect(check(join(long, 'ner', '1'))).resolves.toBeUndefined();
    writeFileSync(join(folder, 'file'), '');
    await expect(check(join(folder, 'file', '1'))).rejects.toThrow(/: this is a file, not a folder; /);
  });

  it.skipIf(process.platform === 'win32')('does not stand behind a link to nothing', async () => {
    symlinkSync(join(folder, 'unplugged'), join(folder, 'link'));
    await expect(check(join(folder, 'link', '1'))).rejects.toThrow(/1: no such file or folder; /);
  });

  it.skipIf(process.platform !== 'linux')('is no disk, and on none that is read-only', async () => {
    await expect(check('/proc')).rejects.toThrow('/proc: a disk is mounted here, and cannot be replaced');
    await expect(check('/sys/models/1')).rejects.toThrow(
      /^\/sys\/models\/1: (permission denied|not permitted|the disk is)/,
    );
    // Part of a disk may be mounted elsewhere on it: that is seen when the folder is renamed.
    const busy = Object.assign(new Error('EBUSY: resource busy or locked'), { code: 'EBUSY' });
    expect(fileError(busy, 'models')).toMatchObject({
      message: 'models: it is in use, or a disk is mounted there; close what uses it, or name another',
    });
  });
});
