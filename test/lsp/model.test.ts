// The model in the server: suggestions, crashes, cancellation, training, trust. With a wide model that is really trained.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { CodeAction, Hover, Range, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { LabelsResult, TrainResult } from '../../server/protocol.ts';
import { loadTagger, trainTagger } from '../../server/tagger/index.ts';
import { parseDocument, type TextDocument } from '../../server/text/index.ts';
import { at, Client, lines } from './client.ts';
import { childrenOf } from './day/machine.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'samples', 'portuguese');
const TRAINING_SENTENCES = 800;

/** The words of some development sentences, a token a line, nothing decided. */
function undecided(document: TextDocument, first: number, end: number): string {
  const rows = document.sentences
    .slice(first, end)
    .map(({ tokens }) => tokens.map(({ form }) => `${form} _\n`).join(''));
  return rows.map((row) => `${row}\n`).join('');
}

let folder: string;
let model: string;
let dev: TextDocument;
let text: string;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-model-'));
  model = join(folder, '.crosstag', 'models', 'ner', '1');
  const source = await readFile(join(SAMPLES, 'train.iob2'), 'utf8');
  const { sentences } = parseDocument(source, { format: 'uner' });
  const train = sentences.slice(0, TRAINING_SENTENCES).map(({ tokens }) => ({
    words: tokens.map(({ form }) => form),
    tags: tokens.map(({ label }) => label),
  }));
  await trainTagger({ task: 'ner', train, parts: 'wide', out: model, threads: 1 });
  dev = parseDocument(await readFile(join(SAMPLES, 'dev.iob2'), 'utf8'), { format: 'uner' });
  text = undecided(dev, 0, 60);
  client = await Client.start({ folder, configuration: {} });
});

afterAll(async () => {
  await client?.stop();
  await rm(folder, { recursive: true, force: true });
});

const hasSuggestions = ({ labels }: LabelsResult) => labels.some(({ origin }) => origin === 'model');

