// Retraining in the server: asked for, cancelled, waiting, by schedule; versions, and going back to one.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { LearningStatus, ModelVersion, RetrainResult } from '../../server/protocol.ts';
import { parseDocument, type TextDocument } from '../../server/text/index.ts';
import { Client, lines } from './client.ts';
import { Editor } from './editor.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'samples', 'portuguese');

let folder: string;
let client: Client;
let sample: TextDocument;

/** Two columns of some sentences of the sample; from `decided` on nobody has decided. */
function columns(first: number, end: number, decided = end): string {
  const rows = sample.sentences
    .slice(first, end)
    .map(({ tokens }, i) =>
      tokens.map(({ form, label }) => `${form}\t${first + i < decided ? label : '_'}\n`).join(''),
    );
  return rows.map((row) => `${row}\n`).join('');
}

const project = (learning: object) => ({
  task: 'ner',
  languages: [
    { language: 'pt', train: ['train.conll'] },
    { language: 'gl', documents: ['textos'] },
  ],
  learning,
});

const write = (name: string, text: string) => writeFile(join(folder, name), text);
/** The numbers of the models that there are. */
async function versions(): Promise<string[]> {
  const names = await readdir(join(folder, '.crosstag', 'models', 'ner')).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-learning-'));
  await mkdir(join(folder, 'textos'));
  sample = parseDocument(await readFile(join(SAMPLES, 'train.iob2'), 'utf8'), { format: 'uner' });
  await write('train.conll', columns(0, 300));
  await write('textos/um.conll', columns(300, 500, 400));
  client = await Client.start({ folder, configuration: { threads: 1 } });
});

afterAll(async () => {
  await client?.stop();
  await rm(folder, { recursive: true, force: true });
});

const retrain = (workDoneToken: string, token = new CancellationTokenSource().token) =>
  client.connection.sendRequest<RetrainResult>('crosstag/retrain', { folder, workDoneToken }, token);

interface Progress {
  readonly token: string;
  readonly value: { readonly kind: string; readonly message?: string };
}

/** Waits until the run under this token has learnt something. */
function step(token: string, from: number): Promise<Progress> {
  const isStep = (progress: Progress) => progress.token === token && /wide part/.test(progress.value.message ?? '');
  return client.notification<Progress>('$/progress', isStep, from);
}

const learning = (accept: (status: LearningStatus) => boolean, from: number) =>
  client.notification<LearningStatus>('crosstag/learningChanged', accept, from);

