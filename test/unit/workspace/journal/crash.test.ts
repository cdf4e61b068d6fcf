// Labelling is killed at random points, over and over: what was acknowledged is in the journal, once, and replaying it
// gives the labels.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentHash, type TextDocument, UNDECIDED } from '../../../../server/text/index.ts';
import { Journal, type LabelEntry, replay } from '../../../../server/workspace/journal/index.ts';
import { corpus, mulberry } from './corpus.ts';

/** Two programs a round: two windows on one folder, of one annotator, are killed one after the other. */
const ROUNDS = 100;

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-crash-'));
  program = join(folder, 'labeller.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'labeller.ts')],
    ...{ outfile: program, bundle: true, platform: 'node', format: 'esm', target: 'node20', minify: true },
  });
});

afterAll(() => rm(folder, { recursive: true }));

/** Lets the program label for some milliseconds after its first line, then kills it. @returns what it acknowledged */
async function labelAndDie(workspace: string, seed: number, milliseconds: number): Promise<LabelEntry[]> {
  const child = spawn(process.execPath, [program, workspace, 'Ngũgĩ wa/Thiong’o', String(seed)], { stdio: 'pipe' });
  const closed = new Promise((resolve) => child.once('close', resolve));
  let [said, complaints] = ['', ''];
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  const first = new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (data) => {
      said += data;
      resolve(undefined);
    });
  });
  await Promise.race([first, closed]);
  await wait(milliseconds);
  child.kill('SIGKILL');
  await closed;
  // The kernel may cut off the line that the other one was writing when it was killed; nobody was told that it is there.
  expect(complaints).toMatch(/^(?:.*: the line is cut off or damaged; .*\n)*$/);
  const lines = said.slice(0, said.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LabelEntry);
}

/** Tags of all sentences by address. */
function tagsIn(documents: ReadonlyMap<string, TextDocument>): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const [file, { sentences }] of documents) {
    for (const { tokens } of sentences) {
      if (tokens.length === 0) continue;
      let nth = 0;
      const key = () => `${file} ${contentHash(tokens.map(({ form }) => form))} ${nth}`;
      while (all.has(key())) nth++;
      all.set(
        key(),
        tokens.map(({ label }) => label ?? UNDECIDED),
      );
    }
  }
  return all;
}

it('loses nothing that was acknowledged, and applies nothing twice', { timeout: 300_000 }, async () => {
  const random = mulberry(5);
  const workspace = join(folder, 'workspace');
  await mkdir(workspace);
  const acknowledged = new Map<string, LabelEntry>();
  for (let round = 0; round < ROUNDS; round++) {
    const runs = [0, 1].map((i) => labelAndDie(workspace, round * 2 + i + 1, random() * 40));
    const entries = (await Promise.all(runs)).flat();
    for (const entry of entries) {
      expect(acknowledged.has(entry.id)).toBe(false);
      acknowledged.set(entry.id, entry);
    }
  }
  const journal = new Journal(workspace, { problem: () => {} });
  await journal.refresh();
  const written = new Map(journal.entries().map((entry) => [entry.id, entry as LabelEntry]));
  for (const [id, entry] of acknowledged) expect(written.get(id)).toEqual(entry);
  // At most the one that each program was about to acknowledge.
  expect(written.size - acknowledged.size).toBeLessThanOrEqual(ROUNDS * 2);
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * 2);

  const expected = tagsIn(corpus());
  for (const entry of [...written.values()].sort((a, b) => (a.at < b.at ? -1 : 1))) {
    const tags = expected.get(`${entry.file} ${entry.sentence} ${entry.nth}`)!;
    for (const [i, tag] of entry.after.entries()) if (tag !== entry.before[i]) tags[entry.start + i] = tag;
  }
  const documents = corpus();
  expect(replay(documents, journal.entries())).toEqual({ missing: [], conflicts: [] });
  expect(tagsIn(documents)).toEqual(expected);
  replay(documents, [...journal.entries(), ...journal.entries()]);
  expect(tagsIn(documents)).toEqual(expected);
  const text = await readFile(join(workspace, '.crosstag/journal/Ngũgĩ%20wa%2FThiong%E2%80%99o.jsonl'), 'utf8');
  const whole = text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  expect(whole.length).toBe(written.size);
});
