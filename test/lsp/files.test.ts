// Raw text with its labels beside it, and files that are no good.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CreateFile,
  Diagnostic,
  DocumentSymbol,
  Range,
  TextDocumentEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { changedLines, turnLines } from '../../extension/annotation-lines.ts';
import { at, Client, lines } from './client.ts';
import { Editor } from './editor.ts';

/** 😀 is two UTF-16 units and one code point, which is what brat counts. */
const TEXT = 'የአዲስ አበባ ከተማ 😀 ውብ ናት። Ngũgĩ wa Thiong’o lives in Nairobi.\n\nمصر أم الدنيا.\n';

let client: Client;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-files-'));
  client = await Client.start({ folder });
});

afterAll(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

const wordIn = (word: string) => ({ start: at(0, TEXT.indexOf(word)), end: at(0, TEXT.indexOf(word) + word.length) });

function relabel(uri: string, range: object, label: string | null): Promise<WorkspaceEdit> {
  return client.request('crosstag/relabel', { uri, range, label });
}

describe('raw text', () => {
  it('gets a new annotation file with its first label, counted in code points', async () => {
    const uri = await client.open('first.txt', TEXT, 'plaintext');
    const edit = await relabel(uri, wordIn('Nairobi'), 'LOC');
    const [create, insert] = edit.documentChanges as [CreateFile, TextDocumentEdit];
    expect(create).toEqual({ kind: 'create', uri: client.uri('first.ann'), options: { ignoreIfExists: true } });
    const start = [...TEXT.slice(0, TEXT.indexOf('Nairobi'))].length;
    expect(insert.edits).toEqual([{ range: lines(0, 0), newText: `T1\tLOC ${start} ${start + 7}\tNairobi\n` }]);
    expect(insert.textDocument.version).toBeNull();
  });

  it('shows the labels of the file on the disk, and those of the editor once it is open there', async () => {
    const start = [...TEXT.slice(0, TEXT.indexOf('Nairobi'))].length;
    await writeFile(join(folder, 'shown.ann'), `T1\tLOC ${start} ${start + 7}\tNairobi\n`);
    const uri = await client.open('shown.txt', TEXT, 'plaintext');
    const onDisk = await client.labelsWhen(uri, 0, 3, ({ labels }) => labels.length > 0);
    expect(onDisk.labels).toEqual([{ range: wordIn('Nairobi'), label: 'LOC', origin: 'file' }]);
    const ann = await client.open('shown.ann', `T1\tCITY ${start} ${start + 7}\tNairobi\n`, 'brat');
    await client.labelsWhen(uri, 0, 3, ({ labels }) => labels.some(({ label }) => label === 'CITY'));
    const edit = await relabel(uri, wordIn('Nairobi'), null);
    const [change] = edit.documentChanges as TextDocumentEdit[];
    expect(change!.textDocument).toEqual({ uri: ann, version: 1 });
    expect(change!.edits).toEqual([{ range: lines(0, 1), newText: '' }]);
  });

  it('adds its first label to the file that is there, however early it comes', async () => {
    await writeFile(join(folder, 'early.ann'), 'T1\tLOC 1 9\tአዲስ አበባ\n');
    const uri = await client.open('early.txt', TEXT, 'plaintext');
    const edit = await relabel(uri, wordIn('Nairobi'), 'LOC');
    const [change] = edit.documentChanges as TextDocumentEdit[];
    expect(change!.edits).toMatchObject([{ range: lines(1, 1), newText: expect.stringMatching(/^T2\tLOC /) }]);
  });

  it('refuses a label where the file that is there cannot be read, and leaves its bytes', async () => {
    const bytes = Buffer.from('T1\tLOC 1 9\tcaf\xe9\n', 'latin1');
    await writeFile(join(folder, 'latin.ann'), bytes);
    const uri = await client.open('latin.txt', TEXT, 'plaintext');
    await expect(relabel(uri, wordIn('Nairobi'), 'LOC')).rejects.toThrow(
      /latin\.ann:1:\d+: byte 0xE9 .* is not UTF-8; /,
    );
    await writeFile(join(folder, 'latin.ann'), '');
    const changes = [{ uri: client.uri('latin.ann'), type: 2 }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    await expect
      .poll(() => relabel(uri, wordIn('Nairobi'), 'LOC').catch(String))
      .toMatchObject({ documentChanges: [{}] });
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  });

  it('moves annotations along with the text, and saves them with it', async () => {
    const start = [...TEXT.slice(0, TEXT.indexOf('Nairobi'))].length;
    await writeFile(join(folder, 'moved.ann'), `T1\tLOC ${start} ${start + 7}\tNairobi\n#1\tAnnotatorNotes T1\tsure\n`);
    const uri = await client.open('moved.txt', TEXT, 'plaintext');
    await client.labelsWhen(uri, 0, 3, ({ labels }) => labels.length > 0);
    await client.change(uri, 2, lines(0, 0), '😀 ');
    const { labels } = await client.labels(uri, 0, 3);
    expect(labels[0]!.range.start).toEqual(at(0, TEXT.indexOf('Nairobi') + 3));
    await client.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
    const moved = `T1\tLOC ${start + 2} ${start + 9}\tNairobi\n#1\tAnnotatorNotes T1\tsure\n`;
    await expect.poll(() => readFile(join(folder, 'moved.ann'), 'utf8')).toBe(moved);
  });

  it('moves an open annotation file before it gives a label: undoing that leaves the others in place', async () => {
    const moves: WorkspaceEdit[] = [];
    const editor = await Client.start({
      folder,
      applyEdit: async (edit) => {
        moves.push(edit);
        const [{ textDocument, edits }] = edit.documentChanges as [TextDocumentEdit];
        const [{ range, newText }] = edits as [{ range: Range; newText: string }];
        await editor.change(textDocument.uri, 2, range, newText);
      },
    });
    try {
      const start = [...TEXT.slice(0, TEXT.indexOf('Nairobi'))].length;
      const uri = await editor.open('dirty.txt', TEXT, 'plaintext');
      const ann = await editor.open('dirty.ann', `T1\tLOC ${start} ${start + 7}\tNairobi\n`, 'brat');
      await editor.labelsWhen(uri, 0, 3, ({ labels }) => labels.length > 0);
      await editor.change(uri, 2, lines(0, 0), '😀 ');
      const range = { start: at(2, 0), end: at(2, 3) };
      const edit = await editor.request<WorkspaceEdit>('crosstag/relabel', { uri, range, label: 'LOC' });
      expect(moves).toHaveLength(1);
      const [change] = edit.documentChanges as TextDocumentEdit[];
      expect(change!.textDocument).toEqual({ uri: ann, version: 2 });
      const first = [...`😀 ${TEXT.split('\n', 2).join('\n')}\n`].length;
      expect(change!.edits).toEqual([{ range: lines(1, 1), newText: `T2\tLOC ${first} ${first + 3}\tمصر\n` }]);
      const { labels } = await editor.labels(uri, 0, 3);
      expect(labels[0]!.range.start).toEqual(at(0, TEXT.indexOf('Nairobi') + 3));
    } finally {
      await editor.stop();
    }
  });

  it('moves them on request, before a label is undone from elsewhere: the others stay at their words', async () => {
    await writeFile(join(folder, 'undone.txt'), TEXT);
    const editor = await Editor.start({ folder, configuration: {} });
    try {
      const uri = await editor.open('undone.txt', 'plaintext');
      await editor.label('relabel', { uri, range: wordIn('Nairobi'), label: 'LOC' });
      const ann = editor.client.uri('undone.ann');
      const before = editor.text(ann);
      await editor.label('relabel', { uri, range: wordIn('አዲስ'), label: 'LOC' });
      const step = changedLines(before, editor.text(ann));
      await editor.type(uri, lines(0, 0), '😀 ');
      await editor.client.request('crosstag/moveAnnotations', { uri });
      await editor.become(ann, turnLines(editor.text(ann), step, 'after', 'before')!.text);
      const { labels } = await editor.client.labelsWhen(uri, 0, 3, (shown) => shown.labels.length === 1);
      expect(labels[0]!.range.start).toEqual(at(0, TEXT.indexOf('Nairobi') + 3));
    } finally {
      await editor.client.stop();
    }
  });

  it('says so where annotations cannot be moved with their text', async () => {
    const start = [...TEXT.slice(0, TEXT.indexOf('Nairobi'))].length;
    const uri = await client.open('refused.txt', TEXT, 'plaintext');
    await client.open('refused.ann', `T1\tLOC ${start} ${start + 7}\tNairobi\n`, 'brat');
    await client.labelsWhen(uri, 0, 3, ({ labels }) => labels.length > 0);
    await client.change(uri, 2, lines(0, 0), 'x ');
    await expect(client.request('crosstag/moveAnnotations', { uri })).rejects.toThrow(
      /refused\.txt: .*; save it first/,
    );
    await client.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
    const { message } = await client.notification<{ message: string }>('window/showMessage');
    expect(message).toMatch(
      /^The labels were not moved with the text\. .*refused\.ann: the editor leaves .*save the text/,
    );
  });

  it('reads the annotations that are there when the settings make raw text of a file', async () => {
    await writeFile(join(folder, 'turned.txt'), TEXT);
    const start = [...TEXT.slice(0, TEXT.indexOf('Nairobi'))].length;
    await writeFile(join(folder, 'turned.ann'), `T1\tLOC ${start} ${start + 7}\tNairobi\n`);
    const configuration = { format: 'conll' };
    const editor = await Editor.start({ folder, configuration });
    try {
      const uri = await editor.open('turned.txt', 'plaintext');
      expect((await editor.client.diagnostics(uri)).length).toBeGreaterThan(0);
      configuration.format = 'auto';
      await editor.client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
      const { labels } = await editor.client.labelsWhen(uri, 0, 3, (shown) => shown.labels.length === 1);
      expect(labels[0]).toMatchObject({ label: 'LOC', range: { start: at(0, TEXT.indexOf('Nairobi')) } });
    } finally {
      await editor.client.stop();
    }
  });

  it('gives labels in several sentences as one edit with fresh ids', async () => {
    const uri = await client.open('several.txt', TEXT, 'plaintext');
    const edit = await relabel(uri, { start: at(0, 0), end: at(2, 3) }, 'X');
    const [, insert] = edit.documentChanges as [CreateFile, TextDocumentEdit];
    const { newText } = insert.edits[0] as { newText: string };
    const ids = newText
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('publishes what is wrong with the annotation file there', async () => {
    await writeFile(join(folder, 'wrong.ann'), 'T1\tLOC 5 9000\tNairobi\n');
    await client.open('wrong.txt', TEXT, 'plaintext');
    const [finding] = await client.diagnostics(client.uri('wrong.ann'), ({ diagnostics }) => diagnostics.length > 0);
    expect(finding).toMatchObject({ code: 'format.annotation', range: { start: at(0, 0) } });
  });
});

describe('bad files', () => {
  const open = async (name: string, text: string, languageId?: string): Promise<Diagnostic[]> => {
    const uri = await client.open(name, text, languageId);
    const found = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
    await client.labels(uri, 0, 10);
    await client.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri } });
    return found;
  };

  it('NUL bytes are a finding', async () => {
    const found = await open('nul.conll', 'Kampala B-LOC\nna\0na O\n\n');
    expect(found[0]).toMatchObject({ range: { start: { line: 1 } } });
  });

  it('wrong numbers of columns are findings at their lines', async () => {
    const rows = 'a NN B-NP O\n'.repeat(20);
    const found = await open('columns.conll2003', `${rows}b NN\n${rows}\n`);
    expect(found.map(({ code, range }) => [String(code).split('.')[0], range.start.line])).toEqual([['format', 20]]);
  });

  it('a line of 10 MB is a finding, and the server goes on', async () => {
    const found = await open('long.conll', `Kisumu B-LOC\n${'x'.repeat(10_000_000)} O\n\n`);
    expect(found[0]).toMatchObject({ range: { start: at(1, 0) } });
    expect(String(found[0]!.message).length).toBeLessThan(500);
  });

  it('a raw text of one line of 10 MB opens, and its start has sentences', async () => {
    const uri = await client.open(
      'book.txt',
      'Wahenga walisema haraka haraka haina baraka. '.repeat(222_222),
      'plaintext',
    );
    const edit = await relabel(uri, { start: at(0, 0), end: at(0, 7) }, 'PER');
    const [, insert] = edit.documentChanges as [CreateFile, TextDocumentEdit];
    expect((insert.edits[0] as { newText: string }).newText).toBe('T1\tPER 0 7\tWahenga\n');
  });

  it('an empty file, and one of blank lines, answer with nothing', async () => {
    for (const text of ['', '\n\n\r\n', '\uFEFF']) {
      const uri = await client.open(`empty${text.length}.conll`, text);
      expect((await client.labels(uri, 0, 3)).labels).toEqual([]);
      expect(await client.request('textDocument/hover', { textDocument: { uri }, position: at(0, 0) })).toBeNull();
      expect(await relabel(uri, lines(0, 1), 'PER')).toEqual({ documentChanges: [] });
      await client.change(uri, 2, lines(0, 0), 'Mwanza B-LOC\n');
      expect((await client.labels(uri, 0, 3)).labels).toMatchObject([{ label: 'LOC' }]);
    }
  });
});

describe('a client without workspace/configuration or versioned edits', () => {
  it('gets plain changes, and may send its settings at the start', async () => {
    const settings = { diagnostics: { severity: { 'tags.*': 'off' } }, format: 'conll' };
    const simple = await Client.start({ folder, documentChanges: false, settings });
    try {
      const uri = await simple.open('plain.txt', 'Rio B-LOC\nnada O\nnada I-PER\n\n', 'plaintext');
      const edit = await simple.request<WorkspaceEdit>('crosstag/relabel', { uri, range: lines(0, 0), label: 'ORG' });
      expect(edit).toMatchObject({
        changes: { [uri]: [{ range: { start: at(0, 4), end: at(0, 9) }, newText: 'B-ORG' }] },
      });
      const published = await simple.diagnostics(uri);
      expect(published).toEqual([]);
    } finally {
      await simple.stop();
    }
  });
});
