// The data of the dashboard, from files, a journal and a history on the disk.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherDashboard } from '../../../server/learning/gather-dashboard.ts';
import { appendHistory } from '../../../server/learning/history.ts';
import { isHeldOut } from '../../../server/learning/holdout.ts';
import { ProjectCounts } from '../../../server/learning/project-counts.ts';
import { contentHash } from '../../../server/text/index.ts';
import { disk } from '../../../server/workspace/disk.ts';
import { OpenDocument } from '../../../server/workspace/documents.ts';
import { Journal, type LabelAction } from '../../../server/workspace/journal/index.ts';
import { parseSettings } from '../../../server/workspace/settings.ts';
import { retraining } from '../features/dashboard-data.ts';

const AMHARIC = ['አዲስ', 'አበባ', 'ውብ'];
const ARABIC = ['زار', 'مراكش'];
const ONE = 'አዲስ B-LOC\nአበባ I-LOC\nውብ _\n\nزار O\nمراكش B-LOC\n\n';
const TWO = 'አዲስ _\nአበባ _\nውብ _\n\nमुंबई B-LOC\nहै _\n\n';

let folder: string;
let journal: Journal;
let reads: string[];
let open: OpenDocument | undefined;
let counts: ProjectCounts;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-dashboard-'));
  await mkdir(join(folder, 'texts'));
  await writeFile(join(folder, 'texts', 'one.conll'), ONE);
  await writeFile(join(folder, 'texts', 'two.conll'), TWO);
  const languages = [{ language: 'am', documents: ['texts'] }];
  await writeFile(
    join(folder, 'crosstag.json'),
    JSON.stringify({ task: 'ner', languages, learning: { holdout: 0.5 } }),
  );
  journal = new Journal(folder, { problem: (problem) => expect.fail(problem.message) });
  await journal.refresh();
  [reads, open] = [[], undefined];
  counts = new ProjectCounts({ open: (path) => (open?.path === path ? open : undefined), read, warn: expect.fail });
});
afterEach(() => rm(folder, { recursive: true }));

async function read(path: string): Promise<OpenDocument> {
  reads.push(relative(join(folder, 'texts'), path));
  const item = { uri: pathToFileURL(path).href, languageId: 'conll', version: 0, text: await readFile(path, 'utf8') };
  return new OpenDocument(item, parseSettings(undefined));
}

/** Somebody decides the tokens of a sentence from `start` on. */
async function decide(by: string, action: LabelAction, words: readonly string[], after: readonly string[], more = {}) {
  const address = { file: 'texts/one.conll', sentence: contentHash(words), nth: 0 };
  await journal.append(by, [
    { action, ...address, start: 0, before: after.map(() => '_'), after: [...after], ...more },
  ]);
}

const gather = () => gatherDashboard(folder, { files: disk, journal, counts, warn: expect.fail, keys: () => ['LOC'] });

describe('the dashboard', () => {
  it('counts what is decided, by whom, and what is kept for measuring', async () => {
    const suggested = [{ start: 0, end: 2, label: 'LOC', model: 'ner/1', probability: 0.9 }];
    const given = [{ start: 0, end: 2, label: 'LOC' }];
    await decide('ሙሉ', 'accept', AMHARIC, ['B-LOC', 'I-LOC'], { new: given, suggested });
    await decide('أمل', 'review', ARABIC, []);
    const { counts: found, keys, task, threshold } = await gather();
    expect({ keys, task, threshold }).toEqual({ keys: ['LOC'], task: 'ner', threshold: 0.99 });
    expect(found).toMatchObject({
      ...{ documents: 2, decided: 5, touched: 3, conflicts: 0 },
      all: { sentences: 4, tokens: 10 },
      reviewed: { sentences: 1, tokens: 2 },
    });
    expect([...found!.labels]).toEqual([['LOC', { human: 1, file: 2 }]]);
    expect([...found!.annotators].sort()).toEqual([
      ['أمل', { labels: 0, suggested: 0, reviewed: 1 }],
      ['ሙሉ', { labels: 1, suggested: 1, reviewed: 0 }],
    ]);
    // The same sentence is on the same side in both files.
    const sides = [AMHARIC, ARABIC, AMHARIC, ['मुंबई', 'है']].map((words) => isHeldOut(contentHash(words), 0.5));
    const labelled = sides.filter((isHeld, i) => isHeld && i !== 2).length;
    expect(found!.heldOut).toEqual({ sentences: sides.filter(Boolean).length, labelled });
  });

  it('counts a label that was changed afterwards as that of the file', async () => {
    await decide('ሙሉ', 'label', AMHARIC, ['B-PER', 'I-PER']);
    expect([...(await gather()).counts!.labels]).toEqual([['LOC', { human: 0, file: 3 }]]);
  });

  it('sees sentences in which people disagree', async () => {
    await decide('a', 'label', AMHARIC, ['B-LOC', 'I-LOC']);
    await decide('b', 'label', AMHARIC, ['B-PER', 'I-PER']);
    expect((await gather()).counts!.conflicts).toBe(1);
  });

  it('reads again what has changed, and nothing else', async () => {
    await gather();
    expect(reads).toEqual(['one.conll', 'two.conll']);
    await gather();
    expect(reads).toHaveLength(2);
    await decide('ሙሉ', 'review', AMHARIC, []);
    expect((await gather()).counts!.reviewed.sentences).toBe(1);
    expect(reads.slice(2)).toEqual(['one.conll']);
    await writeFile(join(folder, 'texts', 'two.conll'), `${TWO}ሰው B-PER\n\n`);
    expect([...(await gather()).counts!.labels.keys()]).toEqual(['LOC', 'PER']);
    expect(reads.slice(3)).toEqual(['two.conll']);
  });

  it('counts an open document as the editor has it', async () => {
    open = await read(join(folder, 'texts', 'two.conll'));
    const line = { line: 0, character: 0 };
    open.change({ range: { start: line, end: line }, text: 'ሰው B-PER\n\n' });
    reads.length = 0;
    expect((await gather()).counts!.labels.get('PER')).toEqual({ human: 0, file: 1 });
    expect(reads).toEqual(['one.conll']);
  });

  it('knows the retrainings of its task, and the corrections since the newest model', async () => {
    await appendHistory(folder, retraining(1, 100, 50));
    await appendHistory(folder, { ...retraining(2, 100, 50), task: 'pos' });
    await mkdir(join(folder, '.crosstag', 'models', 'ner', '1'), { recursive: true });
    const model = { format: 'crosstag-tagger', task: 'ner', created: '2026-01-01T00:00:00.000Z' };
    await writeFile(join(folder, '.crosstag', 'models', 'ner', '1', 'model.json'), JSON.stringify(model));
    await decide('ሙሉ', 'review', AMHARIC, []);
    const { history, model: inUse, schedule, sessions } = await gather();
    expect(history.map(({ model }) => model)).toEqual(['ner/1']);
    expect(inUse).toBe('ner/1');
    expect(schedule).toEqual({ state: 'idle', corrections: 1, after: 100 });
    expect(sessions).toMatchObject([{ annotator: 'ሙሉ', reviewed: 1 }]);
  });

  it('says of a folder without a project what is there', async () => {
    await rm(join(folder, 'crosstag.json'));
    expect(await gather()).toEqual({
      ...{ name: folder.split('/').at(-1), threshold: 0.99, history: [], sessions: [], keys: [] },
    });
  });
});
