// Running text to learn from: what a person has not decided is unknown where it is labelled here, and no name elsewhere.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentHash } from '../../../server/text/index.ts';
import { type EntryDraft, Journal } from '../../../server/workspace/journal/index.ts';
import { readLabelled } from '../../../server/workspace/labelled-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-raw-'));
  await mkdir(join(folder, 'textos'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, 'textos', 'um.txt');
const line = (words: string[], draft: object) =>
  ({
    ...{ file: 'textos/um.txt', sentence: contentHash(words), nth: 0, start: 0, before: [], after: [] },
    ...draft,
  }) as unknown as EntryDraft;

describe('running text', () => {
  it('that is labelled here is undecided where nobody has said anything', async () => {
    await writeFile(path(), 'Ana veio.\nRui foi.\nNinguém ficou.\nAna foi.\n');
    await writeFile(join(folder, 'textos', 'um.ann'), 'T1\tPER 0 3\tAna\n');
    const journal = new Journal(folder, { problem: (problem) => expect.fail(problem.message) });
    await journal.append('maria', [
      line(['Ana', 'veio', '.'], { action: 'label', before: ['_'], after: ['B-PER'] }),
      line(['Rui', 'foi', '.'], { action: 'reject', start: 1, before: ['_'], after: ['O'] }),
      line(['Ninguém', 'ficou', '.'], { action: 'review' }),
    ]);
    for (const name of ['um.txt', 'um.ann']) {
      const { sentences } = await readLabelled(join(folder, 'textos', name));
      expect(sentences.map(({ tags }) => tags)).toEqual([
        ['B-PER', undefined, undefined],
        [undefined, 'O', undefined],
        ['O', 'O', 'O'],
        [undefined, undefined, undefined],
      ]);
    }
  });

  it('from elsewhere has no other names, and a long rest without any is worth a word', async () => {
    await writeFile(path(), `Ana veio.\n${'Rui foi.\n'.repeat(12)}`);
    await writeFile(join(folder, 'textos', 'um.ann'), 'T1\tPER 0 3\tAna\n');
    const said: string[] = [];
    const { sentences } = await readLabelled(path(), { note: (message) => said.push(message) });
    expect(sentences[1]!.tags).toEqual(['O', 'O', 'O']);
    expect(said).toEqual([
      `warning: ${path()}: the last 12 of 13 sentences have no annotation, which is learnt as “no name”; cut them off if they are not labelled yet`,
    ]);
    await writeFile(path(), `Ana veio.\n${'Rui foi.\n'.repeat(4)}`);
    await readLabelled(path(), { note: (message) => said.push(message) });
    expect(said).toHaveLength(1);
  });
});