describe('suggestions', () => {
  it('come from the newest model of the workspace, and are what the tagger says', async () => {
    const uri = await client.open('suggestions.conll', text);
    const { labels, version } = await client.labelsWhen(uri, 0, 400, hasSuggestions);
    expect(version).toBe(1);
    const tagger = await loadTagger(model, { engine: 'auto', threads: 1 });
    const words = parseDocument(text, { format: 'conll' }).sentences.map(({ tokens }) =>
      tokens.map(({ form }) => form),
    );
    const spans = (await tagger.tag(words, { marginals: true })).flatMap((sentence) => sentence.spans);
    await tagger.dispose();
    const shown = await client.labelsWhen(uri, 0, 10_000, (result) => result.labels.length === spans.length);
    expect(shown.labels.map(({ label }) => label)).toEqual(spans.map(({ label }) => label));
    for (const [i, { probability, origin }] of shown.labels.entries()) {
      expect(origin).toBe('model');
      expect(probability).toBeCloseTo(spans[i]!.score, 4);
    }
    expect(labels.length).toBeGreaterThan(0);
  });

  it('survive edits elsewhere, and vanish with their sentence until the model has seen the new one', async () => {
    const uri = await client.open('edits.conll', text);
    const before = await client.labelsWhen(uri, 0, 400, hasSuggestions);
    await client.change(uri, 2, { start: at(0, 0), end: at(0, 0) }, 'Uma _\nfrase _\nnova _\n\n');
    const after = await client.labels(uri, 0, 404);
    expect(after.version).toBe(2);
    const moved = before.labels.map(({ range, probability }) => [
      probability,
      range.start.line + 4,
      range.end.line + 4,
    ]);
    const now = after.labels.map(({ range, probability }) => [probability, range.start.line, range.end.line]);
    expect(now).toEqual(expect.arrayContaining(moved));
  });

  it('are not shown over what is decided, where hovering tells of the difference', async () => {
    const uri = await client.open('decided.conll', text);
    const { labels } = await client.labelsWhen(uri, 0, 400, hasSuggestions);
    const { range } = labels[0]!;
    const line = text.split('\n')[range.start.line]!;
    const cell = { start: at(range.start.line, line.length - 1), end: at(range.start.line, line.length) };
    await client.change(uri, 2, cell, 'O');
    const after = await client.labels(uri, 0, 400);
    expect(after.labels.filter((label) => label.range.start.line === range.start.line)).toEqual([]);
    const hover = await client.request<Hover>('textDocument/hover', { textDocument: { uri }, position: range.start });
    expect(hover.contents).toMatchObject({ value: expect.stringMatching(/`O` in the file; model ner\/1 says `B-/) });
    expect(hover.contents).toMatchObject({ value: expect.stringContaining('| tag | probability |') });
  });

  it('are accepted one by one or by the sentence, as one edit', async () => {
    const uri = await client.open('accept.conll', text);
    const { labels } = await client.labelsWhen(uri, 0, 10_000, hasSuggestions);
    const { range, label } = labels[0]!;
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: range.start, end: range.start },
      context: { diagnostics: [] },
    });
    const accept = actions.find(({ title }) => title.startsWith(`Accept suggestion ${label} (`))!;
    const [change] = accept.edit!.documentChanges as TextDocumentEdit[];
    expect(change!.edits[0]).toMatchObject({ newText: `B-${label}` });
    const all = await client.request<WorkspaceEdit>('crosstag/accept', {
      uri,
      range: lines(0, 10_000),
      what: 'sentence',
      minimumProbability: 0,
    });
    const [everything] = all.documentChanges as TextDocumentEdit[];
    expect(everything!.edits.length).toBeGreaterThanOrEqual(labels.length);
    const none = await client.request<WorkspaceEdit>('crosstag/accept', {
      uri,
      range: lines(0, 10_000),
      what: 'sentence',
      minimumProbability: 1.1,
    });
    expect(none.documentChanges).toEqual([]);
  });

  it('below the least probability are not shown, and nothing acts on them but what asks for its own', async () => {
    const open = await client.open('least.conll', text);
    // Tags all sentences.
    const count = (from: Client, uri: string) =>
      from.request<{ files: { suggestions: number }[] }>('crosstag/countSuggestions', {
        uri,
        scope: 'file',
        minimumProbability: 0,
      });
    await count(client, open);
    const { labels } = await client.labels(open, 0, 10_000);
    const isAlone = ({ range }: { range: { start: { line: number } } }) =>
      text.split('\n')[range.start.line - 1] !== '' && range.start.line > 0;
    const hidden = labels.filter(isAlone).toSorted((a, b) => a.probability! - b.probability!)[0]!;
    const least = hidden.probability! + 1e-6;
    const other = await Client.start({ folder, configuration: { suggestions: { minimumProbability: least } } });
    try {
      const uri = await other.open('least.conll', text);
      const { files } = await count(other, uri);
      expect(files[0]!.suggestions).toBe(labels.length);
      const { labels: shown } = await other.labels(uri, 0, 10_000);
      const expected = labels.filter(({ probability }) => probability! >= least);
      expect(shown.map(({ range }) => range)).toEqual(expected.map(({ range }) => range));
      const range = { start: hidden.range.start, end: hidden.range.start };
      const actions = await other.request<CodeAction[]>('textDocument/codeAction', {
        ...{ textDocument: { uri }, range, context: { diagnostics: [] } },
      });
      expect(actions.filter(({ title }) => title.startsWith('Accept suggestion'))).toEqual([]);
      for (const [method, params] of [
        ['accept', { what: 'touched', minimumProbability: 0 }],
        ['reject', {}],
      ] as const) {
        const edit = await other.request<WorkspaceEdit>(`crosstag/${method}`, { uri, range, ...params });
        expect(edit.documentChanges).toEqual([]);
      }
      const resized = await other.request('crosstag/resize', { uri, range, end: 'end', by: 1 });
      expect(resized).toHaveProperty('refused', expect.stringContaining('no entity at the cursor'));
      const going = { uri, position: range.start, direction: 1, here: true };
      const { start } = await other.request<Range>('crosstag/openSentence', going);
      expect(start).not.toEqual(hidden.range.start);
    } finally {
      await other.stop();
    }
  });

  it('are asked for in vain where they are off, which is said', async () => {
    const other = await Client.start({ folder, configuration: { suggestions: { enabled: false } } });
    try {
      const uri = await other.open('off.conll', text);
      const params = { uri, scope: 'file', minimumProbability: 0 };
      await expect(other.request('crosstag/countSuggestions', params)).rejects.toThrow('suggestions are off');
    } finally {
      await other.stop();
    }
  });

  it('are counted before their sentences are marked as reviewed', async () => {
    const uri = await client.open('count.conll', text);
    const params = { uri, scope: 'file', minimumProbability: 0 };
    const { files } = await client.request<{ files: { suggestions: number }[] }>('crosstag/countSuggestions', params);
    const count = (ranges: Range[]) => client.request<object>('crosstag/reviewCount', { uri, ranges });
    const { suggestions } = files[0]!;
    expect(await count([lines(0, 10_000)])).toEqual({ sentences: 60, suggestions });
    const { labels } = await client.labels(uri, 0, 10_000);
    const [first] = text.split('\n\n', 1);
    const end = first!.split('\n').length;
    const ofFirst = labels.filter(({ range }) => range.start.line < end).length;
    // A sentence that two cursors are in is one.
    expect(await count([lines(0, 0), lines(1, 1)])).toEqual({ sentences: 1, suggestions: ofFirst });
  });

  it('give the probabilities of the labels to choose from', async () => {
    const uri = await client.open('choices.conll', text);
    const { labels } = await client.labelsWhen(uri, 0, 400, hasSuggestions);
    const { choices: all } = await client.request<{ choices: { label: string | null; probability: number }[] }>(
      'crosstag/labelChoices',
      { uri, range: { start: labels[0]!.range.start, end: labels[0]!.range.start } },
    );
    // Behind them come labels that the model does not know.
    const choices = all.filter(({ probability }) => probability !== undefined);
    expect(all.slice(0, choices.length)).toEqual(choices);
    expect(choices.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 3);
    const sorted = choices.map(({ probability }) => probability).toSorted((a, b) => b - a);
    expect(choices.map(({ probability }) => probability)).toEqual(sorted);
  });
});

describe('the model process', () => {
  it.skipIf(process.platform !== 'linux')('is started again when it was killed, and says so once', async () => {
    const uri = await client.open('crash.conll', text);
    await client.labelsWhen(uri, 0, 400, hasSuggestions);
    const [pid] = await childrenOf(client.server.pid!);
    const from = client.notified.length;
    process.kill(pid!, 'SIGKILL');
    const { message } = await client.notification<{ message: string }>('window/showMessage', undefined, from);
    expect(message).toMatch(/tagging process died \(SIGKILL, perhaps for lack of memory\)/);
    const fresh = await client.open('after-crash.conll', undecided(dev, 100, 160));
    await client.labelsWhen(fresh, 0, 400, hasSuggestions);
    const [next] = await childrenOf(client.server.pid!);
    expect(next).not.toBe(pid);
    expect(client.notified.slice(from).filter(({ method }) => method === 'window/showMessage')).toHaveLength(1);
  });

  it('trains a model, which is used from then on', async () => {
    const from = client.notified.length;
    const result = await client.request<TrainResult>('crosstag/train', {
      train: [join(SAMPLES, 'dev.iob2')],
      parts: 'wide',
      workDoneToken: 'training',
    });
    expect(result.model).toBe(join(folder, '.crosstag', 'models', 'ner', '2'));
    expect(result.dev).toBeGreaterThan(10);
    const progress = client.notified.slice(from).filter(({ method }) => method === '$/progress');
    expect(progress.at(0)).toMatchObject({ params: { token: 'training', value: { kind: 'begin' } } });
    expect(progress.at(-1)).toMatchObject({ params: { token: 'training', value: { kind: 'end' } } });
    const uri = await client.open('trained.conll', text);
    await client.labelsWhen(uri, 0, 400, hasSuggestions);
    const { labels } = await client.labels(uri, 0, 400);
    const hover = await client.request<Hover>('textDocument/hover', {
      textDocument: { uri },
      position: labels[0]!.range.start,
    });
    expect(hover.contents).toMatchObject({ value: expect.stringContaining('model ner/2') });
    const status = await client.request<{ model: string }>('crosstag/useModel', { folder: model });
    expect(status.model).toBe('ner/1');
  });

  it('stops training when it is cancelled, and leaves no model', async () => {
    const from = client.notified.length;
    const source = new CancellationTokenSource();
    const params = { train: [join(SAMPLES, 'train.iob2')], parts: 'wide', workDoneToken: 'cancelled' };
    const training = client.connection.sendRequest('crosstag/train', params, source.token);
    const isMine = ({ token }: { token: string }) => token === 'cancelled';
    await client.notification('$/progress', isMine, from);
    const again = client.request('crosstag/train', { train: [join(SAMPLES, 'dev.iob2')], parts: 'wide' });
    await expect(again).rejects.toThrow('already');
    source.cancel();
    await expect(training).rejects.toThrow();
    await expect(readFile(join(folder, '.crosstag', 'models', 'ner', '3', 'model.json'))).rejects.toThrow('ENOENT');
  });

  it('says what is wrong with a file that it cannot train on', async () => {
    const training = client.request('crosstag/train', { train: [join(folder, 'nowhere.conll')], parts: 'wide' });
    await expect(training).rejects.toThrow(/nowhere\.conll: no such file or folder; check the path$/);
    const used = client.request('crosstag/useModel', { folder: join(folder, 'nowhere') });
    await expect(used).rejects.toThrow('there is no model');
  });
});

describe('an untrusted workspace', () => {
  it('is viewed and linted without a model, until it is trusted', async () => {
    const careful = await Client.start({ folder, configuration: {}, trusted: false });
    try {
      const uri = await careful.open('untrusted.conll', `${text}Rio B-LOC\nnada I-PER\n\n`);
      const found = await careful.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
      expect(found.map(({ code }) => code)).toEqual(['tags.illegal-transition']);
      expect((await careful.labels(uri, 0, 10_000)).labels.map(({ origin }) => origin)).toEqual(['file', 'file']);
      const training = careful.request('crosstag/train', { train: [join(SAMPLES, 'dev.iob2')], parts: 'wide' });
      await expect(training).rejects.toThrow('trusted');
      await careful.connection.sendNotification('crosstag/trusted');
      await careful.labelsWhen(uri, 0, 400, hasSuggestions);
    } finally {
      await careful.stop();
    }
  });
});

describe('files to train on', () => {
  it('are read in the format that the settings say', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'crosstag-format-'));
    // Universal NER under the name of CoNLL-U, with a column less.
    const row = (id: number, form: string, tag: string) => `${id}\t${form}\t${tag}\t-\t-\n`;
    const sentence = `${row(1, 'አበበ', 'B-PER')}${row(2, 'አዲስ', 'B-LOC')}${row(3, 'አበባ', 'I-LOC')}${row(4, 'ኖረ', 'O')}\n`;
    await writeFile(join(workspace, 'names.conllu'), sentence.repeat(8));
    const other = await Client.start({ folder: workspace, configuration: { format: 'uner' } });
    try {
      const files = [join(workspace, 'names.conllu')];
      const result = await other.request<TrainResult>('crosstag/train', { train: files, dev: files[0], parts: 'wide' });
      expect(result.dev).toBe(100);
    } finally {
      await other.stop();
      await rm(workspace, { recursive: true });
    }
  });
});

describe('a folder of a model', () => {
  it('is read anew where another one lies in it', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'crosstag-again-'));
    const out = join(workspace, '.crosstag', 'models', 'ner', '1');
    const train = (label: string) => {
      const tags = ['O', `B-${label}`, 'O'];
      const sentences = ['አበበ', 'ከበደ', 'አስቴር'].map((name) => ({ words: ['ትናንት', name, 'ሄደ'], tags }));
      return trainTagger({ task: 'ner', train: sentences, parts: 'wide', out, threads: 1 });
    };
    await train('PER');
    const other = await Client.start({ folder: workspace, configuration: {} });
    try {
      const shows = (wanted: string) => (shown: LabelsResult) => shown.labels.some(({ label }) => label === wanted);
      const uri = await other.open('one.conll', 'ትናንት _\nከበደ _\nሄደ _\n\n');
      await other.labelsWhen(uri, 0, 10, shows('PER'));
      await rm(out, { recursive: true });
      await train('LOC');
      const changes = [{ uri: other.uri('.crosstag/models/ner/1/model.json'), type: 2 }];
      await other.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
      await expect.poll(async () => shows('LOC')(await other.labels(uri, 0, 10)), { timeout: 10_000 }).toBe(true);
    } finally {
      await other.stop();
      await rm(workspace, { recursive: true });
    }
  });
});

describe('a damaged model', () => {
  it('is left out in favour of the next newest', async () => {
    const broken = join(folder, '.crosstag', 'models', 'ner', '9');
    await mkdir(broken);
    const description = (await readFile(join(model, 'model.json'), 'utf8')).replace(
      /"created": "\d+/,
      '"created": "2999',
    );
    await copyFile(join(model, 'weights.safetensors'), join(broken, 'weights.safetensors'));
    await writeFile(join(broken, 'model.json'), description.replace(/"sha256": "./, '"sha256": "x'));
    const other = await Client.start({ folder, configuration: {} });
    try {
      const uri = await other.open('damaged.conll', text);
      await other.labelsWhen(uri, 0, 400, hasSuggestions);
      const warnings = other.notified.filter(({ method }) => method === 'window/logMessage');
      expect(JSON.stringify(warnings)).toContain('model ner/9 is left out');
    } finally {
      await other.stop();
      await rm(broken, { recursive: true });
    }
  });
});
