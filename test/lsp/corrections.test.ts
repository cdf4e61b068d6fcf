// Suggestions know what people have decided, wherever in the project that was, and when.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileChangeType, type Range } from 'vscode-languageserver-protocol';
import type { LabelsResult } from '../../server/protocol.ts';
import { trainTagger } from '../../server/tagger/index.ts';
import { sentences } from '../unit/tagger/fixtures.ts';
import { at } from './client.ts';
import { Editor } from './editor.ts';

const NAMES = ['ሐና', 'ዳዊት', 'ሳራ', 'ዮናስ'];
const columns = (names: readonly string[]) => names.map((name) => `ዛሬ _\n${name} _\nመጣ _\n። _\n\n`).join('');
const running = (names: readonly string[]) => names.map((name) => `ዛሬ ${name} መጣ።\n`).join('');
const PROJECT = JSON.stringify({
  task: 'ner',
  languages: [{ language: 'am', documents: ['.'] }],
  learning: { holdout: 0 },
});

let folder: string;
let editor: Editor;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-corrections-'));
});
afterEach(async () => {
  await editor.client.stop();
  await rm(folder, { recursive: true });
});

/** Waits until so many labels are suggested. @returns [label, line, character] of each */
async function suggested(uri: string, count: number) {
  const ofModel = ({ labels }: LabelsResult) => labels.filter(({ origin }) => origin === 'model');
  const shown = await editor.client.labelsWhen(uri, 0, 100, (result) => ofModel(result).length === count);
  return ofModel(shown).map(({ label, range: { start } }) => [label, start.line, start.character]);
}

/** What is suggested now, as label@line:character. */
async function suggestions(uri: string): Promise<string[]> {
  const { labels } = await editor.client.labels(uri, 0, 200);
  return labels
    .filter(({ origin }) => origin === 'model')
    .map(({ label, range: { start } }) => `${label}@${start.line}:${start.character}`);
}

/** Waits until this is suggested, and nothing else; still so a while later, since suggestions may go for a moment. */
async function expectSuggestions(uri: string, wanted: readonly string[]): Promise<void> {
  for (const pause of [0, 1500]) {
    await setTimeout(pause);
    await expect.poll(() => suggestions(uri), { timeout: 15_000, interval: 200 }).toEqual(wanted);
  }
}

/** What is suggested as soon as the model has answered. */
async function settled(uri: string): Promise<string[]> {
  await expect.poll(() => suggestions(uri), { timeout: 15_000 }).not.toEqual([]);
  return suggestions(uri);
}

const told = (path: string) =>
  editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: pathToFileURL(join(folder, path)).href, type: FileChangeType.Changed }],
  });

it('in another file of the project, by an earlier session', async () => {
  await writeFile(join(folder, 'crosstag.json'), PROJECT);
  await writeFile(join(folder, 'one.conll'), columns(NAMES));
  await writeFile(join(folder, 'other.conll'), columns(NAMES.toReversed()));
  editor = await Editor.start({ folder });
  const one = await editor.open('one.conll');
  await editor.decide(one, 'PER', [at(1, 0), at(6, 0), at(11, 0)]);
  await editor.save(one);
  await editor.client.stop();
  editor = await Editor.start({ folder });
  const other = await editor.open('other.conll');
  expect(await suggested(other, 4)).toEqual([1, 6, 11, 16].map((line) => ['PER', line, 0]));
});

it('in running text of the project, by an earlier session', async () => {
  await writeFile(join(folder, 'crosstag.json'), PROJECT);
  await writeFile(join(folder, 'one.txt'), running(NAMES));
  await writeFile(join(folder, 'other.txt'), running(NAMES.toReversed()));
  editor = await Editor.start({ folder });
  const one = await editor.open('one.txt', 'plaintext');
  await editor.decide(one, 'PER', [at(0, 3), at(1, 3), at(2, 3)]);
  await editor.save(one.replace(/txt$/, 'ann'));
  await editor.client.stop();
  editor = await Editor.start({ folder });
  const other = await editor.open('other.txt', 'plaintext');
  expect(await suggested(other, 4)).toEqual([0, 1, 2, 3].map((line) => ['PER', line, 3]));
});

