// A tagger that is trained from files does not see what its successors will be measured on.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isHeldOut } from '../../server/learning/holdout.ts';
import { contentHash } from '../../server/text/index.ts';
import type { TrainModelParams } from '../../server/trainer-protocol.ts';
import { train } from '../../server/training-jobs.ts';

let folder: string;

/** Sentences of different words; the names of those that are held out have a label of their own. */
const sentences = Array.from({ length: 60 }, (_, i) => ['ሰላም', `ከተማ${i}`, 'ናት']);
const held = sentences.filter((words) => isHeldOut(contentHash(words), 0.2));
const rows = (words: readonly string[]) => {
  const label = held.includes(words as string[]) ? 'B-HELD' : 'B-LOC';
  return words.map((word, i) => `${word}\t${i === 1 ? label : 'O'}\n`).join('');
};
const columns = (all: readonly (readonly string[])[]) => `${all.map(rows).join('\n')}\n`;

const settings = { engine: 'auto', threads: 1, parts: 'wide', dev: [] } as const;
const trained = (name: string, more: Partial<TrainModelParams> = {}) =>
  train(
    { ...settings, train: [{ path: join(folder, name), language: 'am' }], workspace: folder, ...more },
    new AbortController().signal,
    () => undefined,
    { warn: () => undefined, note: () => undefined },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-training-'));
  const project = {
    task: 'ner',
    languages: [{ language: 'am', documents: ['text.conll'] }],
    learning: { holdout: 0.2 },
  };
  await writeFile(join(folder, 'crosstag.json'), JSON.stringify(project));
  await writeFile(join(folder, 'text.conll'), columns(sentences));
  await writeFile(join(folder, 'copy.conll'), columns(sentences));
  await writeFile(join(folder, 'held.conll'), columns(held));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(['text.conll', 'copy.conll'])('leaves the hold-out of the documents out of %s', async (name) => {
  expect(held.length).toBeGreaterThan(3);
  const { folder: model } = await trained(name);
  const { tags } = JSON.parse(await readFile(join(model, 'model.json'), 'utf8'));
  expect(tags).toContain('B-LOC');
  expect(tags).not.toContain('B-HELD');
});

it('says so where nothing else is there', async () => {
  await expect(trained('held.conll')).rejects.toThrow(
    `${join(folder, 'held.conll')}: all its sentences are held out for measuring; label some more, or make "holdout" smaller`,
  );
});

it('reads the word vectors that the request names', async () => {
  const vectors = [{ language: 'am', path: join(folder, 'am.vec') }];
  await writeFile(vectors[0]!.path, '2 3\nሰላም 1 0 0.5\nናት 0 1 0.5\n');
  const { folder: model } = await trained('copy.conll', { parts: 'both', vectors, limits: { epochs: 1 } });
  const described = JSON.parse(await readFile(join(model, 'model.json'), 'utf8'));
  expect(described.vectors).toEqual([expect.objectContaining(vectors[0]!)]);
});
