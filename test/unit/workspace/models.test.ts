import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disk } from '../../../server/workspace/disk.ts';
import { writeChoice, writeVerdict } from '../../../server/workspace/model-verdicts.ts';
import {
  describeModel,
  findModels,
  inUse,
  newVersion,
  nextVersion,
  readsAs,
} from '../../../server/workspace/models.ts';
import { parseSettings } from '../../../server/workspace/settings.ts';

let workspace: string;

async function write(name: string, content: object | string): Promise<void> {
  const folder = join(workspace, '.crosstag', 'models', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.json'), typeof content === 'string' ? content : JSON.stringify(content));
}

const model = (task: string, created: string) => ({ format: 'crosstag-tagger', version: 1, task, created });

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'crosstag-registry-'));
});

afterAll(() => rm(workspace, { recursive: true }));

describe('the registry', () => {
  it('is empty where there are no models, and counts versions from 1', async () => {
    expect(await findModels(disk, workspace)).toEqual([]);
    expect(await nextVersion(disk, workspace, 'ner')).toBe(join(workspace, '.crosstag', 'models', 'ner', '1'));
  });

  it('gives the newest first and leaves out what is no model', async () => {
    await write('ner/2', model('ner', '2026-01-01T00:00:00Z'));
    await write('ner/10', model('ner', '2026-01-01T00:00:00Z'));
    await write('pos/1', model('pos', '2026-03-01T00:00:00Z'));
    await write('ner/11', '{ "format": "crosstag-tag');
    await write('ner/12', { ...model('ner', '2026-05-01T00:00:00Z'), format: 'other' });
    await write('ner/.13.writing-1-ab', model('ner', '2026-05-01T00:00:00Z'));
    await mkdir(join(workspace, '.crosstag', 'models', 'ner', '14.training'));
    expect((await findModels(disk, workspace)).map(({ name }) => name)).toEqual(['pos/1', 'ner/10', 'ner/2']);
  });

  it('counts on from the last version, an unfinished one included', async () => {
    expect(await newVersion(disk, workspace, 'ner')).toMatch(/ner.15$/);
  });

  it('takes an unfinished training up again, and not what a finished one has left', async () => {
    const folder = join(workspace, '.crosstag', 'models', 'pos');
    for (const name of ['1.training', '2.training', '3', '4.training']) await mkdir(join(folder, name));
    expect(await nextVersion(disk, workspace, 'pos')).toBe(join(folder, '4'));
    await rm(join(folder, '4.training'), { recursive: true });
    expect(await nextVersion(disk, workspace, 'pos')).toBe(join(folder, '2'));
    await rm(join(folder, '2.training'), { recursive: true });
    expect(await nextVersion(disk, workspace, 'pos')).toBe(join(folder, '4'));
    for (const name of ['1.training', '3']) await rm(join(folder, name), { recursive: true });
  });

  it('says as what a model reads a language', async () => {
    const encoder = { languages: ['en', 'pt', 'zh-Hant', 'yor'] };
    await write('ner/99', { ...model('ner', '2025-01-01T00:00:00Z'), encoder });
    const known = (await describeModel(disk, join(workspace, '.crosstag', 'models', 'ner', '99')))!;
    const tags = ['', 'pt', 'pt-BR', 'EN-x-old', 'zh-hant-tw', 'yo', 'zh', 'am', 'p'];
    expect(tags.map((tag) => readsAs(known, tag))).toEqual([
      ...['', 'pt', 'pt', 'en', 'zh-Hant', 'yor'],
      ...[undefined, undefined, undefined],
    ]);
    expect(readsAs({ ...known, languages: [] }, 'am')).toBe('');
  });

  it('puts rejected models last, and one that a person has gone back to first, until a later one is better', async () => {
    const root = join(workspace, 'versions', '.crosstag', 'models');
    const folder = join(workspace, 'versions');
    const add = async (version: string, created: string, accepted?: boolean) => {
      const place = join(root, 'ner', version);
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'model.json'), JSON.stringify(model('ner', created)));
      if (accepted !== undefined) await writeVerdict(place, { accepted, reason: 'ምክንያት', labels: 'x' });
    };
    const names = async () => (await findModels(disk, folder)).map(({ name }) => name);
    await add('1', '2026-01-01T00:00:00Z');
    await add('2', '2026-02-01T00:00:00Z', true);
    await add('3', '2026-03-01T00:00:00Z', false);
    expect(await names()).toEqual(['ner/2', 'ner/1', 'ner/3']);
    expect(inUse(await findModels(disk, folder), 'ner')).toMatchObject({ name: 'ner/2' });
    expect((await findModels(disk, folder)).at(-1)).toMatchObject({ rejected: 'ምክንያት' });
    await writeChoice(disk, root, 'ner', 'ner/3');
    expect(await names()).toEqual(['ner/3', 'ner/2', 'ner/1']);
    await writeChoice(disk, root, 'ner', 'ner/1');
    expect(await names()).toEqual(['ner/1', 'ner/2', 'ner/3']);
    await add('4', '2999-03-01T00:00:00Z', false);
    expect((await names())[0]).toBe('ner/1');
    await add('5', '2999-03-01T00:00:00Z', true);
    expect((await names())[0]).toBe('ner/5');
    await writeFile(join(root, 'active.json'), '{ "ner": {');
    expect((await names())[0]).toBe('ner/5');
  });

  it('describes a model elsewhere by the name of its folder', async () => {
    const folder = join(workspace, '.crosstag', 'models', 'pos', '1');
    expect(await describeModel(disk, folder)).toMatchObject({ name: 'pos/1', task: 'pos' });
    expect(await describeModel(disk, workspace)).toBeUndefined();
  });
});

describe('settings', () => {
  it('take their defaults for what makes no sense', () => {
    const defaults = parseSettings(undefined);
    expect(defaults).toMatchObject({ format: 'auto', language: '', model: '', engine: 'auto', threads: 0 });
    expect(parseSettings({ format: 'docx', language: 'no such tag', threads: -3, diagnostics: 7 })).toEqual(defaults);
    expect(parseSettings({ language: 'am', threads: 2, format: 'conll' })).toMatchObject({
      language: 'am',
      threads: 2,
      format: 'conll',
    });
  });
});