it('in running text, whose labels stand in a file beside it', async () => {
  await writeFile(join(folder, 'text.txt'), running([...NAMES, ...NAMES, 'ገበያ', 'ገበያ']));
  editor = await Editor.start({ folder });
  const uri = await editor.open('text.txt', 'plaintext');
  await editor.decide(uri, 'PER', [at(0, 3), at(1, 3), at(2, 3), at(3, 3)]);
  const persons = [4, 5, 6, 7].map((line) => ['PER', line, 3]);
  expect(await suggested(uri, 6)).toEqual([...persons, ['PER', 8, 3], ['PER', 9, 3]]);
  // That there is nothing in a sentence is in the journal alone.
  const nothing = { start: at(8, 3), end: at(8, 3) };
  await editor.label('review', { uri, range: nothing, reviewed: true });
  expect(await suggested(uri, 4)).toEqual(persons);
  await editor.decide(uri, 'DATE', [at(0, 0), at(1, 0), at(2, 0), at(3, 0)]);
  const both = [4, 5, 6, 7].flatMap((line) => [
    ['DATE', line, 0],
    ['PER', line, 3],
  ]);
  expect(await suggested(uri, 8)).toEqual(both);
});

it('are found from far away, whether they were shown before or not', async () => {
  const decided = 'ዛሬ O\nመጣ O\n። O\n\n'.repeat(3000);
  await writeFile(join(folder, 'long.conll'), columns(NAMES) + decided + columns(['ሐና']));
  editor = await Editor.start({ folder });
  const uri = await editor.open('long.conll');
  await editor.decide(uri, 'PER', [at(1, 0), at(6, 0), at(11, 0), at(16, 0)]);
  const next = (line: number, direction: 1 | -1) => {
    const params = { uri, position: at(line, 0), direction, minimumProbability: 0 };
    return editor.client.request<Range | null>('crosstag/nextSuggestion', params);
  };
  const last = 20 + 4 * 3000 + 1;
  // What was decided is learnt within seconds.
  await expect.poll(() => next(20, 1), { timeout: 20_000 }).toMatchObject({ start: at(last, 0) });
  expect(await next(last, 1)).toBeNull();
  expect(await next(last + 2, -1)).toMatchObject({ start: at(last, 0) });
  expect(await next(last, -1)).toBeNull();
});

it('in a file outside of the folder that the project lists', async () => {
  const project = join(folder, 'project');
  await mkdir(project);
  const languages = [{ language: 'am', documents: ['../one.conll', 'other.conll'] }];
  await writeFile(join(project, 'crosstag.json'), JSON.stringify({ task: 'ner', languages, learning: { holdout: 0 } }));
  await writeFile(join(folder, 'one.conll'), columns(NAMES));
  await writeFile(join(project, 'other.conll'), columns(NAMES.toReversed()));
  editor = await Editor.start({ folder: project });
  const one = await editor.open('../one.conll');
  await editor.decide(one, 'PER', [at(1, 0), at(6, 0), at(11, 0)]);
  await editor.save(one);
  await editor.client.stop();
  editor = await Editor.start({ folder: project });
  const other = await editor.open('other.conll');
  expect(await suggested(other, 4)).toEqual([1, 6, 11, 16].map((line) => ['PER', line, 0]));
});

it('of the same words in several files as they were decided last', async () => {
  await writeFile(join(folder, 'crosstag.json'), PROJECT);
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, `${name}.conll`), columns(NAMES.slice(0, 1)));
  editor = await Editor.start({ folder });
  const [a, b, c] = [await editor.open('a.conll'), await editor.open('b.conll'), await editor.open('c.conll')];
  await editor.label('relabel', { uri: a, range: { start: at(1, 0), end: at(1, 0) }, label: 'ORG' });
  await expectSuggestions(c, ['ORG@1:0']);
  await editor.decide(b, 'PER', [at(1, 0)]);
  await expectSuggestions(c, ['PER@1:0']);
});

it('until it is taken back', async () => {
  await writeFile(join(folder, 'text.txt'), running([...NAMES.slice(0, 1), 'ገበያ']));
  editor = await Editor.start({ folder });
  const uri = await editor.open('text.txt', 'plaintext');
  const range = { start: at(0, 3), end: at(0, 3) };
  await editor.label('relabel', { uri, range, label: 'DATE' });
  const annotations = uri.replace(/txt$/, 'ann');
  await expect.poll(() => suggestions(uri), { timeout: 15_000 }).toContain('DATE@1:3');
  await editor.become(annotations, '');
  await editor.save(annotations);
  await expectSuggestions(uri, []);
});

