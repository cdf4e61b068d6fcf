// The review queue and the documents of the review view, over LSP.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileChangeType, type Range, type TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver-protocol';
import type {
  LabelsResult,
  ResizeResult,
  ReviewItem,
  ReviewLine,
  ReviewQueueState,
  StructureParams,
} from '../../server/protocol.ts';
import { at, Client } from './client.ts';
import { Editor } from './editor.ts';

const project = (documents: string) =>
  JSON.stringify({
    task: 'ner',
    languages: [{ language: 'und', documents: [documents] }],
    learning: { holdout: 0 },
  });

const VIEW = 'crosstag-review:/Sentences';

const ARABIC = 'زار B-X\nمحمد _\nالسادس _\nمراكش _\n\nفي O\nمصر O\n\nولد _\nنجيب _\nمحفوظ _\n\n';
const row = (id: string, form: string, misc = '_') => `${id}\t${form}\t_\t_\t_\t_\t0\troot\t_\t${misc}\n`;
const CHINESE = `# text = 錢鍾書生於無錫。\n${['錢鍾書', '生', '於', '無錫', '。'].map((word, i) => row(`${i + 1}`, word)).join('')}\n`;
const RAW = 'አበበ በሶ በላ። 👩‍🏫 अक्षि नगर में हैं।\n';

let client: Client;
let folder: string;

interface Next {
  readonly items: ReviewItem[];
  readonly queue: ReviewQueueState;
}

const next = (count: number, shown: readonly ReviewItem[] = []) =>
  client.request<Next>('crosstag/reviewNext', { count, shown });

const showIn = (to: Client, lines: readonly ReviewItem[]) =>
  to.request<{ revision: number; lines: (ReviewLine | null)[] }>('crosstag/reviewLines', { uri: VIEW, lines });

const showLines = (lines: readonly ReviewItem[]) => showIn(client, lines);

const labelsOf = (last: number) =>
  client.request<LabelsResult>('crosstag/labels', { uri: VIEW, range: { start: at(0, 0), end: at(last, 0) } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-review-'));
  await mkdir(join(folder, 'texts'));
  await writeFile(join(folder, 'texts', 'arabic.conll'), ARABIC);
  await writeFile(join(folder, 'texts', 'chinese.conllu'), CHINESE);
  await writeFile(join(folder, 'texts', 'raw.txt'), RAW);
  await writeFile(join(folder, 'crosstag.json'), project('texts'));
  client = await Client.start({ folder });
});

