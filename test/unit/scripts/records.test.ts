// The numbers of experiments outlive the machine that made them: what another one measured stays, what is newer goes over it.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const MODULE = pathToFileURL(resolve('scripts/experiments/records.mjs')).href;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-records-'));
});
afterEach(() => rm(folder, { recursive: true }));

const known = (...records: readonly object[]) =>
  writeFile(join(folder, 'records.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));

/** A whole result as `npm run experiments` leaves it. */
const found = (id: string, date: string, command: readonly string[], result: object) =>
  writeFile(join(folder, `${id}.json`), JSON.stringify({ id, date: `${date}T10:00:00.000Z`, command, result }));

/** Takes over what lies in the folder. @returns the lines of the records then */
async function takeOver(ids: readonly string[]): Promise<unknown[]> {
  const [out, path] = [folder, join(folder, 'records.jsonl')].map((name) => JSON.stringify(name));
  const program = `import { takeOver } from '${MODULE}'; takeOver(${out}, ${JSON.stringify(ids)}, ${path});`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program]);
  const text = await readFile(join(folder, 'records.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

it('keeps what other machines measured, in the order of the plan', async () => {
  await known({ id: 'ner-2', date: '2026-11-26', source: 50 }, { id: 'gone', date: '2026-11-26', source: 40 });
  await found('ner-1', '2026-11-27', ['train'], { test: [{ f1: 56.5678 }] });
  expect(await takeOver(['ner-1', 'ner-2'])).toEqual([
    { id: 'ner-1', date: '2026-11-27', source: 56.57, command: 'train' },
    { id: 'ner-2', date: '2026-11-26', source: 50 },
    { id: 'gone', date: '2026-11-26', source: 40 },
  ]);
});

it('takes the newer of two runs', async () => {
  await known({ id: 'a', date: '2026-11-26', source: 50 }, { id: 'b', date: '2026-11-28', source: 60 });
  for (const id of ['a', 'b']) await found(id, '2026-11-27', ['train'], { test: [{ accuracy: 70 }] });
  expect(await takeOver(['a', 'b'])).toEqual([
    { id: 'a', date: '2026-11-27', source: 70, command: 'train' },
    { id: 'b', date: '2026-11-28', source: 60 },
  ]);
});

it('knows what of each command stands in the tables, and the command without what is of one machine', async () => {
  const target = { test: [{ f1: 58 }] };
  await found('ner', '2026-11-27', ['train'], { test: [{ f1: 57 }], by_target_dev: target });
  await found('bli', '2026-11-27', ['bli'], { p1: 50, csls_p1: 54.8 });
  const perplexity = { en: { forward: 200.6, backward: 201.2 } };
  const pretraining = { steps: 5000, words: 4_000_000, seconds: 960, perplexity };
  const text = `en=${resolve('../shared/data')}/text/en.txt.gz`;
  const command = ['pretrain', '--text', text, '--engine', 'cpu', '--out', resolve('out', 'experiments', 'x')];
  await found('encoder', '2026-11-27', command, pretraining);
  const date = '2026-11-27';
  expect(await takeOver(['ner', 'bli', 'encoder'])).toEqual([
    { id: 'ner', date, source: 57, target: 58, command: 'train' },
    { id: 'bli', date, cosine: 50, csls: 54.8, command: 'bli' },
    {
      ...{ id: 'encoder', date, engine: 'cpu', steps: 5000, words: 4_000_000 },
      ...{ minutes: 16, perplexity: { en: [201, 201] } },
      command: 'pretrain --text en=../shared/data/text/en.txt.gz --engine cpu --out ./out/experiments/x',
    },
  ]);
});
