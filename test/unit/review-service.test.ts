import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isHeldOut } from '../../server/learning/holdout.ts';
import type { ModelService } from '../../server/model-service.ts';
import { ReviewService } from '../../server/review-service.ts';
import type { LabelledSentence } from '../../server/tagger/index.ts';
import { contentHash } from '../../server/text/index.ts';
import { disk } from '../../server/workspace/disk.ts';
import { Documents, pathOf } from '../../server/workspace/documents.ts';
import { systemClock } from '../../server/workspace/host.ts';
import { type EntryDraft, Journal } from '../../server/workspace/journal/index.ts';
import { parseSettings } from '../../server/workspace/settings.ts';

const COUNT = 40;

describe('two workspace folders', () => {
  let folders: string[];
  let review: ReviewService;
  let learnt: LabelledSentence[];

  /** A project whose sentences somebody has begun to label: one name in each. */
  const write = async (folder: string, name: string, learning: object): Promise<Journal> => {
    const words = Array.from({ length: COUNT }, (_, i) => [`${name}${i}`, 'ወደ', 'ቤት', 'ሄደ']);
    const languages = [{ language: 'am', documents: ['a.conll'] }];
    await writeFile(join(folder, 'crosstag.json'), JSON.stringify({ task: 'ner', languages, learning }));
    const rows = words.map(([first, ...rest]) => `${first} B-PER\n${rest.map((word) => `${word} _\n`).join('')}\n`);
    await writeFile(join(folder, 'a.conll'), rows.join(''));
    const journal = new Journal(folder, { problem: () => undefined });
    const lines = words.map((some) => {
      const place = { file: 'a.conll', sentence: contentHash(some), nth: 0, start: 0 };
      return { action: 'label', ...place, before: ['_'], after: ['B-PER'] } as EntryDraft;
    });
    await journal.append('ሰላም', lines);
    return journal;
  };

  beforeEach(async () => {
    folders = [await mkdtemp(join(tmpdir(), 'crosstag-one-')), await mkdtemp(join(tmpdir(), 'crosstag-two-'))];
    const [first, second] = folders as [string, string];
    const journals = new Map([
      [first, await write(first, 'አበበ', { holdout: 0, unit: 'span' })],
      [second, await write(second, 'ሰላም', { holdout: 0.5 })],
    ]);
    learnt = [];
    const models = {
      isTagging: false,
      suggestionsFor: async () => undefined,
      adapt: async (_: unknown, __: unknown, sentences: LabelledSentence[]) => {
        learnt = sentences;
      },
    };
    const folderOf = (path: string) => folders.find((folder) => path.startsWith(folder))!;
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    review = new ReviewService({
      ...{ documents: new Documents(), files: disk, clock: systemClock, log, folders: () => folders, folderOf },
      models: models as unknown as ModelService,
      settings: async () => parseSettings(undefined),
      documentFromDisk: () => Promise.reject(new Error('not asked')),
      journalOf: async (uri) => ({ journal: journals.get(folderOf(pathOf(uri)))!, file: 'a.conll' }),
    });
  });

  afterEach(async () => {
    review.dispose();
    for (const folder of folders) await rm(folder, { recursive: true });
  });

  it('keep each what its own project says, and nothing of that is learnt from', async () => {
    const { items } = await review.next(100, []);
    const [first, second] = folders.map((folder) => pathToFileURL(join(folder, 'a.conll')).href);
    expect(items.map(({ uri }) => uri).sort()).toEqual(
      [...Array(COUNT).fill(first), ...Array(COUNT).fill(second)].sort(),
    );
    const all = Array.from({ length: COUNT }, (_, i) => i);
    const kept = all.filter((i) => isHeldOut(contentHash([`ሰላም${i}`, 'ወደ', 'ቤት', 'ሄደ']), 0.5));
    expect(kept.length).toBeGreaterThan(10);
    const wanted = [...all.map((i) => `አበበ${i}`), ...all.filter((i) => !kept.includes(i)).map((i) => `ሰላም${i}`)];
    await expect.poll(() => learnt.map(({ words }) => words[0]).sort()).toEqual(wanted.sort());
  });

  it('are learnt from as each asks: where spans are asked nobody has said that the rest is no name', async () => {
    await review.next(1, []);
    await expect.poll(() => learnt.length).toBeGreaterThan(COUNT);
    const tagsOf = (name: string) => learnt.filter(({ words }) => words[0]!.startsWith(name)).map(({ tags }) => tags);
    expect(new Set(tagsOf('አበበ').map((tags) => tags.includes(undefined)))).toEqual(new Set([true]));
    expect(new Set(tagsOf('ሰላም').map(String))).toEqual(new Set(['B-PER,O,O,O']));
  });
});