afterAll(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

/** The items by the words that they start with, in the order of the files. */
async function itemsInOrder(): Promise<ReviewItem[]> {
  const { items } = await next(20);
  return items.sort((a, b) => (a.uri === b.uri ? a.near - b.near : a.uri < b.uri ? -1 : 1));
}

const edits = (edit: WorkspaceEdit) => {
  const change = (edit.documentChanges as TextDocumentEdit[]).at(-1);
  return {
    uri: change?.textDocument.uri,
    edits: change?.edits.map((one) => ('newText' in one ? [one.range.start.line, one.newText] : undefined)),
  };
};

describe('the queue', () => {
  it('holds the undecided sentences of all documents of the project, and none twice', async () => {
    const { items, queue } = await next(20);
    expect(queue).toEqual({ files: 3, open: 5, measured: 0, complete: true });
    expect(items.map(({ uri }) => uri.replace(/.*\//, '')).sort()).toEqual([
      ...['arabic.conll', 'arabic.conll', 'chinese.conllu', 'raw.txt', 'raw.txt'],
    ]);
    expect((await next(20, items.slice(0, 3))).items).toHaveLength(2);
    expect(items.every(({ why }) => why === 'by chance')).toBe(true);
  });

  it('is that of the project as it is on the disk, before the editor tells of a change', async () => {
    await writeFile(join(folder, 'crosstag.json'), project('texts/arabic.conll'));
    expect((await next(20)).items.map(({ uri }) => uri.replace(/.*\//, ''))).toEqual(['arabic.conll', 'arabic.conll']);
    await writeFile(join(folder, 'crosstag.json'), project('texts'));
    expect((await next(20)).items).toHaveLength(5);
  });

  it('tells no documents from documents that are done, and the editor of those that are missing', async () => {
    await writeFile(join(folder, 'done.conll'), 'ሀ O\n\n');
    await writeFile(join(folder, 'crosstag.json'), project('done.conll'));
    expect((await next(20)).queue).toEqual({ files: 1, open: 0, measured: 0, complete: true });
    await writeFile(join(folder, 'crosstag.json'), project('nowhere'));
    expect((await next(20)).queue).toEqual({ files: 0, open: 0, measured: 0, complete: true });
    const uri = client.uri('crosstag.json');
    const tell = () =>
      client.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri, type: FileChangeType.Changed }],
      });
    await tell();
    const [missing] = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
    expect(missing!.message).toContain('nowhere: no such file or folder; correct the path');
    expect(missing!.range.start).toEqual(at(0, project('nowhere').indexOf('"nowhere"')));
    const from = client.notified.length;
    await writeFile(join(folder, 'crosstag.json'), project('texts'));
    await tell();
    const isOf = (published: { uri: string }) => published.uri === uri;
    const { diagnostics } = await client.notification<{ uri: string; diagnostics: object[] }>(
      ...(['textDocument/publishDiagnostics', isOf, from] as const),
    );
    expect(diagnostics).toEqual([]);
    expect((await next(20)).items).toHaveLength(5);
  });

  it('is whole also where the editor tells of a change while the files are read', async () => {
    const many = join(folder, 'many');
    await mkdir(many);
    for (let i = 0; i < 200; i++) await writeFile(join(many, `${i}.conll`), `Ana${i} _\nvive _\n\n`);
    const changes = [{ uri: client.uri('crosstag.json'), type: FileChangeType.Changed }];
    for (const delay of [0, 10, 20, 40, 80]) {
      await writeFile(join(folder, 'crosstag.json'), project('texts'));
      await next(1);
      await writeFile(join(folder, 'crosstag.json'), project('many'));
      const asked = next(200);
      await new Promise((resolve) => setTimeout(resolve, delay));
      await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
      let answer = await asked;
      // On a slow machine the answer does not wait for all files.
      while (!answer.queue.complete) answer = await next(200);
      const { items, queue } = answer;
      expect(queue).toEqual({ files: 200, open: 200, measured: 0, complete: true });
      expect(items).toHaveLength(200);
    }
    await writeFile(join(folder, 'crosstag.json'), project('texts'));
  });
});

describe('the review view', () => {
  let arabic: string;
  let items: ReviewItem[];

  beforeAll(async () => {
    items = await itemsInOrder();
    arabic = await client.open('texts/arabic.conll', ARABIC);
    await client.open('texts/chinese.conllu', CHINESE, 'conllu');
    await client.open('texts/raw.txt', RAW, 'plaintext');
  });

  it('has each sentence in reading order, whatever its format', async () => {
    const { lines } = await showLines(items);
    expect(lines.map((line) => line?.text)).toEqual([
      ...['زار محمد السادس مراكش', 'ولد نجيب محفوظ', '錢鍾書生於無錫。', 'አበበ በሶ በላ።', '👩‍🏫 अक्षि नगर में हैं।'],
    ]);
    expect(lines[1]).toMatchObject({
      text: 'ولد نجيب محفوظ',
      range: { start: at(8, 0), end: at(10, 5) },
      isOpen: true,
    });
  });

  it('shows the labels of the file where the words stand in the line', async () => {
    const { revision } = await showLines(items);
    const { version, labels, sentences } = await labelsOf(4);
    expect(version).toBe(revision);
    expect(labels).toEqual([{ range: { start: at(0, 0), end: at(0, 3) }, label: 'X', origin: 'file' }]);
    expect(sentences.map(({ state }) => state)).toEqual(Array(5).fill('open'));
  });

  it('makes edits of the file of what is done to its words', async () => {
    await showLines(items);
    const relabel = (start: [number, number], end: [number, number], label: string | null) =>
      client.request<WorkspaceEdit>('crosstag/relabel', {
        uri: VIEW,
        range: { start: at(...start), end: at(...end) },
        label,
      });
    // محمد السادس
    expect(edits(await relabel([0, 4], [0, 15], 'PER'))).toEqual({
      uri: arabic,
      edits: [
        [1, 'B-PER'],
        [2, 'I-PER'],
      ],
    });
    // A caret within 無錫.
    expect(edits(await relabel([2, 6], [2, 6], 'PROPN'))).toEqual({
      ...{ uri: client.uri('texts/chinese.conllu'), edits: [[4, 'PROPN']] },
    });
    const start = [...RAW.slice(0, RAW.indexOf('अक्षि'))].length;
    // अक्षि behind an emoji of five UTF-16 units.
    expect(edits(await relabel([4, 6], [4, 11], 'LOC')).edits).toEqual([[0, `T1\tLOC ${start} ${start + 5}\tअक्षि\n`]]);
  });

  it('takes a whole line for that line, and refuses what lies in several', async () => {
    await showLines(items);
    const place = (end: [number, number]) =>
      client.request('crosstag/reviewPlace', { uri: VIEW, range: { start: at(1, 0), end: at(...end) } });
    expect(await place([2, 0])).toEqual({ uri: arabic, range: { start: at(8, 0), end: at(10, 5) } });
    await expect(place([2, 1])).rejects.toThrow('Several sentences are selected; select in one of them');
  });

  it('leads from its lines to the file', async () => {
    await showLines(items);
    const place = await client.request('crosstag/reviewPlace', {
      uri: VIEW,
      range: { start: at(1, 5), end: at(1, 5) },
    });
    expect(place).toEqual({ uri: arabic, range: { start: at(9, 0), end: at(9, 0) } });
  });

  it('finds the next open line', async () => {
    await showLines(items);
    const open = (line: number, direction: 1 | -1, here = false) =>
      client.request<Range | null>('crosstag/openSentence', { uri: VIEW, position: at(line, 0), direction, here });
    expect(await open(0, 1, true)).toEqual({ start: at(0, 4), end: at(0, 8) });
    expect(await open(0, 1)).toEqual({ start: at(1, 0), end: at(1, 3) });
    expect(await open(4, 1)).toBeNull();
    expect(await open(2, -1)).toEqual({ start: at(1, 0), end: at(1, 3) });
  });

  it('follows its sentences when the file is edited, also where their words are others, and says so', async () => {
    await showLines(items);
    await client.change(arabic, 2, { start: at(0, 0), end: at(0, 0) }, 'قال _\n\n');
    await client.notification<{ uri: string }>('crosstag/labelsChanged', ({ uri }) => uri === VIEW);
    const resized = await client.request<ResizeResult>('crosstag/resize', {
      ...{ uri: VIEW, range: { start: at(0, 0), end: at(0, 0) }, end: 'end', by: 1 },
    });
    if ('refused' in resized) throw new Error(resized.refused);
    expect(edits(resized.edit).edits).toEqual([[3, 'I-X']]);
    expect(resized.range).toEqual({ start: at(0, 0), end: at(0, 8) });
    await client.change(arabic, 3, { start: at(2, 0), end: at(2, 3) }, 'رأى');
    await client.notification<{ uri: string }>('crosstag/reviewChanged', ({ uri }) => uri === VIEW);
    const { lines } = await showLines(items);
    expect(lines[0]).toMatchObject({ text: 'رأى محمد السادس مراكش', place: { uri: arabic, nth: 0, near: 1 } });
    expect(lines[1]?.range.start).toEqual(at(10, 0));
    // The queue has the new sentences.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await next(20)).queue.open).toBe(6);
  });

  it('loses a sentence from the queue when all of it is decided', async () => {
    await client.change(arabic, 4, { start: at(0, 4), end: at(0, 5) }, 'O');
    expect((await next(20)).queue.open).toBe(5);
  });
});

describe('a line of the review view whose words change', () => {
  let editor: Editor;
  let workspace: string;
  let uri: string;
  let items: ReviewItem[];

  const texts = async () => {
    const { lines } = await showIn(editor.client, items);
    return lines.map((line) => line?.text);
  };
  /** Splits or joins from the view. @returns the text of the file before */
  const restructure = async (line: number, what: StructureParams['what'], [start, end] = [0, 0]) => {
    const before = editor.text(uri);
    const range = { start: at(line, start), end: at(line, end) };
    const done = await editor.client.request<{ edit: WorkspaceEdit }>('crosstag/structure', { uri: VIEW, range, what });
    await editor.apply(done.edit);
    return before;
  };

  beforeEach(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'crosstag-lines-'));
    await writeFile(join(workspace, 'crosstag.json'), project('.'));
    await writeFile(
      join(workspace, 'a.conll'),
      'Rio _\nde _\nJaneiro _\n\nአዲስ _\nአበባ _\n\nउमा _\nआई _\n\nRui _\nfoi _\n\n',
    );
    editor = await Editor.start({ folder: workspace });
    uri = await editor.open('a.conll');
    const next = await editor.client.request<Next>('crosstag/reviewNext', { count: 20, shown: [] });
    items = next.items.sort((a, b) => a.near - b.near);
    expect(await texts()).toEqual(['Rio de Janeiro', 'አዲስ አበባ', 'उमा आई', 'Rui foi']);
  });

  afterEach(async () => {
    await editor.client.stop();
    await rm(workspace, { recursive: true });
  });

  it('stays where tokens are joined, and where that is taken back', async () => {
    const before = await restructure(0, 'joinTokens', [0, 6]);
    await editor.client.notification('crosstag/reviewChanged');
    expect(await texts()).toEqual(['Riode Janeiro', 'አዲስ አበባ', 'उमा आई', 'Rui foi']);
    await editor.become(uri, before);
    expect(await texts()).toEqual(['Rio de Janeiro', 'አዲስ አበባ', 'उमा आई', 'Rui foi']);
  });

  it('is the first of two sentences that are joined, and the first part of one that is cut', async () => {
    const before = await restructure(1, 'joinSentences');
    expect(await texts()).toEqual(['Rio de Janeiro', 'አዲስ አበባ उमा आई', undefined, 'Rui foi']);
    await editor.become(uri, before);
    expect(await texts()).toEqual(['Rio de Janeiro', 'አዲስ አበባ', 'उमा आई', 'Rui foi']);
    await restructure(0, 'splitSentence', [4, 4]);
    expect(await texts()).toEqual(['Rio', 'አዲስ አበባ', 'उमा आई', 'Rui foi']);
  });

  it('is followed through all changes of one notification, each of the text that the last has made', async () => {
    const contentChanges = [
      { range: { start: at(10, 3), end: at(10, 3) }, text: 'ta' },
      { range: { start: at(0, 0), end: at(0, 0) }, text: 'ሐና _\n\nولد _\n\n' },
      { range: { start: at(8, 0), end: at(8, 3) }, text: 'ውብ' },
      { range: { start: at(4, 0), end: at(4, 3) }, text: 'Mar' },
    ];
    const params = { textDocument: { uri, version: 2 }, contentChanges };
    await editor.client.connection.sendNotification('textDocument/didChange', params);
    expect(await texts()).toEqual(['Mar de Janeiro', 'ውብ አበባ', 'उमा आई', 'Ruita foi']);
  });

  it('leaves with its sentence, and no other one comes in its place', async () => {
    await editor.become(uri, editor.text(uri).replace('አዲስ _\nአበባ _\n\n', ''));
    expect(await texts()).toEqual(['Rio de Janeiro', undefined, 'उमा आई', 'Rui foi']);
    await editor.become(uri, `ሐና _\n\n${editor.text(uri)}`);
    await editor.become(uri, editor.text(uri).replace('foi', 'vai'));
    expect(await texts()).toEqual(['Rio de Janeiro', undefined, 'उमा आई', 'Rui vai']);
  });

  it('is not asked for a second time', async () => {
    await restructure(0, 'joinTokens', [0, 6]);
    const { lines } = await showIn(editor.client, items);
    const shown = items.map((item, i) => ({ ...item, ...lines[i]!.place }));
    const more = () => editor.client.request<Next>('crosstag/reviewNext', { count: 20, shown });
    await expect.poll(async () => (await more()).items, { timeout: 5000 }).toEqual([]);
  });
});

