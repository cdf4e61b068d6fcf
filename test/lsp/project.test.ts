// A project in the server: set up, pre-trained, cancelled, killed, resumed, and a tagger for the language without labels.
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { Hover } from 'vscode-languageserver-protocol';
import { AS_TYPED } from '../../server/encoder/allocator.ts';
import type {
  EncoderReport,
  EncoderState,
  ModelStatus,
  PretrainResult,
  ProjectDraft,
  TrainResult,
} from '../../server/protocol.ts';
import { trainTagger } from '../../server/tagger/index.ts';
import { parseDocument } from '../../server/text/index.ts';
import { RUN } from '../../server/workspace/journal/run.ts';
import { writeCorpora } from '../unit/encoder/small-pretrainings.ts';
import { at, Client } from './client.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'samples');

let folder: string;
let client: Client;

/** The first sentences of a labelled file. */
async function head(from: string, to: string, sentences: number): Promise<string> {
  const text = await readFile(join(SAMPLES, from), 'utf8');
  const path = join(folder, to);
  await writeFile(path, `${text.split('\n\n').slice(0, sentences).join('\n\n')}\n\n`);
  return path;
}

let draft: ProjectDraft;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-project-'));
  const [pt, wo] = writeCorpora(folder);
  const train = [await head('portuguese/train.iob2', 'train.iob2', 60)];
  const dev = await head('portuguese/dev.iob2', 'dev.iob2', 20);
  draft = {
    task: 'ner',
    languages: [
      { language: 'pt', text: pt!.path, train, dev },
      { language: 'wo', text: wo!.path, documents: [join(folder, 'xët.conll')] },
    ],
    encoder: { size: 'tiny' },
  };
  const { sentences } = parseDocument(await readFile(train[0]!, 'utf8'), { format: 'uner' });
  const labelled = sentences.map(({ tokens }) => ({
    words: tokens.map(({ form }) => form),
    tags: tokens.map(({ label }) => label),
  }));
  const model = join(folder, '.crosstag', 'models', 'ner', '1');
  await trainTagger({ task: 'ner', train: labelled, parts: 'wide', out: model, threads: 1 });
  client = await Client.start({ folder, configuration: { threads: 1, language: 'am' } });
});

