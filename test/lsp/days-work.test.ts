// A day's work: thousands of corrections by a scripted annotator over real LSP, while models are trained, processes die, files are
// closed and opened, and the disk is full once. At the end files, journal, server and dashboard say what she knows herself.
// CROSSTAG_CORRECTIONS says how many (npm run test:day: 10,000), CROSSTAG_SEED which day it is.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RetrainResult } from '../../server/protocol.ts';
import { mulberry } from '../unit/workspace/journal/corpus.ts';
import { dashboardAgrees, filesAgree, journalAgrees, labelsAgree } from './day/agreement.ts';
import { Annotator } from './day/annotator.ts';
import { corpus } from './day/corpus.ts';
import { Desk } from './day/desk.ts';
import { killChild, MEASURED, memoryOf, SmallDisk } from './day/machine.ts';

const CORRECTIONS = Number(process.env.CROSSTAG_CORRECTIONS ?? 300);
const SEED = Number(process.env.CROSSTAG_SEED ?? 5);
const ANNOTATOR = 'Ngũgĩ';

/** The server dies in the first fifth of the day; after that the same one must not grow. */
const STEADY = Math.floor(CORRECTIONS / 5);

/** Bytes of heap that a correction may leave behind: its line in the journal, which the server keeps. */
const KEPT = 3000;
/** Bytes of heap that may come and go with what happens to be open and tagged. */
const MARGIN = 24 * 2 ** 20;

let folder: string;
let desk: Desk;
let disk: SmallDisk | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-day-'));
  disk = SmallDisk.mount(join(folder, '.crosstag', 'journal'), 128);
  const { files, train } = corpus();
  for (const file of files) await writeFile(join(folder, file.name), file.text());
  await writeFile(join(folder, 'train.conll'), train);
  const documents = files.filter(({ layout }) => layout.task === 'ner').map(({ name }) => name);
  const project = {
    task: 'ner',
    languages: [
      { language: 'es', train: ['train.conll'] },
      { language: 'pt', documents },
    ],
    learning: { corrections: 1_000_000, minutes: 100_000 },
  };
  await writeFile(join(folder, 'crosstag.json'), JSON.stringify(project));
  const configuration = { annotator: ANNOTATOR, threads: 1 };
  desk = new Desk(files, { folder, configuration, nodeArguments: process.platform === 'win32' ? [] : MEASURED });
  await desk.start();
});

afterEach(async () => {
  await desk?.editor?.client.stop().catch(() => {});
  disk?.unmount();
  await rm(folder, { recursive: true, force: true });
});

it(`of ${CORRECTIONS} corrections`, { timeout: 120_000 + CORRECTIONS * 400 }, async () => {
  const random = mulberry(SEED);
  const annotator = new Annotator(desk, random);
  const { files } = desk;
  const retrained: Promise<RetrainResult | string>[] = [];
  const retrain = () => {
    const running = desk.editor.client.request<RetrainResult>('crosstag/retrain', { folder });
    retrained.push(running.catch((error) => String(error)));
  };
  /** Corrections until `until`, and what happens between them. */
  const work = async (until: number, happens: (n: number) => Promise<unknown>) => {
    for (let last = annotator.corrections; annotator.corrections < until; ) {
      await annotator.correct();
      if (annotator.corrections === last) continue;
      last = annotator.corrections;
      if (last % 20 === 0) await desk.save(files[annotator.pick(files.length)]!);
      if (last % 90 === 0) await desk.reopen(files[annotator.pick(files.length)]!);
      await happens(last);
    }
  };
  const every = (part: number, n: number) => n % Math.max(1, Math.floor(CORRECTIONS * part)) === 0;

  await work(STEADY, async (n) => {
    if (every(0.05, n)) await desk.crash(annotator);
    if (every(0.12, n)) retrain();
    if (every(0.16, n)) await desk.discard(files[annotator.pick(4)]!);
  });
  // Windows knows no signal to ask with.
  const memory = async () => (process.platform === 'win32' ? undefined : memoryOf(desk.editor.client));
  const before = await memory();

  await work(Math.floor(CORRECTIONS / 2), async (n) => {
    if (every(0.15, n)) retrain();
    if (every(0.07, n)) await killChild(desk.editor.client, 'tagging');
    if (every(0.16, n)) await killChild(desk.editor.client, 'training');
  });
  if (disk !== undefined) await desk.fullDisk(disk, annotator);
  else console.log('No small disk can be mounted here (that takes root on Linux): none is full in this day.');
  await work(CORRECTIONS, async (n) => {
    if (every(0.2, n)) retrain();
    if (every(0.07, n)) await killChild(desk.editor.client, 'tagging');
  });

  const results = await Promise.all(retrained);
  const after = await memory();
  await desk.written();
  for (const file of files) await desk.save(file);
  desk.typed();
  await desk.written();
  const agree = async () => {
    await filesAgree(desk);
    await labelsAgree(desk);
    await dashboardAgrees(
      desk,
      files.filter(({ layout }) => layout.task === 'ner'),
      ANNOTATOR,
    );
    await journalAgrees(desk);
  };
  await agree();
  await desk.crash();
  // Until the journal is read, nobody knows whose labels they are.
  await vi.waitFor(agree, { timeout: 20_000, interval: 500 });
  expect(desk.complaints).toEqual([]);
  expect(results.filter((result) => typeof result !== 'string').length).toBeGreaterThan(0);

  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  console.log(
    `${[...annotator.done].map(([name, count]) => `${name} ${count}`).join(', ')}; renewed ${annotator.renewed}`,
  );
  for (const result of results) console.log(typeof result === 'string' ? result : result.reason);
  if (before === undefined || after === undefined) return;
  const heap = `heap ${megabytes(before.heapUsed)} -> ${megabytes(after.heapUsed)}`;
  console.log(`${heap}, resident ${megabytes(before.rss)} -> ${megabytes(after.rss)}`);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(MARGIN + KEPT * (CORRECTIONS - STEADY));
});
