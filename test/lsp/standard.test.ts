// What any LSP client gets: diagnostics, hover, code actions, semantic tokens, symbols. Over real stdio.
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import type {
  CodeAction,
  DocumentSymbol,
  Hover,
  InitializeResult,
  SemanticTokens,
  TextDocumentEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { at, bundle, Client, lines } from './client.ts';

const AMHARIC = 'አበበ B-PER\nአዲስ B-LOC\nአበባ I-LOC\nሄደ O\n\nشمس I-PER\n😀 O\n\nሙምባይ B-LOC\nमुंबई B-LOC\n上海 B-LOC\n\n';

let client: Client;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-lsp-'));
  client = await Client.start({ folder });
});

afterAll(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

function fixOf(action: CodeAction): { newText: string; range: object }[] {
  const [change] = action.edit!.documentChanges as TextDocumentEdit[];
  return change!.edits as { newText: string; range: object }[];
}

describe('the server', () => {
  it('says what it can do', async () => {
    const { capabilities, serverInfo } = (await client.initialized) as InitializeResult;
    expect(serverInfo?.name).toBe('crosstag');
    expect(capabilities).toMatchObject({ hoverProvider: true, documentSymbolProvider: true });
  });

  it('publishes diagnostics with the version that they belong to, and takes them back when the file is closed', async () => {
    const uri = await client.open('illegal.conll', AMHARIC);
    const [first, ...others] = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      code: 'tags.illegal-transition',
      source: 'crosstag',
      range: { start: at(5, 4), end: at(5, 9) },
    });
    expect(first!.message).toContain('B-PER');
    const seen = client.notified.length;
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    const closed = await client.notification<{ uri: string; diagnostics: [] }>(
      'textDocument/publishDiagnostics',
      (published) => published.uri === uri,
      seen,
    );
    expect(closed.diagnostics).toEqual([]);
  });

  it('lints again what a keystroke changes, and nothing moves out of place', async () => {
    const uri = await client.open('typing.conll', AMHARIC);
    await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 1);
    await client.change(uri, 2, { start: at(0, 0), end: at(0, 0) }, 'ልጅ O\n');
    const [moved] = await client.diagnostics(uri, ({ version }) => version === 2);
    expect(moved!.range.start).toEqual(at(6, 4));
    await client.change(uri, 3, { start: at(6, 4), end: at(6, 5) }, 'B');
    expect(await client.diagnostics(uri, ({ version }) => version === 3)).toEqual([]);
  });

  it('finds strings that are labelled differently, and repeats that were missed', async () => {
    const often = 'Lagos B-LOC\nis O\n\n'.repeat(8);
    const uri = await client.open('consistency.conll', `${often}Lagos B-ORG\n\nin O\nLagos O\n\nLagos _\n\n`);
    const found = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
    expect(found.map(({ code, range }) => [code, range.start.line])).toEqual([
      ['consistency.conflict', 24],
      ['consistency.missed-repeat', 27],
    ]);
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: lines(27, 27),
      context: { diagnostics: [] },
    });
    expect(actions.map(({ title }) => title)).toEqual(['Label as LOC']);
    expect(fixOf(actions[0]!)).toEqual([{ newText: 'B-LOC', range: { start: at(27, 6), end: at(27, 7) } }]);
  });

  it('repairs an illegal tag by a quick fix', async () => {
    const uri = await client.open('fix.conll', AMHARIC);
    await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 1);
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: at(5, 5), end: at(5, 5) },
      context: { diagnostics: [], only: ['quickfix'] },
    });
    expect(actions.map(({ title }) => title)).toEqual(['Change I-PER to B-PER']);
    expect(fixOf(actions[0]!)).toEqual([{ newText: 'B-PER', range: { start: at(5, 4), end: at(5, 9) } }]);
  });

  it('converts a file that mixes schemes', async () => {
    const bio = 'Ngozi B-PER\nOkonjo I-PER\nna O\n\n'.repeat(4);
    const bioes = 'Dar B-LOC\nes I-LOC\nSalaam E-LOC\nna O\n\nAkala S-PER\n\n'.repeat(2);
    const uri = await client.open('mixed.conll', `${bio}${bioes}`);
    const found = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
    const mixed = found.find(({ code }) => code === 'tags.mixed-schemes')!;
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: mixed.range,
      context: { diagnostics: [] },
    });
    const convert = actions.find(({ title }) => title.startsWith('Convert'))!;
    expect(fixOf(convert).length).toBeGreaterThan(1);
  });

  it('says where a label comes from', async () => {
    const uri = await client.open('hover.conll', AMHARIC);
    const answer = await client.request<Hover>('textDocument/hover', { textDocument: { uri }, position: at(1, 1) });
    expect(answer.range).toEqual({ start: at(1, 0), end: at(1, 3) });
    expect(answer.contents).toMatchObject({ kind: 'markdown', value: expect.stringContaining('`B-LOC` in the file') });
    expect(await client.request('textDocument/hover', { textDocument: { uri }, position: at(4, 0) })).toBeNull();
  });

  it('colours the words of spans, whole and by range', async () => {
    const uri = await client.open('tokens.conll', AMHARIC);
    const { data } = await client.request<SemanticTokens>('textDocument/semanticTokens/full', {
      textDocument: { uri },
    });
    // Line delta, column delta, length, type, modifiers.
    const words = Array.from({ length: data.length / 5 }, (_, i) => data.slice(i * 5, i * 5 + 5));
    expect(words.map(([line]) => line)).toEqual([0, 1, 1, 3, 3, 1, 1]);
    expect(words.map(([, , length]) => length)).toEqual([3, 3, 3, 3, 4, 5, 2]);
    const visible = await client.request<SemanticTokens>('textDocument/semanticTokens/range', {
      textDocument: { uri },
      range: { start: at(8, 0), end: at(9, 0) },
    });
    expect(visible.data.slice(0, 3)).toEqual([8, 0, 4]);
  });

  it('outlines documents, sentences and entities', async () => {
    const text = `-DOCSTART- O\n\n${AMHARIC}-DOCSTART- O\n\nKibera B-LOC\n\n`;
    const uri = await client.open('outline.conll', text);
    const documents = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri } });
    expect(documents.map(({ name }) => name)).toEqual(['Document 1', 'Document 2']);
    expect(documents[0]!.children![0]!.children!.map(({ name, detail }) => [name, detail])).toEqual([
      ['አበበ', 'PER'],
      ['አዲስ አበባ', 'LOC'],
    ]);
  });

  it('answers for a CoNLL-U file with one label a token', async () => {
    const row = (id: number, form: string, upos: string) => `${id}\t${form}\t_\t${upos}\t_\t_\t_\t_\t_\t_\n`;
    const text = `# sent_id = 1\n${row(1, 'Dafa', 'AUX')}${row(2, 'dem', 'VERB')}${row(3, '.', 'PUNC')}\n`;
    const uri = await client.open('pos.conllu', text, 'conllu');
    const [unknown] = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
    expect(unknown).toMatchObject({ code: 'tags.unknown-tag', range: { start: at(3, 6) } });
    const { labels } = await client.labels(uri, 0, 5);
    expect(labels.map(({ label }) => label)).toEqual(['AUX', 'VERB', 'PUNC']);
  });
});