describe('retraining', () => {
  it('asks for a project first', async () => {
    await expect(retrain('none')).rejects.toThrow(
      `${join(folder, 'crosstag.json')}: there is no project; write one (docs/project.md), or run`,
    );
    await write('crosstag.json', JSON.stringify(project({ corrections: 1000 })));
  });

  it('is cancelled, and leaves no model and nothing that runs', async () => {
    const from = client.notified.length;
    const source = new CancellationTokenSource();
    const running = retrain('cancelled', source.token);
    await step('cancelled', from);
    source.cancel();
    await expect(running).rejects.toThrow();
    await learning(({ state }) => state === 'idle', from);
    expect(await versions()).toEqual([]);
  });

  it('tells how far it is, uses the new model, and says what came of it', async () => {
    const from = client.notified.length;
    const running = retrain('first');
    await step('first', from);
    await learning(({ state }) => state === 'training', from);
    const result = await running;
    expect(result).toMatchObject({ new: 'ner/1', accepted: true, reason: 'it is the first model' });
    expect(result.holdout.sentences).toBeGreaterThan(3);
    const said = await learning(({ state }) => state === 'idle', from);
    expect(said).toMatchObject({ folder, corrections: 0, after: 1000, queued: false, last: { new: 'ner/1' } });
    // However short a phase is, it is told.
    const told = client.notified.slice(from).flatMap(({ method, params }) => {
      const { token, value } = params as Progress;
      return method === '$/progress' && token === 'first' ? (value.message?.split(',')[0] ?? []) : [];
    });
    expect([...new Set(told)]).toEqual([
      'reading the labels',
      'wide part',
      'mixing the parts',
      'saving',
      'comparing it with the model in use',
    ]);
    const uri = await client.open('textos/outro.conll', columns(500, 520, 0));
    const labels = await client.labelsWhen(uri, 0, 10_000, (shown) =>
      shown.labels.some(({ origin }) => origin === 'model'),
    );
    expect(labels.labels.length).toBeGreaterThan(0);
  });

  it('lets one run wait, which all that ask meanwhile share, and reads what is not saved yet', async () => {
    const uri = await client.open('textos/um.conll', columns(300, 500, 400));
    await client.change(uri, 2, lines(0, 100_000), columns(300, 500, 450));
    const from = client.notified.length;
    const first = retrain('second');
    // What it learns from has been read by then.
    await step('second', from);
    await client.change(uri, 3, lines(0, 100_000), columns(300, 500, 500));
    const [waiting, shared] = [retrain('third'), retrain('fourth')];
    expect(await first).toMatchObject({ old: 'ner/1', new: 'ner/2' });
    const result = await waiting;
    expect(result).toMatchObject({ new: 'ner/3' });
    expect(result.holdout.sentences).toBeGreaterThan(10);
    expect(await shared).toEqual(result);
    expect(await versions()).toEqual(['1', '2', '3']);
  });

  it('lists the versions with scores on the same hold-out, and goes back to one', async () => {
    const ask = async (score: boolean) =>
      (await client.request<{ versions: ModelVersion[] }>('crosstag/versions', { folder, score })).versions;
    const listed = await ask(false);
    expect(listed.map(({ name }) => name).sort()).toEqual(['ner/1', 'ner/2', 'ner/3']);
    expect(listed.map(({ active }) => active)).toEqual([true, false, false]);
    for (const { holdout } of await ask(true)) expect(holdout).toBeGreaterThan(5);
    const old = listed.find(({ active }) => !active)!;
    await client.request('crosstag/restoreVersion', { folder: old.folder });
    expect((await ask(false))[0]).toMatchObject({ name: old.name, active: true });
    await expect(client.request('crosstag/restoreVersion', { folder })).rejects.toThrow('this is no model of the');
    // Another server sees it, too.
    const other = await Client.start({ folder, configuration: {} });
    const again = await other.request<{ versions: ModelVersion[] }>('crosstag/versions', { folder, score: false });
    expect(again.versions[0]).toMatchObject({ name: old.name, active: true });
    await other.stop();
  });

  it('is paused and resumed', async () => {
    const pause = (paused: boolean) => client.request<LearningStatus>('crosstag/pauseTraining', { folder, paused });
    expect(await pause(true)).toMatchObject({ state: 'paused' });
    // It holds when the server starts again.
    const other = await Client.start({ folder, configuration: {} });
    await other.open('textos/um.conll', columns(300, 500, 400));
    await other.notification<LearningStatus>('crosstag/learningChanged', ({ state }) => state === 'paused');
    await other.stop();
    expect(await pause(false)).toMatchObject({ state: 'idle' });
  });

  it('comes by itself after so many corrections and a pause, and is shown as such', async () => {
    await write('crosstag.json', JSON.stringify(project({ corrections: 2 })));
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: client.uri('crosstag.json'), type: 2 }],
    });
    await write('textos/dois.conll', columns(600, 660, 0));
    const uri = await client.open('textos/dois.conll', columns(600, 660, 0));
    const from = client.notified.length;
    // Names of the first sentences that are not held out are labelled one by one.
    let version = 1;
    for (const line of [0, 1, 2]) {
      const range = lines(line, line);
      const edit = await client.request<WorkspaceEdit>('crosstag/relabel', { uri, range, label: 'LOC' });
      const [change] = edit.documentChanges as TextDocumentEdit[];
      for (const { range: at, newText } of change!.edits as TextEdit[])
        await client.change(uri, ++version, at, newText);
    }
    // The corrections of the tests before may train once more, which finds nothing new.
    const isDone = ({ last }: LearningStatus) =>
      last !== undefined && !('failed' in last) && last.byItself === true && last.new !== undefined;
    const { last, corrections } = await learning(isDone, from);
    expect(last).toMatchObject({ new: expect.stringMatching(/^ner\//) });
    expect(corrections).toBe(0);
  });
});

it('a run that waits for another folder reads its labels in time, and says when', async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'crosstag-waiting-'));
  await writeFile(join(workspace, 'um.conll'), columns(300, 340));
  const languages = [{ language: 'gl', documents: ['um.conll'] }];
  await writeFile(join(workspace, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
  try {
    const from = client.notified.length;
    const source = new CancellationTokenSource();
    await write('textos/tres.conll', columns(700, 720));
    const first = retrain('in front', source.token).catch(() => 'cancelled');
    await step('in front', from);
    const waiting = client.request<RetrainResult>('crosstag/retrain', { folder: workspace, workDoneToken: 'behind' });
    await learning((status) => status.folder === workspace && status.state === 'training', from);
    // Its project is read by the time that this is answered.
    await client.request('crosstag/versions', { folder: workspace, score: false });
    source.cancel();
    expect(await first).toBe('cancelled');
    const begins = new Date().toISOString();
    expect(await waiting).toMatchObject({ new: 'ner/1' });
    const verdict = await readFile(join(workspace, '.crosstag', 'models', 'ner', '1', 'verdict.json'), 'utf8');
    expect(JSON.parse(verdict).labelsRead < begins).toBe(true);
  } finally {
    await rm(workspace, { recursive: true });
  }
}, 20_000);

it('corrections that were made before there was a project count', async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'crosstag-before-'));
  await writeFile(join(workspace, 'a.conll'), 'ሐና _\nመጣች _\n\nउमा _\nआई _\n\n');
  const editor = await Editor.start({ folder: workspace });
  try {
    const uri = await editor.open('a.conll');
    for (const line of [0, 3]) await editor.label('relabel', { uri, range: lines(line, line), label: 'PER' });
    const description = { task: 'ner', languages: [{ language: 'und', documents: ['.'] }] };
    await writeFile(join(workspace, 'crosstag.json'), JSON.stringify(description));
    const from = editor.client.notified.length;
    const changes = [{ uri: editor.client.uri('crosstag.json'), type: 1 }];
    await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    const counts = ({ corrections }: LearningStatus) => corrections === 2;
    await editor.client.notification<LearningStatus>('crosstag/learningChanged', counts, from);
  } finally {
    await editor.client.stop();
    await rm(workspace, { recursive: true });
  }
}, 20_000);