it('until it is taken back, on top of a model', async () => {
  const out = join(folder, '.crosstag', 'models', 'ner', '1');
  await trainTagger({ task: 'ner', train: sentences(40, 3), parts: 'wide', out, threads: 1 });
  await writeFile(join(folder, 'text.txt'), running([...NAMES.slice(0, 1), 'አበበ']));
  editor = await Editor.start({ folder });
  const uri = await editor.open('text.txt', 'plaintext');
  const asTrained = await settled(uri);
  await editor.label('relabel', { uri, range: { start: at(0, 3), end: at(0, 3) }, label: 'DATE' });
  await expect.poll(() => suggestions(uri), { timeout: 15_000 }).toContain('DATE@1:3');
  const annotations = uri.replace(/txt$/, 'ann');
  await editor.become(annotations, '');
  await editor.save(annotations);
  await expectSuggestions(uri, asTrained);
  await editor.label('relabel', { uri, range: { start: at(0, 3), end: at(0, 3) }, label: 'DATE' });
  await expect.poll(() => suggestions(uri), { timeout: 15_000 }).toContain('DATE@1:3');
});

it('in files whose tags are those of IOB1', async () => {
  const labelled = ['አበበ', 'ከበደ', 'አስቴር'].map((name) => `ትናንት O\n${name} I-PER\nሄደ O\n። O\n\n`).join('');
  await writeFile(join(folder, 'one.conll'), labelled + columns([...NAMES, 'ሐና']));
  editor = await Editor.start({ folder });
  const uri = await editor.open('one.conll');
  for (const line of [16, 21]) {
    await editor.label('relabel', { uri, range: { start: at(line, 0), end: at(line, 0) }, label: 'PER' });
  }
  await expectSuggestions(uri, ['PER@26:0', 'PER@31:0', 'PER@36:0']);
});

it('in files that another window labels, where they are not open here', async () => {
  await writeFile(join(folder, 'crosstag.json'), PROJECT);
  await writeFile(join(folder, 'a.txt'), running(NAMES));
  await writeFile(join(folder, 'b.txt'), running(NAMES.toReversed()));
  editor = await Editor.start({ folder });
  const b = await editor.open('b.txt', 'plaintext');
  await editor.decide(b, 'DATE', [at(0, 0)]);
  await expectSuggestions(b, ['DATE@1:0', 'DATE@2:0', 'DATE@3:0']);
  const here = editor;
  editor = await Editor.start({ folder });
  const a = await editor.open('a.txt', 'plaintext');
  await editor.decide(a, 'PER', [at(0, 3), at(1, 3), at(2, 3), at(3, 3)]);
  await editor.save(a.replace(/txt$/, 'ann'));
  await editor.client.stop();
  editor = here;
  const written = await readdir(join(folder, '.crosstag', 'journal'));
  const journal = join('.crosstag', 'journal', written.find((name) => name.endsWith('.jsonl'))!);
  await told(journal);
  await expect.poll(() => suggestions(b), { timeout: 15_000 }).toContain('PER@1:3');
  // Git or another program may change the annotations alone.
  const annotations = await readFile(join(folder, 'a.ann'), 'utf8');
  await writeFile(join(folder, 'a.ann'), annotations.replaceAll('PER', 'ORG'));
  await told('a.ann');
  await expect.poll(() => suggestions(b), { timeout: 15_000 }).toContain('ORG@1:3');
  // A branch without it all.
  await writeFile(join(folder, journal), '');
  await told(journal);
  await expectSuggestions(b, []);
});

it('in a folder without a project, beside one that has one', async () => {
  const other = await mkdtemp(join(tmpdir(), 'crosstag-other-'));
  await writeFile(join(other, 'crosstag.json'), PROJECT);
  await writeFile(join(other, 'a.conll'), columns(NAMES));
  await writeFile(join(folder, 'b.conll'), columns([...NAMES, ...NAMES]));
  editor = await Editor.start({ folder, others: [other] });
  const uri = await editor.open('b.conll');
  await editor.decide(uri, 'PER', [at(1, 0), at(6, 0), at(11, 0)]);
  await expectSuggestions(
    uri,
    [16, 21, 26, 31, 36].map((line) => `PER@${line}:0`),
  );
  await rm(other, { recursive: true });
});

it('of parts of speech, in files without a label too', async () => {
  await writeFile(join(folder, 'crosstag.json'), PROJECT.replace('ner', 'pos'));
  for (const name of ['a', 'b']) await writeFile(join(folder, `${name}.conll`), columns(NAMES));
  editor = await Editor.start({ folder });
  const [a, b] = [await editor.open('a.conll'), await editor.open('b.conll')];
  for (const [line, label] of ['ADV', 'PROPN', 'VERB', 'PUNCT'].entries()) {
    await editor.label('relabel', { uri: a, range: { start: at(line, 0), end: at(line, 0) }, label });
  }
  expect(editor.text(a)).toMatch(/^ዛሬ ADV\nሐና PROPN\n/);
  await expect.poll(() => suggestions(b), { timeout: 15_000 }).toContain('PROPN@1:0');
});
