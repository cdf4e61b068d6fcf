// Words that are split or joined, undone and redone in the editor: the journal follows, without a pause in between.
import { readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Position } from 'vscode-languageserver-protocol';
import type { JournalledEdit, StructureParams } from '../../server/protocol.ts';
import { parseDocument } from '../../server/text/index.ts';
import { Journal, replay } from '../../server/workspace/journal/index.ts';
import { at } from './client.ts';
import type { Editor } from './editor.ts';
import { fileIn, journalPath, start, useFolder } from './journal-folder.ts';

const row = (id: string | number, form: string, upos: string, head: number | '_') =>
  `${id}\t${form}\t_\t${upos}\t_\t_\t${head}\t${head === '_' ? '_' : 'dep'}\t_\t_\n`;

/** Words to label, and where each command is given. */
const FORMATS = {
  conll: {
    text: 'አዲስ _\nአበባ _\nውብ _\n😀 _\n\nमुंबई B-LOC\nहै O\n\nአዲስ _\n\n',
    labels: { '😀': 'LOC', ውብ: 'PER' },
    places: { splitToken: at(1, 2), joinTokens: at(0, 0), splitSentence: at(2, 0), joinSentences: at(0, 0) },
  },
  conllu: {
    text: `# sent_id = 1\n# text = Na praia bela do Rio\n${row('1-2', 'Na', '_', '_')}${row(1, 'Em', 'ADP', 3)}${row(2, 'a', 'DET', 3)}${row(3, 'praia', 'NOUN', 0)}${row(4, 'bela', 'ADJ', 3)}${row('5-6', 'do', '_', '_')}${row(5, 'de', 'ADP', 7)}${row(6, 'o', 'DET', 7)}${row(7, 'Rio', '_', 3)}\n# sent_id = 2\n# text = ሰላም ነው\n${row(1, 'ሰላም', 'NOUN', 2)}${row(2, 'ነው', 'AUX', 0)}\n`,
    labels: { Rio: 'PROPN', de: 'NOUN' },
    places: { splitToken: at(5, 4), joinTokens: at(5, 2), splitSentence: at(6, 2), joinSentences: at(5, 2) },
  },
} as const;

useFolder();

