// JSON lines over LSP: in the file itself, and in the review view.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LabelsResult, ReviewItem, ReviewLine, ReviewQueueState } from '../../server/protocol.ts';
import { at } from './client.ts';
import { Editor } from './editor.ts';

const VIEW = 'crosstag-review:/Sentences';

const PROJECT = JSON.stringify({
  task: 'ner',
  languages: [{ language: 'und', documents: ['exported.jsonl', 'words.ndjson'] }],
  learning: { holdout: 0 },
});

const TEXTS = [
  '{"id":1,"text":"👩‍🏫 ሐና ወደ አዲስ አበባ ሄደች።"}',
  '{"id":2,"text":"उमा ने \\"चाय\\" पी।"}',
  '{"id":3,"text":"زار محمد السادس مراكش","label":[[4,15,"PER"]]}',
].map((line) => `${line}\n`);
const WORDS = '{"words":["錢鍾書","生","於","無錫"],"ner_tags":["B-PER",null,null,null]}\n';

let editor: Editor;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-json-'));
  await writeFile(join(folder, 'crosstag.json'), PROJECT);
  await writeFile(join(folder, 'exported.jsonl'), TEXTS.join(''));
  await writeFile(join(folder, 'words.ndjson'), WORDS);
  editor = await Editor.start({ folder });
});

afterAll(async () => {
  await editor.client.stop();
  await rm(folder, { recursive: true });
});

async function next() {
  const params = { count: 20, shown: [] };
  const answer = await editor.client.request<{ items: ReviewItem[]; queue: ReviewQueueState }>(
    'crosstag/reviewNext',
    params,
  );
  return { ...answer, items: answer.items.sort((a, b) => a.uri.localeCompare(b.uri) || a.near - b.near) };
}

it('JSON lines of a project are in the review view, and what is done there is done to the file', async () => {
  const { items, queue } = await next();
  expect(queue).toMatchObject({ open: 3, complete: true });
  const uri = await editor.open('exported.jsonl', 'jsonl');
  const words = await editor.open('words.ndjson', 'jsonl');
  const shown = await editor.client.request<{ lines: ReviewLine[] }>('crosstag/reviewLines', {
    uri: VIEW,
    lines: items,
  });
  expect(shown.lines.map(({ text }) => text)).toEqual([
    '👩‍🏫 ሐና ወደ አዲስ አበባ ሄደች።',
    'उमा ने "चाय" पी।',
    '錢鍾書 生 於 無錫',
  ]);

  // ሐና behind an emoji of five UTF-16 units and three code points; चाय between quotes that are escaped in the file.
  await editor.label('relabel', { uri: VIEW, range: { start: at(0, 6), end: at(0, 6) }, label: 'PER' });
  await editor.label('relabel', { uri: VIEW, range: { start: at(1, 8), end: at(1, 8) }, label: 'MISC' });
  await editor.label('relabel', { uri: VIEW, range: { start: at(2, 8), end: at(2, 8) }, label: 'LOC' });
  expect(editor.text(uri)).toBe(
    [
      TEXTS[0]!.replace('"}', '", "entities": [[4,6,"PER"], [0,3,"_"], [7,22,"_"]]}'),
      TEXTS[1]!.replace('"}', '", "entities": [[8,11,"MISC"], [0,8,"_"], [11,16,"_"]]}'),
      TEXTS[2]!,
    ].join(''),
  );
  expect(editor.text(words)).toBe(WORDS.replace('null]', '"B-LOC"]'));
  const range = { start: at(0, 0), end: at(3, 0) };
  const { labels } = await editor.client.request<LabelsResult>('crosstag/labels', { uri: VIEW, range });
  expect(labels.map(({ range, label, origin }) => [range.start.line, label, origin])).toEqual([
    [0, 'PER', 'human'],
    [1, 'MISC', 'human'],
    [2, 'PER', 'file'],
    [2, 'LOC', 'human'],
  ]);

  // A label in the list of labels is that of its word.
  const cell = { line: 0, character: WORDS.indexOf('null,null]') };
  await editor.label('relabel', { uri: words, range: { start: cell, end: cell }, label: 'X' });
  expect(editor.text(words)).toBe(WORDS.replace('null]', '"B-LOC"]').replace('null,"', '"B-X","'));

  await editor.label('review', { uri: VIEW, range: { start: at(1, 0), end: at(1, 0) }, reviewed: true });
  expect(editor.text(uri).split('\n')[1]).toBe(TEXTS[1]!.trimEnd().replace('"}', '", "entities": [[8,11,"MISC"]]}'));
  await expect.poll(async () => (await next()).queue.open).toBe(2);
});

it('closed and opened again, the labels are still those of the person', async () => {
  const uri = editor.client.uri('exported.jsonl');
  await editor.save(uri);
  await editor.close(uri);
  await editor.open('exported.jsonl', 'jsonl');
  expect(await readFile(join(folder, 'exported.jsonl'), 'utf8')).toContain('"MISC"]]}');
  const range = { start: at(0, 0), end: at(3, 0) };
  await expect
    .poll(async () => {
      const { labels } = await editor.client.request<LabelsResult>('crosstag/labels', { uri, range });
      return labels.map(({ label, origin }) => `${label} ${origin}`);
    })
    .toEqual(['PER human', 'MISC human', 'PER file']);
  // The words of an entity stand side by side there: no part of it has a frame of its own.
  const { labels } = await editor.client.request<LabelsResult>('crosstag/labels', { uri, range });
  expect(labels.map(({ parts }) => parts)).toEqual([undefined, undefined, undefined]);
  const entity = labels[2]!.range;
  expect(editor.text(uri).split('\n')[2]!.slice(entity.start.character, entity.end.character)).toBe('محمد السادس');
});
