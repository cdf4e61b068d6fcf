// The dashboard over real stdio: what people decide is in it at once.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appendHistory } from '../../server/learning/history.ts';
import type { Dashboard } from '../../server/protocol.ts';
import { retraining } from '../unit/features/dashboard-data.ts';
import { at } from './client.ts';
import { Editor } from './editor.ts';

let folder: string;
let editor: Editor;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-dashboard-'));
  await writeFile(join(folder, 'open.conll'), 'አዲስ _\nአበባ _\nውብ _\n\nमुंबई B-LOC\nहै O\n\n');
  await writeFile(join(folder, 'closed.conll'), 'زار _\nمراكش B-ORG\n\n');
  const languages = [{ language: 'am', documents: ['open.conll', 'closed.conll'] }];
  await writeFile(join(folder, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
  await appendHistory(folder, retraining(1, 800, 52));
  editor = await Editor.start({ folder, configuration: { annotator: 'Ngũgĩ' } });
});

afterAll(async () => {
  await editor?.client.stop();
  await rm(folder, { recursive: true, force: true });
});

const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

it('says what people have decided, in files that are open and in those that are not', async () => {
  const uri = await editor.open('open.conll');
  const before = await editor.client.request<Dashboard>('crosstag/dashboard', { folder });
  expect(before.name).toBe(basename(folder));
  expect(text(before.body)).toContain('Sentences reviewed 0 of 3 (0%) Tokens decided 3 of 7 (42.9%)');
  expect(text(before.body)).toContain('all 0 2 2');
  expect(text(before.body)).toContain('Alt + 1 LOC');

  const range = { start: at(0, 0), end: at(1, 1) };
  await editor.apply(await editor.client.request('crosstag/relabel', { uri, range, label: 'LOC' }));
  await editor.apply(await editor.client.request('crosstag/review', { uri, range, reviewed: true }));
  const { body } = await editor.client.request<Dashboard>('crosstag/dashboard', { folder });
  expect(text(body)).toContain('Sentences reviewed 1 of 3 (33.3%) Tokens decided 6 of 7 (85.7%)');
  expect(text(body)).toContain('LOC 1 1 2');
  expect(text(body)).toContain('Ngũgĩ 1 0 1');
  expect(text(body)).toContain('Corrections not learnt yet 2 of 100 that make it train');
  expect(body).toContain('data-chart="0"');
});

it('is refused with the place in a project that cannot be read', async () => {
  await writeFile(join(folder, 'crosstag.json'), '{ "task": "nerd", "languages": [] }');
  await expect(editor.client.request('crosstag/dashboard', { folder })).rejects.toThrow('crosstag.json:1:');
});