describe('over the channel of Node', () => {
  it('answers as over stdio', async () => {
    const server = fork(bundle(), ['--node-ipc'], { execArgv: [] });
    const connection = createMessageConnection(new IPCMessageReader(server), new IPCMessageWriter(server));
    connection.listen();
    const params = { processId: process.pid, rootUri: null, capabilities: {} };
    const { serverInfo } = await connection.sendRequest<InitializeResult>('initialize', params);
    expect(serverInfo?.name).toBe('crosstag');
    const ended = new Promise((resolve) => server.once('exit', resolve));
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    expect(await ended).toBe(0);
  });
});

describe('relabelling', () => {
  const relabel = (uri: string, range: object, label: string | null) =>
    client.request<WorkspaceEdit>('crosstag/relabel', { uri, range, label });

  it('changes the cells of the tokens touched and repairs their neighbours', async () => {
    const uri = await client.open('relabel.conll', AMHARIC);
    const edit = await relabel(uri, { start: at(1, 1), end: at(1, 1) }, null);
    expect(edit.documentChanges).toEqual([
      {
        textDocument: { uri, version: 1 },
        edits: [
          { range: { start: at(1, 4), end: at(1, 9) }, newText: 'O' },
          { range: { start: at(2, 4), end: at(2, 9) }, newText: 'B-LOC' },
        ],
      },
    ]);
  });

  it('gives a selection over words one span, and `_` back', async () => {
    const uri = await client.open('span.conll', 'Dar _\nes _\nSalaam _\n\n');
    const edit = await relabel(uri, { start: at(0, 0), end: at(2, 6) }, 'LOC');
    const [change] = edit.documentChanges as TextDocumentEdit[];
    expect(change!.edits.map((one) => 'newText' in one && one.newText)).toEqual(['B-LOC', 'I-LOC', 'I-LOC']);
    const other = await client.open('span2.conll', 'Dar B-LOC\nes I-LOC\n\n');
    const back = await relabel(other, { start: at(0, 0), end: at(1, 2) }, '_');
    const [undecided] = back.documentChanges as TextDocumentEdit[];
    expect(undecided!.edits.map((one) => 'newText' in one && one.newText)).toEqual(['_', '_']);
  });

  it('offers the labels of the file', async () => {
    const uri = await client.open('choices.conll', AMHARIC);
    const range = { start: at(1, 0), end: at(2, 1) };
    const choices = await client.request<{ tokens: string; choices: { label: string | null; current: boolean }[] }>(
      'crosstag/labelChoices',
      { uri, range },
    );
    expect(choices.tokens).toBe('አዲስ አበባ');
    expect(choices.choices.filter(({ current }) => current).map(({ label }) => label)).toEqual(['LOC']);
    expect(choices.choices.map(({ label }) => label)).toEqual(expect.arrayContaining(['PER', 'LOC', null]));
  });

  it('refuses for a document that is not open', async () => {
    await expect(relabel(client.uri('nowhere.conll'), lines(0, 1), 'PER')).rejects.toThrow('not open');
  });
});
