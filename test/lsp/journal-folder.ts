// A folder whose journal the tests read, and the editors that have it open.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { JournalEntry } from '../../server/workspace/journal/index.ts';
import { Editor } from './editor.ts';

export const TEXT = 'አዲስ _\nአበባ _\nውብ _\n😀 _\n\nमुंबई B-LOC\nहै O\n\nአዲስ _\nአበባ _\nውብ _\n😀 _\n\n';
export const CONFIGURATION = { annotator: 'Ngũgĩ' };

let folder: string;
let editors: Editor[];

/** Gives every test of the file a folder of its own. */
export function useFolder(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosstag-journal-'));
    editors = [];
  });
  afterEach(async () => {
    for (const editor of editors) await editor.client.stop().catch(() => {});
    await rm(folder, { recursive: true });
  });
}

export const fileIn = (...names: readonly string[]) => join(folder, ...names);

export async function start(options: object = {}): Promise<Editor> {
  const editor = await Editor.start({ folder, configuration: CONFIGURATION, ...options });
  editors.push(editor);
  return editor;
}

export async function startWith(name: string, text: string, languageId?: string, options?: object) {
  await writeFile(fileIn(name), text);
  const editor = await start(options);
  return { editor, uri: await editor.open(name, languageId) };
}

export const journalPath = (annotator = 'Ngũgĩ') => fileIn('.crosstag', 'journal', `${annotator}.jsonl`);

export async function journal(annotator?: string): Promise<JournalEntry[]> {
  const text = await readFile(journalPath(annotator), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JournalEntry);
}

export const actions = async () => (await journal()).map(({ action }) => action);

export const tags = (text: string) =>
  text
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .join(' ');
