// Folders that cannot be written: said before the work, not after it.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkpointsBy,
  checkReplaceable,
  readableFolder,
  removeFolder,
  writeFolder,
} from '../../../server/text/folder.ts';
import { fileError } from '../../../server/text/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstag-folders-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const kind = { name: 'a model', file: 'model.json', format: 'a-model', others: ['log.jsonl'] };
const check = (path: string) => checkReplaceable(path, kind);

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

it('replaces what is ours in a folder and keeps what people have put there', async () => {
  const path = join(folder, 'kept');
  const model = (...names: string[]) =>
    new Map([...names, 'log.jsonl'].map((name) => [name, `text of ${name}`])).set(
      'model.json',
      JSON.stringify({ format: 'a-model', weights: names.map((file) => ({ file })) }),
    );
  await writeFolder(path, model('en.bin', 'es.bin'), { kind });
  mkdirSync(join(path, 'ማስታወሻ', 'old'), { recursive: true });
  writeFileSync(join(path, 'ማስታወሻ', 'old', 'notes.md'), 'years of work');
  writeFileSync(join(path, 'de.bin'), 'given');
  writeFileSync(join(path, 'en.bin'), 'changed');
  if (process.platform !== 'win32') symlinkSync('/nowhere', join(path, 'link'));
  await writeFolder(path, model('en.bin', 'fr.bin'), { kind });
  const links = process.platform === 'win32' ? [] : ['link'];
  expect(readdirSync(path)).toEqual(['de.bin', 'en.bin', 'fr.bin', ...links, 'log.jsonl', 'model.json', 'ማስታወሻ']);
  expect(readFileSync(join(path, 'ማስታወሻ', 'old', 'notes.md'), 'utf8')).toBe('years of work');
  expect(readFileSync(join(path, 'de.bin'), 'utf8')).toBe('given');
  expect(readFileSync(join(path, 'en.bin'), 'utf8')).toBe('text of en.bin');
  for (const link of links) expect(readlinkSync(join(path, link))).toBe('/nowhere');
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);

  // As a writer leaves it that is killed between its two renames
  renameSync(path, join(folder, '.kept.replaced'));
  await writeFolder(path, model('en.bin'), { kind });
  expect(readFileSync(join(path, 'ማስታወሻ', 'old', 'notes.md'), 'utf8')).toBe('years of work');
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

describe('a folder that is removed', () => {
  it('does not come back as the older one that a killed writer had moved aside', async () => {
    const [place, old] = [join(folder, 'gone'), join(folder, '.gone.replaced')];
    for (const each of [place, old]) mkdirSync(each);
    await removeFolder(place);
    expect(readdirSync(folder).filter((name) => name.includes('gone'))).toEqual([]);
    expect(await readableFolder(place)).toBe(place);
  });
});

describe('checkpoints that cannot be written', () => {
  it('are told of once, and again after one could be written', async () => {
    const told: string[] = [];
    let isFull = true;
    const save = async () => {
      if (isFull) throw new Error('the disk is full');
    };
    const tryCheckpoint = checkpointsBy(save, (message) => told.push(message));
    await tryCheckpoint();
    await tryCheckpoint();
    expect(told).toEqual(['the disk is full; training goes on without this checkpoint, and tries again later']);
    isFull = false;
    await tryCheckpoint();
    isFull = true;
    await tryCheckpoint();
    expect(told).toHaveLength(2);
  });
});
