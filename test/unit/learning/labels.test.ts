// All labels of a folder: whose they are, what counts as decided, what is held out.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherLabels } from '../../../server/learning/labels.ts';
import { contentHash } from '../../../server/text/index.ts';
import { disk } from '../../../server/workspace/disk.ts';
import { type EntryDraft, Journal } from '../../../server/workspace/journal/index.ts';
import { Project } from '../../../server/workspace/project.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-labels-'));
  await mkdir(join(folder, 'ጽሑፍ'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);
const problem = ({ message }: Error) => {
  throw new Error(message);
};

async function gather(
  learning: object = { holdout: 0 },
  open: { name: string; text: string }[] = [],
  more = {},
  documents = ['ጽሑፍ'],
) {
  const languages = [
    { language: 'en', train: ['en.conll'] },
    { language: 'am', documents },
  ];
  const project = Project.parse(JSON.stringify({ task: 'ner', languages, learning }), folder);
  const texts = open.map(({ name, text }) => ({ path: join(folder, name), text }));
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const options = { files: disk, project, plan: project.learning(), open: texts, warn, ...more };
  return { ...(await gatherLabels(options)), warnings };
}

const line = (file: string, words: string[], draft: object) =>
  ({ file, sentence: contentHash(words), nth: 0, start: 0, before: [], after: [], ...draft }) as unknown as EntryDraft;

describe('the labels of a folder', () => {
  beforeEach(async () => {
    await write('en.conll', 'Rome B-LOC\nsleeps O\n\nhere _\n\n');
  });

  it('are those of the files, decided in part or not, and count more where a person gave one', async () => {
    await write('ጽሑፍ/ሀ.conll', 'አበበ B-PER\nመጣ _\n\nሮም I-LOC\nናት O\n\nማን _\nነው _\n\n');
    const journal = new Journal(folder, { problem });
    await journal.append('ሰላም', [
      line('ጽሑፍ/ሀ.conll', ['አበበ', 'መጣ'], { action: 'label', before: ['_'], after: ['B-PER'] }),
    ]);
    const { source, target, open, counts, warnings } = await gather({ holdout: 0, humanWeight: 3 });
    expect(warnings).toEqual([]);
    expect(source).toEqual([{ words: ['Rome', 'sleeps'], tags: ['B-LOC', 'O'], language: 'en' }]);
    expect(target).toEqual([
      { words: ['አበበ', 'መጣ'], tags: ['B-PER', undefined], language: 'am', stretch: 'ጽሑፍ/ሀ.conll/0', weight: 3 },
      { words: ['ሮም', 'ናት'], tags: ['B-LOC', 'O'], language: 'am', stretch: 'ጽሑፍ/ሀ.conll/0' },
    ]);
    expect(open.map(({ words }) => words)).toEqual([['ማን', 'ነው']]);
    expect(counts).toMatchObject({
      documents: 1,
      sentences: 3,
      reviewed: 0,
      labelled: 2,
      human: 1,
      file: 2,
      source: 1,
    });
  });

  it('of raw text are no name where a person has rejected or reviewed', async () => {
    await write('ጽሑፍ/ለ.txt', 'Abebe came home.\nMeron left Addis.\n');
    await write('ጽሑፍ/ለ.ann', 'T1\tPER 0 5\tAbebe\n');
    const journal = new Journal(folder, { problem });
    const [first, second] = [
      ['Abebe', 'came', 'home', '.'],
      ['Meron', 'left', 'Addis', '.'],
    ];
    await journal.append('a', [
      line('ጽሑፍ/ለ.txt', first!, { action: 'reject', start: 2, before: ['_'], after: ['O'] }),
      line('ጽሑፍ/ለ.txt', second!, { action: 'review' }),
    ]);
    const { target, counts } = await gather();
    expect(target.map(({ tags }) => tags)).toEqual([
      ['B-PER', undefined, 'O', undefined],
      ['O', 'O', 'O', 'O'],
    ]);
    expect(counts).toMatchObject({ reviewed: 1, human: 5, file: 1 });
  });

  it.each([
    ['raw.txt', 'raw.ann'],
    ['raw.md', 'raw.ann'],
    ['raw.txt.gz', 'raw.ann'],
    ['raw.txt.gz', 'raw.ann.gz'],
  ])('of %s stand in %s, where the editor and the command line write them', async (text, annotations) => {
    for (const [name, content] of [
      [text, 'Abebe came.\n'],
      [annotations, 'T1\tPER 0 5\tAbebe\n'],
    ] as const) {
      await writeFile(join(folder, name), name.endsWith('.gz') ? gzipSync(content) : content);
    }
    const { target } = await gather({ holdout: 0 }, [], {}, [text]);
    expect(target.map(({ tags }) => tags)).toEqual([['B-PER', undefined, undefined]]);
  });

  it('are those of the editor where a document is open there', async () => {
    await write('ጽሑፍ/ሐ.conll', 'አበበ _\n\n');
    const { target } = await gather({ holdout: 0 }, [{ name: 'ጽሑፍ/ሐ.conll', text: 'አበበ B-PER\n\n' }]);
    expect(target.map(({ tags }) => tags)).toEqual([['B-PER']]);
  });

  it('are used as far as they can be: what cannot is said', async () => {
    await write('ጽሑፍ/መ.conll', 'አበበ NOUN\nመጣ VERB\n\n');
    await write('ጽሑፍ/ሠ.conll', 'ሮም B-LOC\nናት nonsense\n\n');
    const { target, warnings } = await gather();
    expect(warnings).toEqual([
      expect.stringContaining('መ.conll: its labels are for another task (pos); they are left out'),
    ]);
    expect(target.map(({ tags }) => tags)).toEqual([['B-LOC', undefined]]);
  });

  it('are those of files that are named, whatever they are called, and of folders those that are called as ours are', async () => {
    await mkdir(join(folder, 'empty.d'));
    await write('named.tsv', 'አበበ\tB-PER\n\n');
    await write('named', '1\tሮም\tB-LOC\t-\t-\n\n');
    await writeFile(join(folder, 'packed.conll.gz'), gzipSync('መጣ O\n\n'));
    await write('raw.txt', 'Abebe came.\n');
    await write('raw.ann', 'T1\tPER 0 5\tAbebe\n');
    await write('ጽሑፍ/left-out.tsv', 'ናት\tB-X\n\n');
    const documents = [
      'named.tsv',
      './named',
      'packed.conll.gz',
      'raw.ann',
      'ጽሑፍ',
      'empty.d',
      'nodocs',
      'nodocs.conll',
    ];
    const { target, counts, warnings } = await gather({ holdout: 0 }, [], {}, documents);
    expect(target.map(({ tags }) => tags)).toEqual([['B-LOC'], ['B-PER'], ['O'], ['B-PER', undefined, undefined]]);
    expect(counts.documents).toBe(4);
    expect(warnings).toEqual(
      ['nodocs', 'nodocs.conll'].map((name) =>
        expect.stringMatching(new RegExp(`crosstag.json:1:\\d+: ${name}: no such`)),
      ),
    );
  });

  it('are held out by their words, once, in whichever file they stand', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `ስም${i}`);
    const text = names.map((name) => `${name} B-PER\nመጣ O\n\n`).join('');
    for (const file of ['en.conll', 'ጽሑፍ/ሀ.conll', 'ጽሑፍ/ለ.conll']) await write(file, text);
    const { source, target, heldOut } = await gather({ holdout: 0.3 });
    const held = new Set(heldOut.map(({ words }) => words[0]));
    expect(held.size).toBe(heldOut.length);
    expect(held.size).toBeGreaterThan(8);
    expect(target).toHaveLength(2 * (60 - held.size));
    for (const { words } of [...source, ...target]) expect(held.has(words[0])).toBe(false);
    // A training may have another seed (`crosstag retrain --seed`).
    expect((await gather({ holdout: 0.3 }, [], { seed: 2 })).heldOut).toEqual(heldOut);
  });
});
