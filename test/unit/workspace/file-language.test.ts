import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { disk } from '../../../server/workspace/disk.ts';
import { FileLanguages } from '../../../server/workspace/file-language.ts';
import { Project } from '../../../server/workspace/project.ts';

describe('what crosstag.json says of files', () => {
  let folders: string[];
  let warnings: string[];
  let languages: FileLanguages;
  const parse = vi.spyOn(Project, 'parse');

  const write = (folder: string, language: string, task = 'ner') =>
    writeFile(join(folder, 'crosstag.json'), JSON.stringify({ task, languages: [{ language, documents: ['texts'] }] }));
  const ask = (folder: string, name: string) => languages.listed(join(folder, 'texts', name), folders);

  beforeEach(async () => {
    folders = [await mkdtemp(join(tmpdir(), 'crosstag-a-')), await mkdtemp(join(tmpdir(), 'crosstag-b-'))];
    warnings = [];
    const log = { info: () => undefined, warn: (message: string) => warnings.push(message), error: () => undefined };
    languages = new FileLanguages(disk, log);
    parse.mockClear();
  });

  afterEach(async () => {
    for (const folder of folders) await rm(folder, { recursive: true });
  });

  it('is parsed once for all files of a folder', async () => {
    const [first, second] = folders as [string, string];
    await write(first, 'am');
    await write(second, 'hi', 'pos');
    for (const name of ['a.conll', 'b.conll', 'c.conll']) {
      expect(await ask(first, name)).toEqual({ language: 'am', task: 'ner' });
      expect(await ask(second, name)).toEqual({ language: 'hi', task: 'pos' });
    }
    expect(parse).toHaveBeenCalledTimes(2);
  });

  it('is what stands on the disk in that moment, whoever hears of a change', async () => {
    const [folder] = folders as [string];
    expect(await ask(folder, 'a.conll')).toBeUndefined();
    // Of the same length, and perhaps in the same millisecond.
    for (const language of ['am', 'ar', 'yo', 'am']) {
      await write(folder, language);
      expect(await ask(folder, 'a.conll')).toEqual({ language, task: 'ner' });
    }
    await rm(join(folder, 'crosstag.json'));
    expect(await ask(folder, 'a.conll')).toBeUndefined();
    await write(folder, 'yo');
    expect(await ask(folder, 'a.conll')).toMatchObject({ language: 'yo' });
  });

  it('is nothing where it cannot be read, and one warning says so, not one for each file', async () => {
    const [folder] = folders as [string];
    await writeFile(join(folder, 'crosstag.json'), '{ "task": "names" }');
    for (const name of ['a.conll', 'b.conll']) expect(await ask(folder, name)).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('crosstag.json')]);
  });
});