describe('what people decide', () => {
  let other: Client;
  let workspace: string;

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'crosstag-learning-'));
    other = await Client.start({ folder: workspace });
  });

  afterAll(async () => {
    await other.stop();
    await rm(workspace, { recursive: true });
  });

  it('is known to the next suggestions within seconds, and where it is done a sentence leaves the queue', async () => {
    const names = ['ሐና', 'ዳዊት', 'ሐና', 'ዳዊት', 'ሐና', 'ዳዊት', 'ሐና'];
    const text = names.map((name) => `ዛሬ _\n${name} _\nመጣ _\n። _\n\n`).join('');
    await writeFile(join(workspace, 'learn.conll'), text);
    const uri = await other.open('learn.conll', text);
    let version = 1;
    const apply = async (edit: WorkspaceEdit) => {
      const [change] = edit.documentChanges as TextDocumentEdit[];
      for (const one of change?.edits ?? [])
        if ('newText' in one) await other.change(uri, ++version, one.range, one.newText);
    };
    for (const line of [1, 6]) {
      const word = { start: at(line, 0), end: at(line, 1) };
      await apply(await other.request<WorkspaceEdit>('crosstag/relabel', { uri, range: word, label: 'PER' }));
      await apply(await other.request<WorkspaceEdit>('crosstag/review', { uri, range: word, reviewed: true }));
    }
    const { labels, sentences } = await other.labelsWhen(uri, 0, 35, ({ labels }) =>
      labels.some(({ origin }) => origin === 'model'),
    );
    expect(labels.filter(({ origin }) => origin === 'human').map(({ range }) => range.start.line)).toEqual([1, 6]);
    const suggested = labels.filter(({ origin }) => origin === 'model');
    expect(suggested.map(({ label, range }) => [label, range.start.line])).toEqual(
      [11, 16, 21, 26, 31].map((line) => ['PER', line]),
    );
    expect(sentences.map(({ state }) => state)).toEqual([
      ...['reviewed', 'reviewed', 'open', 'open', 'open', 'open', 'open'],
    ]);
    const { queue } = await other.request<Next>('crosstag/reviewNext', { count: 20, shown: [] });
    expect(queue.open).toBe(5);
    const told = other.notified.filter(({ method }) => method === 'crosstag/modelStatus').map(({ params }) => params);
    expect(told[0]).toEqual({ state: 'none', message: 'No model yet; suggestions come from your labels' });
    expect(new Set(told.map((status) => JSON.stringify(status))).size).toBe(1);
  });
});

