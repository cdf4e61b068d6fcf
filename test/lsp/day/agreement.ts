// Everything that knows of the labels says the same at the end of the day: files, journal, server, dashboard.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Dashboard, LabelsResult } from '../../../server/protocol.ts';
import { isAnnotated, parseDocument } from '../../../server/text/index.ts';
import { Journal, replay } from '../../../server/workspace/journal/index.ts';
import { lines } from '../client.ts';
import type { Desk } from './desk.ts';
import { CONLL, CONLLU, type LabelledFile, UNER } from './file.ts';
import { spansIn } from './labels.ts';

const FORMATS = new Map([
  [CONLL, 'conll'],
  [UNER, 'uner'],
  [CONLLU, 'conllu'],
] as const);

const sorted = (annotations: string) =>
  annotations
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^T\d+\t/, ''))
    .sort();

/** The files on the disk hold what they must, byte for byte; of annotations only their numbers are the server's. */
export async function filesAgree({ files, editor }: Desk): Promise<void> {
  for (const file of files) {
    const path = join(editor.client.folder, file.name);
    expect(await readFile(path, 'utf8'), file.name).toBe(file.text());
    if (!file.isRaw) continue;
    const annotations = await readFile(path.replace(/\.txt$/, '.ann'), 'utf8');
    expect(sorted(annotations)).toEqual(file.annotations().sort());
  }
}

/** Replaying the journal over the files of the morning gives those of the evening. */
export async function journalAgrees({ files, editor }: Desk): Promise<Journal> {
  const problems: string[] = [];
  const journal = new Journal(editor.client.folder, { problem: ({ message }) => problems.push(message) });
  await journal.refresh();
  // A full disk may have cut one line off.
  expect(problems.filter((problem) => !problem.includes('is cut off or damaged'))).toEqual([]);
  const documents = new Map(
    files.map((file) => {
      const format = FORMATS.get(file.layout) ?? 'txt';
      const text = file.text(morning(file));
      return [file.name, parseDocument(text, { format, task: file.layout.task, language: 'pt' })] as const;
    }),
  );
  const { conflicts } = replay(documents, journal.entries());
  expect(conflicts).toEqual([]);
  for (const file of files) {
    const document = documents.get(file.name)!;
    expect(document.text, file.name).toBe(file.text());
    if (isAnnotated(document)) expect(sorted(document.annotations)).toEqual(file.annotations().sort());
  }
  return journal;
}

/** The original file; sentences into whose words somebody has typed came as they were then. */
function morning(file: LabelledFile) {
  const typed = new Map(file.sentences.filter((one) => one.typed !== undefined).map((one) => [one.origin, one]));
  return file.original.map((sentence, origin) => {
    const other = typed.get(origin);
    return other === undefined ? sentence : { ...other, tags: other.typed! };
  });
}

/** The server shows each label, whose it is, and which sentences are reviewed. */
export async function labelsAgree(desk: Desk): Promise<void> {
  for (const file of desk.files) {
    const params = { uri: desk.uri(file), range: lines(0, 1_000_000) };
    const { labels, sentences } = await desk.editor.client.request<LabelsResult>('crosstag/labels', params);
    const shown = labels
      .filter(({ origin }) => origin !== 'model')
      .map(({ range: { start }, label, origin }) => `${start.line}:${start.character} ${label} ${origin}`);
    const wanted = file.sentences.flatMap(({ tags, human }, index) =>
      labelsOf(file, tags).map((span) => {
        const { start } = file.range(index, span.start, span.end);
        return `${start.line}:${start.character} ${span.label} ${human.slice(span.start, span.end).every(Boolean) ? 'human' : 'file'}`;
      }),
    );
    expect(shown, file.name).toEqual(wanted);
    const states = file.sentences.map(({ reviewed }) => (reviewed ? 'reviewed' : 'open'));
    expect(
      sentences.map(({ state }) => state),
      file.name,
    ).toEqual(states);
  }
}

function labelsOf({ layout }: LabelledFile, tags: readonly string[]) {
  if (layout.task === 'ner') return spansIn(tags);
  return tags.flatMap((label, start) => (label === '_' ? [] : [{ start, end: start + 1, label }]));
}

const whole = (number: number) => number.toLocaleString('en-US');

/** What the dashboard counts in the files of the project. */
export async function dashboardAgrees({ editor }: Desk, files: readonly LabelledFile[], annotator: string) {
  const { folder } = editor.client;
  const { body } = await editor.client.request<Dashboard>('crosstag/dashboard', { folder });
  const text = body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  const all = files.flatMap((file) => file.sentences.map((sentence) => ({ file, ...sentence })));
  const tokens = all.flatMap(({ tags }) => tags);
  const reviewed = all.filter((sentence) => sentence.reviewed).length;
  const decided = tokens.filter((tag) => tag !== '_').length;
  expect(text).toContain(`Sentences reviewed ${whole(reviewed)} of ${whole(all.length)} (`);
  expect(text).toContain(`Tokens decided ${whole(decided)} of ${whole(tokens.length)} (`);
  const counts = new Map<string, { human: number; file: number }>();
  for (const { file, tags, human } of all) {
    for (const { start, end, label } of labelsOf(file, tags)) {
      const known = counts.get(label) ?? { human: 0, file: 0 };
      known[human.slice(start, end).some(Boolean) ? 'human' : 'file']++;
      counts.set(label, known);
    }
  }
  for (const [label, { human, file }] of counts) {
    expect(text).toContain(`${label} ${whole(human)} ${whole(file)} ${whole(human + file)} `);
  }
  const own = [...counts.values()].reduce((sum, { human }) => sum + human, 0);
  expect(text).toMatch(new RegExp(`${annotator} ${whole(own)} [\\d,]+ ${whole(reviewed)} `));
}
