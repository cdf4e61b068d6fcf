// The models of a process: one that makes room for others leaves with the last request that uses it.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainTagger } from '../../server/tagger/index.ts';
import { Taggers } from '../../server/taggers.ts';
import type { ModelReference } from '../../server/workspace/models.ts';
import { SMALL, sentences } from './tagger/fixtures.ts';

const NAMES = ['first', 'second', 'third', 'fourth'];
const texts = sentences(60, 7).map(({ words }) => words);
let home: string;
const modelOf = (name: string): ModelReference => ({
  folder: join(home, name),
  engine: 'cpu',
  threads: 1,
  created: '2026-11-26T00:00:00.000Z',
});

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'crosstag-taggers-'));
  await trainTagger({ ...SMALL, parts: 'deep', out: join(home, 'first'), limits: { epochs: 2 } });
  for (const name of NAMES.slice(1)) await cp(join(home, 'first'), join(home, name), { recursive: true });
});
afterAll(() => rm(home, { recursive: true, force: true }));

it('answers with the weights of the model, whatever is loaded meanwhile', async () => {
  const taggers = new Taggers();
  const tags = () =>
    taggers.use({ model: modelOf('first') }, async (tagger) => {
      for (const name of NAMES.slice(1)) await taggers.use({ model: modelOf(name) }, ({ task }) => task);
      return (await tagger.tag(texts, { marginals: false })).map((sentence) => sentence.tags);
    });
  const alone = await new Taggers().use({ model: modelOf('first') }, (tagger) =>
    tagger.tag(texts, { marginals: false }),
  );
  expect(await tags()).toEqual(alone.map((sentence) => sentence.tags));
  expect(await tags()).toEqual(alone.map((sentence) => sentence.tags)); // loaded anew
});

it('gives a model back when the last request that uses it has ended', async () => {
  const taggers = new Taggers();
  let kept = await taggers.use({ model: modelOf('first') }, async (tagger) => {
    for (const name of NAMES.slice(1)) await taggers.use({ model: modelOf(name) }, ({ task }) => task);
    return tagger;
  });
  await expect(kept.tag([['ሌላ', 'ቃል']], { marginals: false })).rejects.toThrow('the model was disposed of');
  kept = await taggers.use({ model: modelOf('first') }, (tagger) => tagger);
  expect((await kept.tag(texts.slice(0, 1), { marginals: false })).length).toBe(1);
});