it.skipIf(process.platform === 'win32')('the queue begins again where it could not begin', async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'crosstag-begin-'));
  // A file that cannot be read.
  await symlink('crosstag.json', join(workspace, 'crosstag.json'));
  const editor = await Editor.start({ folder: workspace });
  const ask = () => editor.client.request<Next>('crosstag/reviewNext', { count: 20, shown: [] });
  await expect(ask()).rejects.toThrow();
  await rm(join(workspace, 'crosstag.json'));
  expect((await ask()).queue).toMatchObject({ open: 0, complete: true });
  await editor.client.stop();
  await rm(workspace, { recursive: true });
});

it('labels that are closed without saving are asked for again', async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'crosstag-unsaved-'));
  await writeFile(join(workspace, 'crosstag.json'), project('.'));
  await writeFile(join(workspace, 'a.conll'), 'ሐና _\nመጣች _\n\nउमा _\nआई _\n\n');
  const editor = await Editor.start({ folder: workspace });
  const open = async () => {
    const { queue } = await editor.client.request<Next>('crosstag/reviewNext', { count: 20, shown: [] });
    return queue.open;
  };
  const uri = await editor.open('a.conll');
  expect(await open()).toBe(2);
  await editor.decide(uri, 'PER', [at(0, 0)]);
  await expect.poll(open).toBe(1);
  await editor.close(uri);
  await expect.poll(open, { timeout: 10_000 }).toBe(2);
  await editor.client.stop();
  await rm(workspace, { recursive: true });
});

