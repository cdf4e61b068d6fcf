// Which model answers for which document, and knows what: with a process that says what it is asked.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { Corrections } from '../../server/corrections.ts';
import { PoolSentence } from '../../server/learning/pool.ts';
import { ModelService } from '../../server/model-service.ts';
import type { ModelStatus } from '../../server/protocol.ts';
import { disk } from '../../server/workspace/disk.ts';
import { Documents, OpenDocument } from '../../server/workspace/documents.ts';
import { systemClock } from '../../server/workspace/host.ts';
import { parseSettings } from '../../server/workspace/settings.ts';

const PROGRAM = fileURLToPath(new URL('answering-process.mjs', import.meta.url));

let folder: string;
let documents: Documents;
let models: ModelService;
let corrections: Corrections;
let taught: PoolSentence[];
/** What the process was asked. */
let asked: string[];
let statuses: ModelStatus[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-in-use-'));
  documents = new Documents();
  taught = [];
  asked = [];
  statuses = [];
  const write = (message: string) => {
    const [, said] = /^\w+ process: (.*)$/s.exec(message) ?? [];
    if (said !== undefined) asked.push(...said.split('\n'));
  };
  const log = { info: write, warn: write, error: write };
  models = new ModelService(true, {
    ...{ program: PROGRAM, documents, files: disk, clock: systemClock, log, folders: () => [folder] },
    ...{ changed() {}, report() {}, modelsChanged: () => corrections.learnAnew() },
    status: (status) => statuses.push(status),
  });
  corrections = new Corrections({
    ...{ clock: systemClock, log, models, taught: () => taught, documentOf: (uri) => documents.get(uri) },
    sentencesOf: (uri) => taught.filter((sentence) => sentence.uri === uri),
    ...{ isComplete: () => true, isWholeAsked: () => true, learnt() {} },
  });
});
afterEach(async () => {
  corrections.dispose();
  models.dispose();
  await rm(folder, { recursive: true });
});

async function writeModel(version: number): Promise<void> {
  const path = join(folder, '.crosstag', 'models', 'ner', `${version}`);
  await mkdir(path, { recursive: true });
  const created = new Date(2026, 0, version).toISOString();
  const model = { format: 'crosstag-tagger', task: 'ner', created, encoder: { languages: ['en', 'pt'] } };
  await writeFile(join(path, 'model.json'), JSON.stringify(model));
}

async function open(name: string, language: string, text = 'Ana B-PER\nveio O\n\n'): Promise<OpenDocument> {
  const item = { uri: pathToFileURL(join(folder, name)).href, languageId: 'conll', version: 1, text };
  const document = new OpenDocument(item, parseSettings({ language }));
  documents.add(document);
  await models.assign(document);
  return document;
}

/** Somebody has decided these labels of a file. */
function teach({ uri }: OpenDocument, words: string[], tags: string[]): void {
  const sentence = new PoolSentence(uri, words, tags, 0);
  sentence.human = true;
  taught.push(sentence);
  corrections.learn();
}

it('corrections are learnt in the language as which the model reads their file', async () => {
  await writeModel(1);
  teach(await open('a.conll', 'pt-BR'), ['Ana', 'veio'], ['B-PER', 'O']);
  teach(await open('b.conll', 'en'), ['Zoë', 'left'], ['B-PER', 'O']);
  await expect.poll(() => asked).toContain('adapt ner/1 pt,en');
});

it('where one model cannot learn the others do', async () => {
  await writeModel(1);
  const pos = await open('pos.conll', 'en', 'Ana PROPN\nveio VERB\n\n');
  const ner = await open('ner.conll', 'en');
  teach(pos, ['Ana', 'veio'], ['PROPN', 'VERB']);
  teach(ner, ['Ana', 'left'], ['B-PER', 'O']);
  await expect.poll(() => ner.suggestions?.model.adaptation).toBe(1);
  expect(asked).toContain('adapt -');
});

it('what a model has learnt is known to documents that it reads in another language later', async () => {
  await writeModel(1);
  const pt = await open('pt.conll', 'pt');
  teach(pt, ['Ana', 'veio'], ['B-PER', 'O']);
  await expect.poll(() => pt.suggestions?.model.adaptation).toBe(1);
  const en = await open('en.conll', 'en');
  expect(en.suggestions).not.toBe(pt.suggestions);
  expect(en.suggestions?.model.adaptation).toBe(1);
});

it('models that no document uses any more are let go, with what they had learnt', async () => {
  await writeModel(1);
  const document = await open('a.conll', 'pt');
  teach(document, ['Ana', 'veio'], ['B-PER', 'O']);
  await expect.poll(() => document.suggestions?.model.adaptation).toBe(1);
  await writeModel(2);
  await models.refresh();
  await expect.poll(() => document.suggestions?.model.adaptation).toBe(2);
  await rm(join(folder, '.crosstag', 'models', 'ner', '2'), { recursive: true });
  await models.refresh();
  await expect.poll(() => document.suggestions?.model.adaptation).toBe(3);
  const of = (version: number) => [`load ner/${version}`, `adapt ner/${version} pt`];
  expect(asked).toEqual([...of(1), ...of(2), ...of(1)]);
});

describe('a model that cannot be loaded', () => {
  it('is not what the status names, where another one answers', async () => {
    await writeModel(1);
    await writeModel(99);
    const document = await open('a.conll', 'pt');
    expect(document.suggestions?.model.name).toBe('ner/1');
    expect(asked).toEqual(['load ner/99', 'load ner/1']);
    const named = statuses.map(({ state, model }) => [state, model]);
    expect(named).toContainEqual(['loading', 'ner/99']);
    expect(named).not.toContainEqual(['ready', 'ner/99']);
    expect(statuses.at(-1)).toMatchObject({ state: 'ready', model: 'ner/1' });
    // Somebody chooses it all the same.
    const chosen = models.use(join(folder, '.crosstag', 'models', 'ner', '99'), parseSettings({ language: 'pt' }));
    await expect(chosen).rejects.toThrow('cannot be loaded');
    expect(statuses.at(-1)).toMatchObject({ state: 'ready', model: 'ner/1' });
  });

  it('leaves none where there is no other', async () => {
    await writeModel(99);
    await open('a.conll', 'pt');
    expect(statuses.at(-1)).toMatchObject({ state: 'none' });
    expect(statuses.at(-1)?.model).toBeUndefined();
  });
});

describe('retrainings of several folders', () => {
  const retrain = (workspace: string, token = new CancellationTokenSource().token, said: string[] = []) =>
    models.retrain(
      () => ({ workspace, open: [] }),
      parseSettings(undefined),
      (_, message) => said.push(message),
      token,
    );

  it('wait for each other', async () => {
    const done = await Promise.all(['a', 'b', 'c'].map((workspace) => retrain(workspace)));
    expect(done.map(({ reason }) => reason)).toEqual(['a', 'b', 'c']);
  });

  it('say that they wait, and can be cancelled while they do', async () => {
    const first = retrain('a');
    const source = new CancellationTokenSource();
    const said: string[] = [];
    const waiting = retrain('b', source.token, said).then(({ reason }) => reason, String);
    source.cancel();
    expect(await Promise.race([first.then(({ reason }) => reason), waiting])).toBe('Error: cancelled');
    expect(said).toEqual(['waiting, a tagger is being trained']);
    expect((await first).reason).toBe('a');
  });
});
