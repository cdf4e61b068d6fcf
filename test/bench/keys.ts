// The keyboard loop over real stdio: from a key to the labels that are shown after it, in a file and in the review view, with
// a training going on beside it, and the next sentences of the queue.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Range, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { LabelsResult, ReviewItem, ReviewLine, ReviewQueueState } from '../../server/protocol.ts';
import { type LabelledSentence, trainTagger } from '../../server/tagger/index.ts';
import { at, Client } from '../lsp/client.ts';
import { asColumns, corpora, unlabelled } from './corpora.ts';
import type { Bench, BenchOptions } from './main.ts';
import { printQuantiles } from './report.ts';

/** Keys that are measured in each of the cases, and milliseconds between two of them. */
const KEYS = 60;
const BETWEEN = 150;
/** Sentences of the pool. */
const POOL = 20_000;
/** Milliseconds that the queue may take to be measured before it is asked all the same. */
const PATIENCE = 120_000;

const VIEW = 'crosstag-review:/Sentences';

export const keyboardLoop: Bench = {
  name: 'keys',
  about:
    'keyboard loop: from a key to its label in a file and in the review view, while a training runs; next of the queue',
  async run({ threads }: BenchOptions): Promise<void> {
    const [corpus] = await corpora('uner-pt');
    const folder = await mkdtemp(join(tmpdir(), 'crosstag-bench-'));
    try {
      const train = corpus!.train.slice(0, 2000);
      const out = join(folder, '.crosstag', 'models', 'ner', '1');
      await trainTagger({ task: 'ner', train, dev: corpus!.dev, parts: 'wide', out, threads });
      await mkdir(join(folder, 'texts'));
      await writeFile(join(folder, 'texts', 'pool.conll'), unlabelled(corpus!.train, POOL));
      await writeFile(join(folder, 'train.conll'), asColumns(train));
      const languages = [{ language: 'pt', documents: ['texts'] }];
      await writeFile(join(folder, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
      const client = await Client.start({ folder, configuration: { threads } });
      try {
        await measure(client, folder, corpus!.train);
      } finally {
        await client.stop();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function measure(client: Client, folder: string, sentences: readonly LabelledSentence[]): Promise<void> {
  const text = unlabelled(sentences, 300);
  const uri = await client.open('file.conll', text);
  const file = { uri, version: 1, rows: text.split('\n') };
  await client.labelsWhen(uri, 0, 60, ({ labels }) => labels.length > 0);
  console.log('\nkeyboard loop over stdio, ms (p50 / p95), wide model');
  const inFile = (i: number) => ({ start: at(wordAt(file.rows, i), 0), end: at(wordAt(file.rows, i), 0) });
  printQuantiles('a label in a file, until it is shown', await keys(client, file, uri, inFile));

  const asked = performance.now();
  const next = (shown: readonly ReviewItem[]) =>
    client.request<{ items: ReviewItem[]; queue: ReviewQueueState }>('crosstag/reviewNext', { count: 20, shown });
  const first = await next([]);
  printQuantiles('the first sentences of the queue', [performance.now() - asked]);
  const behind = await openPool(client, sentences);
  const { lines } = await client.request<{ lines: (ReviewLine | null)[] }>('crosstag/reviewLines', {
    ...{ uri: VIEW, lines: first.items },
  });
  const shown = lines.flatMap((line, i) => (line === null ? [] : [i]));
  const inView = (i: number) => {
    const line = shown[i % shown.length]!;
    return { start: at(line, 0), end: at(line, 0) };
  };
  printQuantiles('a label in the review view', await keys(client, behind, VIEW, inView));

  const training = client.request('crosstag/train', { train: [join(folder, 'train.conll')], parts: 'wide' });
  await client.status('training');
  printQuantiles('a label in a file, beside a training', await keys(client, file, uri, inFile));
  printQuantiles('a label in the review view, beside a training', await keys(client, behind, VIEW, inView));
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const started = performance.now();
    await next(first.items.slice(0, i));
    times.push(performance.now() - started);
    await wait(BETWEEN);
  }
  printQuantiles('the next sentences of the queue', times);
  await training.catch(() => {});
  const end = Date.now() + PATIENCE;
  let state = (await next([])).queue;
  for (; state.measured < state.open * 0.85 && Date.now() < end; state = (await next([])).queue) await wait(500);
  console.log(`  ${state.measured.toLocaleString('en')} of ${state.open.toLocaleString('en')} sentences measured`);
}

/** The pool, opened in the editor. */
async function openPool(client: Client, sentences: readonly LabelledSentence[]) {
  const text = unlabelled(sentences, POOL);
  const uri = await client.open('texts/pool.conll', text);
  await client.labels(uri, 0, 10);
  return { uri, version: 1, rows: text.split('\n') };
}

/** A line that holds a word, another one for each key. */
function wordAt(rows: readonly string[], i: number): number {
  let line = (i * 7) % Math.min(rows.length, 1000);
  while (rows[line] === '') line++;
  return line;
}

interface Opened {
  readonly uri: string;
  version: number;
  readonly rows: string[];
}

/** Sets labels one after another. @returns milliseconds from each request to the answer that shows the label */
async function keys(client: Client, file: Opened, uri: string, place: (i: number) => Range): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < KEYS; i++) {
    const range = place(i);
    const started = performance.now();
    const edit = await client.request<WorkspaceEdit>('crosstag/relabel', { uri, range, label: i % 2 ? 'PER' : 'LOC' });
    const [change] = edit.documentChanges as TextDocumentEdit[];
    for (const one of change?.edits ?? []) {
      if ('newText' in one) await client.change(file.uri, ++file.version, one.range, one.newText);
    }
    await client.request<LabelsResult>('crosstag/labels', {
      uri,
      range: { start: range.start, end: at(range.end.line + 60, 0) },
    });
    times.push(performance.now() - started);
    await wait(BETWEEN);
  }
  return times;
}