describe('names alone', () => {
  let other: Client;
  let workspace: string;

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'crosstag-names-'));
    other = await Client.start({ folder: workspace });
  });

  afterAll(async () => {
    await other.stop();
    await rm(workspace, { recursive: true });
  });

  it('do not teach that everything is a name, without a model', async () => {
    const words = ['ሐና', 'ዳዊት', 'ሳራ', 'ዮናስ', 'ማርታ', 'ሐና', 'ሳራ'];
    const text = words.map((name) => `ዛሬ _\n${name} _\nገበያ _\nሄደ _\n። _\n\n`).join('');
    const uri = await other.open('names.conll', text);
    let version = 1;
    for (const line of [1, 7, 13, 19, 25]) {
      const range = { start: at(line, 0), end: at(line, 1) };
      const edit = await other.request<WorkspaceEdit>('crosstag/relabel', { uri, range, label: 'PER' });
      const [change] = edit.documentChanges as TextDocumentEdit[];
      for (const one of change!.edits) if ('newText' in one) await other.change(uri, ++version, one.range, one.newText);
    }
    const { labels } = await other.labelsWhen(uri, 30, 41, (shown) =>
      shown.labels.some(({ range }) => range.start.line === 37),
    );
    expect(labels.map(({ label, range }) => [label, range.start.line])).toEqual([
      ['PER', 31],
      ['PER', 37],
    ]);
  });
});
