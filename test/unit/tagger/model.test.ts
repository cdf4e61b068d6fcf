// Model folders: what is written can be read; whatever is wrong with a folder gets one clear message.
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTagger, readDescription, trainTagger } from '../../../server/tagger/index.ts';
import { safetensorsParts } from '../../../server/tensor/index.ts';
import { writeFolder } from '../../../server/text/folder.ts';
import { InputError } from '../../../server/text/types.ts';
import { SMALL, sentences, withFolder } from './fixtures.ts';

const home = join(tmpdir(), `crosstag-models-${process.pid}`);
const both = join(home, 'both');
const wide = join(home, 'wide');

beforeAll(async () => {
  await trainTagger({ ...SMALL, out: both, limits: { epochs: 1 } });
  await trainTagger({ ...SMALL, out: wide, parts: 'wide', language: 'am' });
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** The message about a copy of a model on which `spoil` has worked. */
async function complaint(model: string, spoil: (folder: string) => Promise<unknown>): Promise<string> {
  return withFolder(async (parent) => {
    const folder = join(parent, 'model');
    await cp(model, folder, { recursive: true });
    await spoil(folder);
    const error = await loadTagger(folder).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    const { message } = error as InputError;
    expect(message).not.toContain('\n');
    return message.replaceAll(folder, 'MODEL');
  });
}

type Json = Record<string, unknown>;

async function edit(folder: string, change: (description: Json) => void): Promise<void> {
  const path = join(folder, 'model.json');
  const description = JSON.parse(await readFile(path, 'utf8')) as Json;
  change(description);
  await writeFile(path, JSON.stringify(description));
}

describe('a model folder', () => {
  it('says what the model is', async () => {
    const description = await readDescription(wide);
    expect(description).toMatchObject({
      task: 'ner',
      scheme: 'bio',
      tags: ['O', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER'],
      language: 'am',
      parts: 'wide',
      mixture: { wide: 1, deep: 0 },
      seed: 1,
      data: { train: { sentences: 60 }, dev: { sentences: 20 } },
    });
    expect(await readdir(wide)).toEqual(['model.json', 'weights.safetensors']);
    expect(await readdir(both)).toEqual(['model.json', 'vocabulary.json', 'weights.safetensors']);
  });

  it('names its weights as PyTorch does', async () => {
    const bytes = await readFile(join(both, 'weights.safetensors'));
    const header = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString();
    const names = Object.keys(JSON.parse(header) as Json).filter((name) => !name.startsWith('wide.'));
    expect(names).toEqual([
      'chars.embedding.weight',
      'chars.lstm.backward.bias',
      'chars.lstm.backward.weight',
      'chars.lstm.forward.bias',
      'chars.lstm.forward.weight',
      'tagger.crf.transitions',
      'tagger.lstm.backward.bias',
      'tagger.lstm.backward.weight',
      'tagger.lstm.forward.bias',
      'tagger.lstm.forward.weight',
      'tagger.out.bias',
      'tagger.out.weight',
      'words.embedding.weight',
    ]);
  });

  it.each(['model.json', 'weights.safetensors', 'vocabulary.json'])('without %s', async (file) => {
    const message = await complaint(both, (folder) => rm(join(folder, file)));
    expect(message).toBe(
      `MODEL/${file}: the file is missing; name the folder of a model, or train the model again, or copy its folder again`,
    );
  });

  it('that is not there', async () => {
    await expect(loadTagger(join(home, 'nothing'))).rejects.toThrow(/nothing\/model.json: the file is missing; name/);
  });

  it.each(['weights.safetensors', 'vocabulary.json'])('with one changed byte in %s', async (file) => {
    const message = await complaint(both, async (folder) => {
      const bytes = await readFile(join(folder, file));
      bytes[bytes.length - 3]! ^= 1;
      await writeFile(join(folder, file), bytes);
    });
    expect(message).toMatch(new RegExp(`^MODEL/${file}: the file is not the one that model.json describes .*; train`));
  });

  it('with truncated weights', async () => {
    const message = await complaint(both, async (folder) => {
      const bytes = await readFile(join(folder, 'weights.safetensors'));
      await writeFile(join(folder, 'weights.safetensors'), bytes.subarray(0, bytes.length / 2));
    });
    expect(message).toMatch(/^MODEL\/weights.safetensors: the file is not the one/);
  });

  it('with weights of another model', async () => {
    const message = await complaint(both, (folder) =>
      copyFile(join(wide, 'weights.safetensors'), join(folder, 'weights.safetensors')),
    );
    expect(message).toMatch(/^MODEL\/weights.safetensors: the file is not the one/);
  });

  it.each([
    ['no JSON', '{"format": "crosstag-tagger", "ver', /^MODEL\/model.json: this is no JSON; the file is damaged; name/],
    ['a foreign file', '{"model_type": "bert"}', /^MODEL\/model.json: this is not the model.json of a Crosstag tagger/],
    ['an empty file', '', /^MODEL\/model.json: this is no JSON/],
  ])('whose model.json is %s', async (_, text, expected) => {
    expect(await complaint(wide, (folder) => writeFile(join(folder, 'model.json'), text))).toMatch(expected);
  });

  it('of a newer version', async () => {
    const message = await complaint(wide, (folder) => edit(folder, (model) => Object.assign(model, { version: 2 })));
    expect(message).toBe(
      'MODEL/model.json: the model has format version 2; this Crosstag reads versions up to 1; ' +
        'update Crosstag, or train the model again with this one',
    );
  });

  it.each<[string, (model: Json) => void, RegExp]>([
    ['a missing field', (model) => delete model.tags, /tags: /],
    ['an unknown field', (model) => Object.assign(model, { script: 'rm -rf /' }), /script/],
    ['a tag twice', (model) => (model.tags as string[]).push('O'), /tags: a tag stands there twice/],
    ['another scheme', (model) => Object.assign(model, { scheme: 'pos' }), /scheme: it does not fit the task/],
    ['parts that are not there', (model) => Object.assign(model, { parts: 'both' }), /parts: /],
    ['no part at work', (model) => Object.assign(model, { mixture: { wide: 0, deep: 0 } }), /mixture: /],
    [
      'a path out of the folder',
      (model) => Object.assign(model.weights as Json, { file: '../secret' }),
      /weights.file: /,
    ],
    ['fewer tags than weights', (model) => (model.tags as string[]).pop(), /wide\.\w+ .*; train the model again/],
  ])('with %s', async (_, change, expected) => {
    expect(await complaint(wide, (folder) => edit(folder, change))).toMatch(expected);
  });

  it('whose sizes are not those of the weights', async () => {
    const message = await complaint(both, (folder) =>
      edit(folder, ({ configuration }) => Object.assign((configuration as { deep: Json }).deep, { hidden: 9 })),
    );
    expect(message).toMatch(
      /^MODEL\/weights.safetensors: the tensor tagger.lstm.forward.weight has shape \[24,32\]; model.json asks for \[25,36\]/,
    );
  });

  it('is data: weights that Crosstag does not know are no part of it', async () => {
    const message = await complaint(wide, async (folder) => {
      const weights = Buffer.concat(safetensorsParts({ 'evil.code': { shape: [1], data: Float32Array.of(1) } }));
      await writeFile(join(folder, 'weights.safetensors'), weights);
      const sha256 = createHash('sha256').update(weights).digest('hex');
      await edit(folder, (model) => Object.assign(model.weights as Json, { sha256 }));
    });
    expect(message).toMatch(/^MODEL\/weights.safetensors: the tensor evil.code is unknown/);
  });
});

describe('writing a model', () => {
  it('replaces an older model, and nothing else', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      await mkdir(out); // an empty folder may be filled
      await trainTagger({ ...SMALL, parts: 'wide', out });
      const first = await readDescription(out);
      await trainTagger({ ...SMALL, parts: 'wide', out, train: sentences(30, 5) });
      expect((await readDescription(out)).weights.sha256).not.toBe(first.weights.sha256);
      expect(await readdir(parent)).toEqual(['model']);

      await expect(trainTagger({ ...SMALL, parts: 'wide', out: parent })).rejects.toThrow(
        /: the folder holds something else than a model; name another folder/,
      );
      const file = join(out, 'model.json');
      await expect(trainTagger({ ...SMALL, parts: 'wide', out: file })).rejects.toThrow(
        /: this is a file, not a folder/,
      );
    }));

  it('leaves the old folder readable when it is killed between its two renames', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      await cp(wide, out, { recursive: true });
      await rename(out, join(parent, '.model.replaced'));
      expect((await readDescription(out)).parts).toBe('wide');
      await writeFolder(out, new Map([['a', 'new']]));
      expect(await readdir(parent)).toEqual(['model']);
      expect(await readFile(join(out, 'a'), 'utf8')).toBe('new');
    }));

  it('removes what a killed writer left behind, but not what a living one is writing', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      // Process ids end below 2^22 on Linux.
      await mkdir(join(parent, '.model.writing-99999999-abc'));
      await mkdir(join(parent, `.model.writing-${process.ppid}-abc`));
      await writeFolder(out, new Map([['a', 'new']]));
      expect((await readdir(parent)).sort()).toEqual([`.model.writing-${process.ppid}-abc`, 'model'].sort());
    }));
});
