// What is said will be shown, before an edit of labels is handed out, is what is shown once it is applied, in a file and in the review view.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  JournalledEdit,
  LabelsResult,
  ResizeResult,
  ReviewItem,
  ReviewLine,
  SentenceShown,
} from '../../server/protocol.ts';
import { at, lines } from './client.ts';
import { Editor } from './editor.ts';

const VIEW = 'crosstag-review:/Sentences';
const COLUMNS = 'زار _\nمحمد _\nالسادس _\nمراكش B-LOC\n. _\n\nአበበ _\nበቂላ _\nኖረ _\n\n';
const RAW = 'Ana vive. 👩‍🏫 नायडू रहीं।錢鍾書生於無錫。\n';

let editor: Editor;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-shown-'));
  await writeFile(join(folder, 'columns.conll'), COLUMNS);
  await writeFile(join(folder, 'raw.txt'), RAW);
  editor = await Editor.start({ folder });
});

afterAll(async () => {
  await editor.client.stop();
  await rm(folder, { recursive: true });
});

const relabel = (uri: string, range: object, label: string | null) =>
  editor.client.request<JournalledEdit>('crosstag/relabel', { uri, range, label });

/** What was said before the last answer about a document; of one sentence. */
function said(uri: string): SentenceShown {
  const told = editor.client.notified.findLast(({ method }) => method === 'crosstag/willShow');
  expect(told?.params).toMatchObject({ uri, sentences: [{}] });
  return (told!.params as { sentences: SentenceShown[] }).sentences[0]!;
}

async function shownIn(uri: string, { range }: SentenceShown) {
  const { labels } = await editor.client.request<LabelsResult>('crosstag/labels', { uri, range });
  return labels;
}

describe('what is said before an edit', () => {
  it('is shown in columns', async () => {
    const uri = await editor.open('columns.conll');
    for (const [first, last, label] of [
      [1, 2, 'PER'],
      [2, 2, null],
      [0, 0, 'LOC'],
      [0, 4, '_'],
    ] as const) {
      const edit = await relabel(uri, { start: at(first, 0), end: at(last, 1) }, label);
      const now = said(uri);
      await editor.apply(edit);
      expect(await shownIn(uri, now)).toEqual(now.labels);
    }
    const edit = await relabel(uri, lines(6, 6), 'PER');
    await editor.apply(edit);
    expect(said(uri).labels).toEqual([{ range: { start: at(6, 0), end: at(6, 3) }, label: 'PER', origin: 'human' }]);
    const resized = await editor.client.request<ResizeResult>('crosstag/resize', {
      ...{ uri, range: lines(6, 6), end: 'end', by: 1 },
    });
    if ('refused' in resized) throw new Error(resized.refused);
    await editor.apply(resized.edit);
    expect(await shownIn(uri, said(uri))).toEqual(said(uri).labels);
  });

  it('is shown in raw text', async () => {
    const uri = await editor.open('raw.txt', 'plaintext');
    const from = RAW.indexOf('नायडू');
    const edit = await relabel(uri, { start: at(0, from), end: at(0, from + 5) }, 'PER');
    expect(said(uri).labels).toMatchObject([{ range: { start: at(0, from), end: at(0, from + 5) }, label: 'PER' }]);
    await editor.apply(edit);
    expect(await shownIn(uri, said(uri))).toEqual(said(uri).labels);
  });

  it('is shown in the review view', async () => {
    const { items } = await editor.client.request<{ items: ReviewItem[] }>('crosstag/reviewNext', {
      ...{ count: 20, shown: [] },
    });
    const { lines: texts } = await editor.client.request<{ lines: (ReviewLine | null)[] }>('crosstag/reviewLines', {
      ...{ uri: VIEW, lines: items },
    });
    const line = texts.findIndex((one) => one?.text.startsWith('زار'));
    const edit = await relabel(VIEW, { start: at(line, 4), end: at(line, 15) }, 'PER');
    const now = said(VIEW);
    expect(now.range).toEqual({ start: at(line, 0), end: at(line, texts[line]!.text.length) });
    expect(now.labels).toEqual([{ range: { start: at(line, 4), end: at(line, 15) }, label: 'PER', origin: 'human' }]);
    await editor.apply(edit);
    expect(await shownIn(VIEW, now)).toEqual(now.labels);
  });
});