afterAll(async () => {
  await client?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Portuguese or Wolof text without labels, a word a line. */
async function undecided(language: 'pt' | 'wo'): Promise<string> {
  const sentences = (await readFile(join(folder, `${language}.txt`), 'utf8')).split('\n').slice(0, 30);
  return sentences.map((sentence) => `${sentence.split(' ').join(' _\n')} _\n\n`).join('');
}

/** What hovering over the first word says, once the model has answered. */
async function hovered(name: string, text: string): Promise<string> {
  const uri = await client.open(name, text);
  await client.labelsWhen(uri, 0, 1000, ({ labels }) => labels.some(({ origin }) => origin === 'model'));
  const hover = await client.request<Hover>('textDocument/hover', { textDocument: { uri }, position: at(0, 1) });
  return JSON.stringify(hover.contents);
}

const file = () => join(folder, 'crosstag.json');
const encoders = () => readdirSync(join(folder, '.crosstag', 'encoders', 'pt-wo'));

/** Changes what crosstag.json says of the encoder. */
async function limit(encoder: object): Promise<void> {
  const project = JSON.parse(await readFile(file(), 'utf8'));
  await writeFile(file(), JSON.stringify({ ...project, encoder }));
}

interface Progress {
  readonly token: string;
  readonly value: { readonly kind: string; readonly message?: string };
}

/** Waits until a request under this token has done a step. */
async function step(token: string, from: number, on = client): Promise<string> {
  const isStep = (progress: Progress) => progress.token === token && /^step \d/.test(progress.value.message ?? '');
  return (await on.notification<Progress>('$/progress', isStep, from)).value.message!;
}

function pretrain(
  workDoneToken: string,
  source = new CancellationTokenSource(),
  from?: string,
  unfinished?: 'finish' | 'discard',
): Promise<PretrainResult> {
  return client.connection.sendRequest(
    'crosstag/pretrain',
    { folder, ...(from && { from }), ...(unfinished && { unfinished }), workDoneToken },
    source.token,
  );
}

const state = () => client.request<EncoderState>('crosstag/encoderState', { folder });

describe('a project', () => {
  it('is asked for before anything is trained', async () => {
    await expect(client.request('crosstag/pretrain', { folder })).rejects.toThrow(
      `${file()}: there is no project; run “Crosstag: Set Up Project” to write it`,
    );
  });

  it('is written with relative paths, and replaced only on request', async () => {
    const set = (replace: boolean, project = draft) =>
      client.request('crosstag/setUpProject', { folder, project, replace });
    expect(await set(false)).toEqual({ path: file() });
    const written = await readFile(file(), 'utf8');
    expect(JSON.parse(written)).toEqual({
      task: 'ner',
      languages: [
        { language: 'pt', text: 'pt.txt', train: ['train.iob2'], dev: 'dev.iob2' },
        { language: 'wo', text: 'wo.txt', documents: ['xët.conll'] },
      ],
      encoder: { size: 'tiny' },
    });
    await expect(set(false)).rejects.toThrow('there is a project already');
    await expect(set(true, { ...draft, languages: [] })).rejects.toThrow('"languages" is empty');
    expect(await readFile(file(), 'utf8')).toBe(written);
    expect(await set(true)).toEqual({ path: file() });
  });

  it('says what is wrong with it, and where', async () => {
    await writeFile(file(), '{\n  "task": "names"\n}');
    await expect(client.request('crosstag/pretrain', { folder })).rejects.toThrow(
      `${file()}:2:11: "task" cannot be "names"; write one of ner, pos`,
    );
    const missing = {
      ...draft,
      languages: [{ ...draft.languages[0]!, text: join(folder, 'ጽሑፍ.txt') }, draft.languages[1]],
    };
    await client.request('crosstag/setUpProject', { folder, project: missing, replace: true });
    await expect(client.request('crosstag/pretrain', { folder })).rejects.toThrow('6:15: there is no file ጽሑፍ.txt; ');
    const { text: _, ...alone } = draft.languages[0]!;
    const without = { task: draft.task, languages: [alone] };
    await client.request('crosstag/setUpProject', { folder, project: without, replace: true });
    await expect(client.request('crosstag/trainProject', { folder })).rejects.toThrow(
      'there is no encoder; run “Crosstag: Retrain Now”, which needs none; or give two languages their "text"',
    );
    await client.request('crosstag/setUpProject', { folder, project: draft, replace: true });
    await expect(client.request('crosstag/trainProject', { folder })).rejects.toThrow(
      'there is no encoder pt-wo; run “Crosstag: Pre-train Encoder” first',
    );
  });
});

describe('pre-training', () => {
  it('warns of a text of which few lines can be learnt', async () => {
    const written = await readFile(file(), 'utf8');
    const text = await readFile(join(folder, 'wo.txt'), 'utf8');
    const paragraphs = text.replaceAll('\n', ' ').match(/(\S+ ){200}/g)!;
    await writeFile(join(folder, 'paragraphs.txt'), `${paragraphs.join('\n')}\n${text.slice(0, 2000)}`);
    const { languages, ...project } = JSON.parse(written);
    const few = languages.map((entry: object, i: number) => (i === 1 ? { ...entry, text: 'paragraphs.txt' } : entry));
    const encoder = { name: 'few', size: 'tiny', steps: 1 };
    await writeFile(file(), JSON.stringify({ ...project, languages: few, encoder }));
    const from = client.notified.length;
    await pretrain('few');
    await writeFile(file(), written);
    const messages = client.notified.slice(from).filter(({ method }) => method === 'window/showMessage');
    expect(JSON.stringify(messages)).toMatch(/paragraphs\.txt: only \d+ of the \d+ lines of the corpus of wo/);
  }, 120_000);

  it('tells how far it is, is cancelled, and leaves what it has learnt', async () => {
    const from = client.notified.length;
    const source = new CancellationTokenSource();
    const running = pretrain('cancelled', source);
    expect(await step('cancelled', from)).toMatch(/^step \d+, [\d,]+ words\/s, .*left$/);
    const status = await client.status('pretraining', from);
    expect(status.message).toContain('Pre-training an encoder');
    await expect(pretrain('second')).rejects.toThrow('an encoder is being pre-trained already');
    // The present model goes on tagging meanwhile.
    expect(await hovered('meanwhile.conll', await undecided('pt'))).toContain('*ner/1*');
    source.cancel();
    await expect(running).rejects.toThrow();
    expect(encoders()).toEqual(['1.training']);
    const after = client.notified.length;
    expect(
      (await client.request<ModelStatus>('crosstag/trainProject', { folder }).catch((error) => error)).message,
    ).toContain('there is no encoder pt-wo');
    expect(client.notified.slice(after).filter(({ method }) => method === 'crosstag/modelStatus')).toEqual([]);
  });

  it('says where what it had learnt could not be saved when it was cancelled', async () => {
    const written = await readFile(file(), 'utf8');
    const { encoder, ...project } = JSON.parse(written);
    await writeFile(file(), JSON.stringify({ ...project, encoder: { ...encoder, name: 'lost' } }));
    try {
      const from = client.notified.length;
      const source = new CancellationTokenSource();
      const running = pretrain('lost', source);
      await step('lost', from);
      const place = join(folder, '.crosstag', 'encoders', 'lost');
      await rm(place, { recursive: true, force: true });
      await writeFile(place, 'in its way');
      source.cancel();
      await expect(running).rejects.toThrow(/lost/);
      await rm(place);
    } finally {
      await writeFile(file(), written);
    }
  });

  it.skipIf(process.platform !== 'linux')('goes on after its process was killed, which is said once', async () => {
    const source = new CancellationTokenSource();
    const from = client.notified.length;
    const running = pretrain('killed', source);
    await step('killed', from);
    const children = await readFile(`/proc/${client.server.pid}/task/${client.server.pid}/children`, 'utf8');
    const pids = children.trim().split(' ').map(Number);
    // The one that tags has another priority.
    const [pid, ...others] = pids.filter((child) => getPriority(child) === constants.priority.PRIORITY_LOW);
    expect(others).toEqual([]);
    // It gives back the memory that it has freed
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).toContain(AS_TYPED);
    const before = client.notified.length;
    process.kill(pid!, 'SIGKILL');
    await step('killed', before);
    const messages = client.notified.slice(from).filter(({ method }) => method === 'window/showMessage');
    expect(messages).toHaveLength(1);
    expect(JSON.stringify(messages)).toContain('training goes on from its last checkpoint');
    source.cancel();
    await expect(running).rejects.toThrow();
  });

  it('writes down where it stands when the editor is closed', async () => {
    const other = await mkdtemp(join(tmpdir(), 'crosstag-closed-'));
    const editor = await Client.start({ folder: other, configuration: { threads: 1 } });
    writeCorpora(other);
    const languages = ['pt', 'wo'].map((language) => ({ language, text: `${language}.txt` }));
    const project = { task: 'ner', languages, encoder: { size: 'tiny' } };
    await writeFile(join(other, 'crosstag.json'), JSON.stringify(project));
    const params = { folder: other, workDoneToken: 'closed' };
    const running = editor.request('crosstag/pretrain', params).catch((error: Error) => error);
    await step('closed', 0, editor);
    await editor.stop();
    expect(await running).toBeInstanceOf(Error);
    const checkpoint = join(other, '.crosstag', 'encoders', 'pt-wo', '1.training', 'training.json');
    await expect.poll(() => existsSync(checkpoint), { timeout: 60_000 }).toBe(true);
    await rm(other, { recursive: true, force: true, maxRetries: 5 });
  });

  it('goes on where it was and ends with an encoder', async () => {
    // The limit is not part of what is trained: the unfinished run is the same.
    await limit({ size: 'tiny', steps: 12 });
    const result = await pretrain('resumed');
    expect(result.encoder).toBe(join(folder, '.crosstag', 'encoders', 'pt-wo', '1'));
    expect(result.steps).toBeGreaterThanOrEqual(12);
    expect(Object.keys(result.perplexity)).toEqual(['pt', 'wo']);
    expect(encoders()).toEqual(['1']);
    expect(existsSync(join(result.encoder, 'encoder.json'))).toBe(true);
    const { words, seconds } = result;
    expect(await state()).toEqual({ newest: { name: 'pt-wo/1', words, seconds } });
  });

  it('trains an encoder further into a new version, also after a cancellation', async () => {
    const first = (await state()).newest!;
    // What a new encoder starts from stays in crosstag.json; the one that is trained further has its own.
    const written = await readFile(file(), 'utf8');
    const { languages, ...project } = JSON.parse(written);
    const given = [{ ...languages[0], vectors: 'nowhere.vec' }, ...languages.slice(1)];
    const encoder = { size: 'tiny', template: 'winit_layer_avl' };
    await writeFile(file(), JSON.stringify({ ...project, languages: given, encoder }));
    const from = client.notified.length;
    const source = new CancellationTokenSource();
    await expect(pretrain('other', source, 'pt-wo/9')).rejects.toThrow('pt-wo/9 is not the newest encoder');
    const running = pretrain('further', source, first.name);
    await step('further', from);
    source.cancel();
    await expect(running).rejects.toThrow();
    expect(encoders().sort()).toEqual(['1', '2.training']);
    expect(await state()).toEqual({
      unfinished: { steps: expect.any(Number), seconds: expect.any(Number) },
      newest: first,
    });
    await limit({ ...encoder, steps: 2 });
    // It goes on whatever the next request asks for.
    const result = await pretrain('further again');
    await writeFile(file(), written);
    expect(result.encoder).toBe(join(folder, '.crosstag', 'encoders', 'pt-wo', '2'));
    expect(result.words).toBeGreaterThan(first.words);
    expect(encoders().sort()).toEqual(['1', '2']);
    const vocabulary = (version: string) =>
      readFile(join(folder, '.crosstag', 'encoders', 'pt-wo', version, 'vocabulary.wo.txt'), 'utf8');
    expect(await vocabulary('2')).toBe(await vocabulary('1'));
    expect((await state()).newest).toMatchObject({ name: 'pt-wo/2', words: result.words });
  });

  it('is thrown away, or becomes an encoder as it is, where that is asked for', async () => {
    const written = await readFile(file(), 'utf8');
    const stopped = async (token: string) => {
      const from = client.notified.length;
      const source = new CancellationTokenSource();
      const running = pretrain(token, source);
      await step(token, from);
      source.cancel();
      await expect(running).rejects.toThrow();
    };
    try {
      const settings = { ...JSON.parse(written), encoder: { size: 'tiny', name: 'early' } };
      await writeFile(file(), JSON.stringify(settings));
      await stopped('early');
      await expect(client.request('crosstag/trainProject', { folder })).rejects.toThrow(
        'there is no encoder early; its pre-training is unfinished: let “Crosstag: Pre-train Encoder” go on, or finish it now',
      );
      const other = { ...settings.encoder, template: 'iden_avl', steps: 3 };
      await writeFile(file(), JSON.stringify({ ...settings, encoder: other }));
      await expect(pretrain('other settings')).rejects.toThrow(
        'an unfinished pre-training with other settings is there',
      );
      const logged = () => client.notified.filter(({ method }) => method === 'window/logMessage');
      expect(JSON.stringify(logged())).toMatch(/the size tiny needs up to about [\d.]+ GB of memory/);
      const anew = await pretrain('anew', undefined, undefined, 'discard');
      expect([anew.steps, basename(anew.encoder)]).toEqual([3, '1']);
      await writeFile(file(), JSON.stringify({ ...settings, encoder: { ...settings.encoder, name: 'enough' } }));
      await stopped('enough');
      const { steps } = (await state()).unfinished!;
      const result = await pretrain('finished', undefined, undefined, 'finish');
      expect(result.steps).toBe(steps);
      expect(await state()).toEqual({ newest: expect.objectContaining({ name: 'enough/1' }) });
    } finally {
      await writeFile(file(), written);
    }
  });

  it('is refused while another process trains in the folder', async () => {
    const requests = {
      'pretraining.json': () => pretrain('refused'),
      'running.json': () => client.request('crosstag/trainProject', { folder }),
    };
    for (const [name, request] of Object.entries(requests)) {
      const lock = join(folder, '.crosstag', 'learning', name);
      await mkdir(dirname(lock), { recursive: true });
      await writeFile(lock, JSON.stringify({ run: RUN, at: new Date().toISOString() }));
      await expect(request()).rejects.toThrow(`${name}: another process is training in this folder already; wait`);
      await rm(lock);
    }
  });

  it('has a report', async () => {
    const { name, body } = await client.request<EncoderReport>('crosstag/encoderReport', {
      folder: join(folder, '.crosstag', 'encoders', 'pt-wo', '1'),
    });
    expect(name).toBe('pt-wo/1');
    expect(body).toContain('id="curves"');
    expect(body).toContain('Alignment: average linkage');
    await expect(client.request('crosstag/encoderReport', { folder })).rejects.toThrow('there is no log.jsonl');
  });
});

describe('the tagger of a project', () => {
  it('reads the language without labels, and its documents by that language', async () => {
    await copyFile(join(folder, 'dev.iob2'), join(folder, 'test.iob2'));
    const project = JSON.parse(await readFile(file(), 'utf8'));
    project.languages[1].test = ['test.iob2'];
    await writeFile(file(), JSON.stringify({ ...project, tagger: { epochs: 1 } }));
    const result = await client.request<TrainResult>('crosstag/trainProject', { folder });
    expect(result.model).toBe(join(folder, '.crosstag', 'models', 'ner', '2'));
    expect(result.tests).toEqual([{ language: 'wo', path: join(folder, 'test.iob2'), score: expect.any(Number) }]);
    expect(await hovered('xët.conll', await undecided('wo'))).toContain('*ner/2, which reads this file as wo*');
    // Nobody says that these are in one of its languages: an older model, which reads any, suggests their labels.
    expect(await hovered('other.conll', await undecided('pt'))).toContain('*ner/1*');
    // Until crosstag.json says so.
    const from = client.notified.length;
    project.languages[1].documents.push('other.conll');
    await writeFile(file(), JSON.stringify(project));
    const changes = [{ uri: client.uri('crosstag.json'), type: 2 }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    await client.notification<ModelStatus>('crosstag/modelStatus', ({ model }) => model === 'ner/2', from);
    expect(await hovered('other.conll', await undecided('pt'))).toContain('*ner/2, which reads this file as wo*');
  }, 300_000);
});