describe.each(['conll', 'conllu'] as const)('undoing and redoing in %s:', (format) => {
  const { text: original, labels, places } = FORMATS[format];
  const [first, second] = Object.entries(labels) as [[string, string], [string, string]];
  const name = `a.${format}`;

  async function open() {
    const editor = await start();
    return { editor, uri: await editor.open(name, format) };
  }

  async function startAnew() {
    await writeFile(fileIn(name), original);
    const { editor, uri } = await open();
    return { editor, uri, before: await label(editor, uri, first) };
  }

  /** @returns the text after it */
  async function label(editor: Editor, uri: string, [word, tag]: [string, string]): Promise<string> {
    const rows = editor.text(uri).split('\n');
    const line = rows.findIndex((cells) => cells.split(/[ \t]/).includes(word) && !cells.startsWith('#'));
    const place = at(line, rows[line]!.indexOf(word));
    await editor.label('relabel', { uri, range: { start: place, end: place }, label: tag });
    return editor.text(uri);
  }

  const request = (editor: Editor, uri: string, what: StructureParams['what']) => {
    const place: Position = places[what];
    const params = { uri, range: { start: place, end: place }, what };
    return editor.client.request<{ edit: JournalledEdit }>('crosstag/structure', params);
  };

  /** @returns the text after it */
  async function structure(editor: Editor, uri: string, what: StructureParams['what']): Promise<string> {
    await editor.apply((await request(editor, uri, what)).edit);
    return editor.text(uri);
  }

  /** The machine dies; in the next session the file comes to be `text`. */
  async function dieAndComeBack(editor: Editor, text: string) {
    await editor.kill();
    const next = await open();
    await expect.poll(() => next.editor.text(next.uri), { timeout: 5000 }).toBe(text);
    return next;
  }

  /** Whose labels the server shows. */
  async function shown({ client }: Editor, uri: string) {
    const { labels: all } = await client.labels(uri, 0, 100);
    return all
      .filter(({ origin }) => origin !== 'model')
      .map(({ range, label, origin }) => `${range.start.line} ${label} ${origin}`);
  }

  /** The file as the journal makes it of the original one. */
  async function replayed(): Promise<string> {
    const journal = new Journal(fileIn(), { problem: () => {} });
    await journal.refresh();
    const document = parseDocument(original, { format });
    replay(new Map([[name, document]]), journal.entries());
    return document.text;
  }

  /** The journal and the file say the same, and those are the labels. */
  async function agree(editor: Editor, uri: string, text: string, wanted: readonly string[]): Promise<void> {
    expect(editor.text(uri)).toBe(text);
    await expect.poll(replayed, { timeout: 5000 }).toBe(text);
    await expect.poll(() => shown(editor, uri), { timeout: 5000 }).toEqual(wanted);
  }

  it.each(['splitToken', 'joinTokens', 'splitSentence', 'joinSentences'] as const)('%s', async (what) => {
    const { editor, uri, before } = await startAnew();
    const labelsBefore = await shown(editor, uri);
    const after = await structure(editor, uri, what);
    expect(after).not.toBe(before);
    await expect.poll(async () => (await shown(editor, uri)).join()).toContain('human');
    const labelsAfter = await shown(editor, uri);
    await agree(editor, uri, after, labelsAfter);
    // A label of what came of it, and everything undone at once.
    const labelled = await label(editor, uri, second);
    const labelsThen = await shown(editor, uri);
    await editor.become(uri, after);
    await editor.become(uri, before);
    await agree(editor, uri, before, labelsBefore);
    // Redone, and undone once more.
    await editor.become(uri, after);
    await agree(editor, uri, after, labelsAfter);
    await editor.become(uri, labelled);
    await agree(editor, uri, labelled, labelsThen);
    await editor.become(uri, after);
    await editor.become(uri, before);
    await agree(editor, uri, before, labelsBefore);
    const next = await dieAndComeBack(editor, before);
    await agree(next.editor, next.uri, before, labelsBefore);
    expect(next.editor.messages).toEqual([expect.stringContaining('the labels of 1 sentence had not been saved')]);
  });

  it('after a save, and the machine dies', async () => {
    const { editor, uri, before } = await startAnew();
    const labelsBefore = await shown(editor, uri);
    await structure(editor, uri, 'splitToken');
    await editor.save(uri);
    await expect.poll(() => readFile(journalPath(), 'utf8')).toContain('"saved"');
    await editor.become(uri, before);
    await agree(editor, uri, before, labelsBefore);
    const next = await dieAndComeBack(editor, before);
    await agree(next.editor, next.uri, before, labelsBefore);
  });

  it('as they were given back after a crash', async () => {
    const { editor, uri } = await startAnew();
    const after = await structure(editor, uri, 'splitToken');
    await expect.poll(() => readFile(journalPath(), 'utf8')).toContain('"carried"');
    const next = await dieAndComeBack(editor, after);
    await next.editor.become(next.uri, original);
    await expect.poll(replayed, { timeout: 5000 }).toBe(original);
    await next.editor.become(next.uri, after);
    await expect.poll(replayed, { timeout: 5000 }).toBe(after);
  });

  it('on their way while the file is saved: the next session gives them back', async () => {
    const { editor, uri } = await startAnew();
    const { edit } = await request(editor, uri, 'splitToken');
    await editor.save(uri);
    await expect.poll(() => readFile(journalPath(), 'utf8')).toContain('"saved"');
    await editor.apply(edit);
    const after = editor.text(uri);
    await dieAndComeBack(editor, after);
  });

  it('while the disk is full: it is written down when there is room', async () => {
    const { editor, uri, before } = await startAnew();
    const labelsBefore = await shown(editor, uri);
    await structure(editor, uri, 'splitToken');
    await expect.poll(() => readFile(journalPath(), 'utf8')).toContain('"carried"');
    await rename(journalPath(), `${journalPath()}.away`);
    await symlink('/dev/full', journalPath());
    await editor.become(uri, before);
    await expect.poll(() => editor.messages).toEqual([expect.stringContaining('the disk is full')]);
    await rm(journalPath());
    await rename(`${journalPath()}.away`, journalPath());
    await editor.save(uri);
    await agree(editor, uri, before, labelsBefore);
  });
});
