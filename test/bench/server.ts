// The language server on big files, over real stdio: what a person waits for, and what it takes of the memory.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LabelsResult } from '../../server/protocol.ts';
import { type LabelledSentence, trainTagger } from '../../server/tagger/index.ts';
import { at, Client } from '../lsp/client.ts';
import { corpora } from './corpora.ts';
import type { Bench, BenchOptions } from './main.ts';
import { printQuantiles } from './report.ts';

/** Lines that an editor window shows. */
const WINDOW = 60;

/** Milliseconds between two keystrokes of a person who types fast. */
const BETWEEN = 120;

/** Sizes in tokens, and how many keystrokes and scrolls are measured. */
const FILES = [
  { tokens: 100_000, keystrokes: 100, scrolls: 50 },
  { tokens: 1_000_000, keystrokes: 30, scrolls: 30 },
];

export const serverLatency: Bench = {
  name: 'server',
  about: 'language server: diagnostics after a keystroke, labels after opening and scrolling, memory',
  async run({ threads }: BenchOptions): Promise<void> {
    const [corpus] = await corpora('uner-pt');
    const folder = await mkdtemp(join(tmpdir(), 'crosstag-bench-'));
    try {
      const train = corpus!.train.slice(0, 2000);
      const out = join(folder, '.crosstag', 'models', 'ner', '1');
      await trainTagger({ task: 'ner', train, dev: corpus!.dev, parts: 'wide', out, threads });
      console.log('\nlanguage server over stdio, ms (p50 / p95), wide model');
      for (const file of FILES) await measure(folder, corpus!.train, file);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Real sentences, again and again; every second one without labels, every copy a little different. */
function bigFile(sentences: readonly LabelledSentence[], tokens: number): string {
  const parts: string[] = [];
  let count = 0;
  for (let copy = 0; count < tokens; copy++) {
    for (const [i, { words, tags }] of sentences.entries()) {
      if (count >= tokens) break;
      const rows = words.map(
        (word, t) => `${t === 0 && copy > 0 ? `${word}${copy}` : word} ${i % 2 === 0 ? tags[t] : '_'}`,
      );
      parts.push(`${rows.join('\n')}\n\n`);
      count += words.length;
    }
  }
  return parts.join('');
}

async function measure(folder: string, sentences: readonly LabelledSentence[], file: (typeof FILES)[number]) {
  const client = await Client.start({ folder, configuration: {} });
  try {
    const small = await client.open('small.conll', bigFile(sentences.slice(-50), 500));
    await client.labelsWhen(small, 0, WINDOW, hasSuggestions);
    const text = bigFile(sentences, file.tokens);
    const lines = text.split('\n').length;
    const opened = performance.now();
    const uri = await client.open('big.conll', text);
    const labels = client.labelsWhen(uri, 0, WINDOW, hasSuggestions).then(() => performance.now() - opened);
    const linted = client
      .diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0)
      .then(() => performance.now() - opened);
    console.log(`${file.tokens.toLocaleString('en')} tokens, ${(text.length / 2 ** 20).toFixed(1)} MiB`);
    console.log(`  labels of the visible lines after opening  ${(await labels).toFixed(0)}`);
    console.log(`  consistency of the whole file after opening ${(await linted).toFixed(0)}`);
    await wait(2000);
    const random = generator(1);
    const keystrokes: number[] = [];
    for (let i = 0; i < file.keystrokes; i++) {
      keystrokes.push(await keystroke(client, uri, i + 2, Math.floor(random() * lines)));
      await wait(BETWEEN);
    }
    printQuantiles('diagnostics after a keystroke', keystrokes);
    const scrolls: number[] = [];
    for (let i = 0; i < file.scrolls; i++) {
      const first = Math.floor(random() * (lines - WINDOW));
      const started = performance.now();
      await client.labels(uri, first, first + WINDOW);
      scrolls.push(performance.now() - started);
      await wait(BETWEEN);
    }
    printQuantiles('labels known when scrolling', scrolls);
    await wait(2000);
    const memory = await memoryOf(client.server.pid!);
    if (memory !== undefined) console.log(`  server memory ${memory}`);
  } finally {
    await client.stop();
  }
}

const hasSuggestions = ({ labels }: LabelsResult) => labels.some(({ origin }) => origin === 'model');

/** Types one character at the start of a line. @returns milliseconds until its diagnostics are here */
async function keystroke(client: Client, uri: string, version: number, line: number): Promise<number> {
  const started = performance.now();
  await client.change(uri, version, { start: at(line, 0), end: at(line, 0) }, 'x');
  await client.diagnostics(uri, (published) => published.version === version);
  return performance.now() - started;
}

/** Memory of a process now and at most, where the kernel tells. */
async function memoryOf(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const mebibytes = (name: string) =>
    (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status ?? '')?.[1]) / 1024).toFixed(0);
  return status && `${mebibytes('VmRSS')} MiB now, ${mebibytes('VmHWM')} MiB at most`;
}

/** Numbers from 0 to 1 that are the same every time (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
