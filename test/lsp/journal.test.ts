// The journal behind the server: who labelled what, and what a crash leaves.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Hover, Position } from 'vscode-languageserver-protocol';
import type { Hits, JournalledEdit, StructureParams } from '../../server/protocol.ts';
import type { JournalEntry, LabelEntry } from '../../server/workspace/journal/index.ts';
import { at, lines } from './client.ts';
import type { Editor } from './editor.ts';
import {
  actions,
  CONFIGURATION,
  fileIn,
  journal,
  journalPath,
  start,
  startWith,
  TEXT,
  tags,
  useFolder,
} from './journal-folder.ts';

useFolder();

/** Splits or joins words as the editor does it. */
async function structure(editor: Editor, uri: string, what: StructureParams['what'], place: Position) {
  const params = { uri, range: { start: place, end: place }, what };
  const { edit } = await editor.client.request<{ edit: JournalledEdit }>('crosstag/structure', params);
  await editor.apply(edit);
}

describe('a label', () => {
  it('is in the journal before its edit is handed out, and is known as somebody’s', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    const range = { start: at(0, 0), end: at(1, 1) };
    const edit = await editor.client.request<JournalledEdit>('crosstag/relabel', { uri, range, label: 'LOC' });
    const [opened, line] = (await journal()) as [JournalEntry, LabelEntry];
    expect(opened).toMatchObject({ action: 'opened', file: 'a.conll' });
    expect(line).toMatchObject({
      ...{ v: 1, by: 'Ngũgĩ', action: 'label', file: 'a.conll', nth: 0, word: 'አዲስ' },
      ...{ start: 0, before: ['_', '_'], after: ['B-LOC', 'I-LOC'], new: [{ start: 0, end: 2, label: 'LOC' }] },
    });
    expect(edit.journal).toEqual([line.id]);
    await editor.apply(edit);
    const { labels } = await editor.client.labels(uri, 0, 20);
    expect(labels.map(({ label, origin }) => [label, origin])).toEqual([
      ['LOC', 'human'],
      ['LOC', 'file'],
    ]);
    const hover = await editor.client.request<Hover>('textDocument/hover', {
      textDocument: { uri },
      position: at(1, 1),
    });
    expect(hover.contents).toMatchObject({ value: expect.stringMatching(/`I-LOC` by Ngũgĩ on \d{4}-\d\d-\d\d at /) });
    await editor.label('relabel', { uri, range: lines(8, 8), label: 'ORG' });
    expect(((await journal()).at(-1) as LabelEntry).nth).toBe(1);
  });

  it('counts for nothing when the editor drops its edit', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    const params = { uri, range: lines(0, 0), label: 'LOC' };
    const { journal: ids } = await editor.client.request<{ journal: string[] }>('crosstag/relabel', params);
    await editor.client.connection.sendNotification('crosstag/editDropped', { ids });
    await expect.poll(actions).toEqual(['opened', 'label', 'dropped']);
    expect((await journal()).at(-1)).toMatchObject({ ids });
  });

  it('that is typed, undone or redone is written down after the fact, and others are not', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    await editor.type(uri, { start: at(5, 6), end: at(5, 11) }, 'B-ORG');
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'label', 'typed']);
    expect((await journal()).at(-1)).toMatchObject({ start: 0, before: ['B-LOC'], after: ['B-ORG'] });
    // Undo of the label.
    await editor.type(uri, { start: at(0, 4), end: at(0, 9) }, '_');
    await editor.save(uri);
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'label', 'typed', 'typed', 'saved']);
    expect((await journal()).at(-2)).toMatchObject({ before: ['B-LOC'], after: ['_'] });
    // Other words are another sentence; the one that had the same words is the first of them now, and nobody labelled it.
    await editor.type(uri, { start: at(0, 0), end: at(0, 1) }, 'x');
    await editor.client.stop();
    expect((await actions()).slice(5)).toEqual(['carried']);
    expect((await journal()).at(-1)).toMatchObject({ nth: 0, after: [], reviewed: false });
  });

  it('that is undone is gone from the journal too when another one follows at once', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(3, 3), label: 'ORG' });
    await editor.type(uri, { start: at(3, 3), end: at(3, 8) }, '_');
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    expect(await actions()).toEqual(['opened', 'label', 'typed', 'label']);
    expect((await journal())[2]).toMatchObject({ start: 3, before: ['B-ORG'], after: ['_'] });
    await editor.kill();
    const next = await start();
    const opened = await next.open('a.conll');
    await expect.poll(() => next.text(opened), { timeout: 5000 }).toBe(TEXT.replace('_', 'B-LOC'));
  });

  it('that is undone at once is gone from the journal too where its words were split just before', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await structure(editor, uri, 'splitToken', at(1, 2));
    await editor.label('relabel', { uri, range: lines(3, 3), label: 'ORG' });
    await editor.type(uri, { start: at(3, 3), end: at(3, 8) }, '_');
    await editor.type(uri, { start: at(0, 4), end: at(0, 5) }, 'B-LOC');
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'structure', 'label', 'typed']);
    expect((await journal())[3]).toMatchObject({ before: ['_', '_', '_', 'B-ORG'], after: ['B-LOC', '_', '_', '_'] });
  });

  it('that is undone just before somebody types into its words is gone from the journal too', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    await editor.label('relabel', { uri, range: lines(8, 8), label: 'PER' });
    await editor.type(uri, { start: at(8, 4), end: at(8, 9) }, '_');
    await editor.type(uri, { start: at(8, 3), end: at(8, 3) }, 'x');
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'label', 'label', 'typed']);
    expect((await journal())[3]).toMatchObject({ nth: 1, start: 0, before: ['B-PER'], after: ['_'] });
  });

  it('that is undone in raw text is gone from the journal too', async () => {
    const { editor, uri } = await startWith('a.txt', 'Como fazia em Madri.\n', 'plaintext');
    await editor.label('relabel', { uri, range: { start: at(0, 14), end: at(0, 19) }, label: 'LOC' });
    await editor.type(editor.client.uri('a.ann'), lines(0, 1), '');
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'label', 'typed']);
  });

  it('that another format reads in the file is nobody’s, and one that is typed just before is somebody’s', async () => {
    const configuration = { ...CONFIGURATION, format: 'uner' };
    const text = '1\tአዲስ\tB-LOC\t-\t-\n2\tअ\tO\t-\t-\n\n1\tمصر\tB-LOC\t-\t-\n\n';
    const { editor, uri } = await startWith('a.conllu', text, 'conllu', { configuration });
    await editor.label('relabel', { uri, range: { start: at(1, 2), end: at(1, 3) }, label: 'ORG' });
    await editor.type(uri, { start: at(3, 8), end: at(3, 11) }, 'PER');
    configuration.format = 'auto';
    await editor.client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'label', 'typed']);
    expect((await journal())[2]).toMatchObject({ before: ['B-LOC'], after: ['B-PER'] });
    await editor.type(uri, lines(0, 0), '# text = አዲስ अ\n');
    await editor.client.stop();
    expect(await actions()).toEqual(['opened', 'label', 'typed']);
  });

  it('that is typed while the disk is full is written down when there is room', async () => {
    await mkdir(fileIn('.crosstag', 'journal'), { recursive: true });
    await symlink('/dev/full', journalPath());
    const { editor, uri } = await startWith('a.conll', TEXT);
    await expect(editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' })).rejects.toThrow('is full');
    await editor.type(uri, { start: at(5, 6), end: at(5, 11) }, 'B-ORG');
    await expect.poll(() => editor.messages, { timeout: 5000 }).toHaveLength(1);
    await rm(journalPath());
    await editor.save(uri);
    await expect.poll(actions, { timeout: 5000 }).toContain('typed');
  });

  it('is refused with one message where the journal cannot be written, and the file stays', async () => {
    await mkdir(fileIn('.crosstag', 'journal'), { recursive: true });
    await symlink('/dev/full', journalPath());
    const { editor, uri } = await startWith('a.conll', TEXT);
    const label = () => editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    await expect(label()).rejects.toThrow(
      `${journalPath()}: the disk is full; the label was not set; make room and do it again`,
    );
    expect(editor.text(uri)).toBe(TEXT);
    await rm(journalPath());
    await label();
    expect(await actions()).toEqual(['dropped', 'opened', 'label']);
  });

  it('is refused in an untrusted workspace, where nothing is written', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT, 'conll', { trusted: false });
    const label = () => editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    await expect(label()).rejects.toThrow('in trusted workspaces only; trust this one to label');
    await editor.type(uri, { start: at(5, 6), end: at(5, 11) }, 'B-ORG');
    await editor.save(uri);
    expect(existsSync(fileIn('.crosstag'))).toBe(false);
    await editor.client.connection.sendNotification('crosstag/trusted');
    await label();
    expect(await actions()).toContain('label');
  });
});

describe('a sentence', () => {
  it('is reviewed: what nobody decided is `O`, and the state stays with its words', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    await editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    expect(tags(editor.text(uri))).toBe('B-LOC O O O B-LOC O _ _ _ _');
    await editor.label('review', { uri, range: lines(5, 5), reviewed: true });
    const states = async () => (await editor.client.labels(uri, 0, 20)).sentences.map(({ state }) => state);
    expect(await states()).toEqual(['reviewed', 'reviewed', 'open']);
    await editor.label('relabel', { uri, range: lines(5, 5), label: null });
    expect(await states()).toEqual(['reviewed', 'reviewed', 'open']);
    await editor.label('review', { uri, range: lines(0, 0), reviewed: false });
    expect(await states()).toEqual(['open', 'reviewed', 'open']);
    await editor.type(uri, { start: at(5, 0), end: at(5, 1) }, 'म');
    await editor.type(uri, { start: at(5, 0), end: at(5, 0) }, 'ॐ');
    expect(await states()).toEqual(['open', 'open', 'open']);
  });

  it('is open again where undo makes something undecided in it, and is reviewed once more', async () => {
    const { editor, uri } = await startWith('a.conll', 'Ana _\nruns _\n\n');
    const review = () => editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    const state = async () => (await editor.client.labels(uri, 0, 5)).sentences[0]!.state;
    await review();
    await editor.type(uri, { start: at(1, 5), end: at(1, 6) }, '_');
    await editor.type(uri, { start: at(0, 4), end: at(0, 5) }, '_');
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'review', 'typed']);
    // The line counts once it is synced, which is after it can be read.
    await expect.poll(state, { timeout: 5000 }).toBe('open');
    const here = { uri, position: at(0, 0), direction: 1, here: true };
    expect(await editor.client.request('crosstag/openSentence', here)).toEqual({ start: at(0, 0), end: at(0, 3) });
    await review();
    expect([tags(editor.text(uri)), await state()]).toEqual(['O O', 'reviewed']);
    await editor.label('relabel', { uri, range: lines(0, 0), label: '_' });
    expect(await state()).toBe('open');
  });

  it('of raw text stays reviewed where a later label of it is undone', async () => {
    const { editor, uri } = await startWith('a.txt', 'Como fazia em Madri.\n', 'plaintext');
    await editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    await editor.label('relabel', { uri, range: { start: at(0, 14), end: at(0, 19) }, label: 'LOC' });
    await editor.type(editor.client.uri('a.ann'), lines(0, 1), '');
    await expect.poll(actions, { timeout: 5000 }).toContain('typed');
    expect((await journal()).at(-1)).toMatchObject({ before: ['B-LOC'], after: ['O'] });
    expect((await editor.client.labels(uri, 0, 5)).sentences).toMatchObject([{ state: 'reviewed' }]);
  });

  it('of raw text is searched with what was rejected in it', async () => {
    const { editor, uri } = await startWith('a.txt', 'Como fazia em Madri.\n', 'plaintext');
    await editor.label('relabel', { uri, range: { start: at(0, 0), end: at(0, 10) }, label: null });
    const search = async (query: string) => {
      const { hits } = await editor.client.request<Hits>('crosstag/search', { uri, query, scope: 'file' });
      return hits.map(({ words }) => words);
    };
    expect(await search('label:O')).toEqual(['Como', 'fazia']);
    expect(await search('label:_')).toEqual(['em', 'Madri', '.']);
  });

  it('of raw text keeps its own history where another one with the same words is deleted', async () => {
    const { editor, uri } = await startWith('a.txt', 'Ana corre.\nAna corre.\nFim.\n', 'plaintext');
    await editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    await editor.label('relabel', { uri, range: { start: at(1, 0), end: at(1, 3) }, label: 'PER' });
    await editor.type(uri, lines(0, 1), '');
    await expect.poll(actions, { timeout: 5000 }).toContain('carried');
    const { labels, sentences } = await editor.client.labels(uri, 0, 5);
    expect(labels.map(({ label, origin }) => [label, origin])).toEqual([['PER', 'human']]);
    expect(sentences.map(({ state }) => state)).toEqual(['open', 'open']);
    expect(await actions()).not.toContain('typed');
  });

  it('that another program took labels out of can be reviewed once more', async () => {
    const { editor, uri } = await startWith('a.conll', 'Ana _\nruns _\n\n');
    const review = () => editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    await review();
    await editor.save(uri);
    await expect.poll(actions, { timeout: 5000 }).toContain('saved');
    await writeFile(fileIn('a.conll'), 'Ana _\nruns O\n\n');
    await editor.type(uri, { start: at(0, 4), end: at(0, 5) }, '_');
    await expect.poll(() => editor.messages.length, { timeout: 5000 }).toBe(1);
    await review();
    expect(tags(editor.text(uri))).toBe('O O');
  });

  it('with a word that has no part of speech is not reviewed yet', async () => {
    const row = (id: number, form: string, upos: string) => `${id}\t${form}\t_\t${upos}\t_\t_\t_\t_\t_\t_\n`;
    const { editor, uri } = await startWith('a.conllu', `${row(1, 'Dafa', '_')}${row(2, 'dem', 'VERB')}\n`, 'conllu');
    const review = () => editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    await expect(review()).rejects.toThrow('a part of speech for each word; Dafa has none yet');
    await editor.label('relabel', { uri, range: { start: at(0, 3), end: at(0, 3) }, label: 'AUX' });
    await review();
    expect((await editor.client.labels(uri, 0, 5)).sentences).toMatchObject([{ state: 'reviewed' }]);
  });

  it('of raw text can be "reviewed, nothing here": only the journal says so', async () => {
    const { editor, uri } = await startWith('a.txt', 'የአዲስ አበባ ከተማ ውብ ናት።\n', 'plaintext');
    await editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    expect((await editor.client.labels(uri, 0, 5)).sentences).toMatchObject([{ state: 'reviewed' }]);
    expect(existsSync(fileIn('a.ann'))).toBe(false);
    const next = await editor.client.request('crosstag/openSentence', { uri, position: at(0, 0), direction: -1 });
    expect(next).toBeNull();
  });
});

describe('after a crash', () => {
  it('labels that were not saved are given back, once, with one message', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(5, 5), label: 'ORG' });
    await editor.save(uri);
    await expect.poll(actions, { timeout: 5000 }).toContain('saved');
    await editor.label('relabel', { uri, range: { start: at(0, 0), end: at(1, 1) }, label: 'LOC' });
    await editor.label('relabel', { uri, range: lines(8, 8), label: 'PER' });
    await editor.label('relabel', { uri, range: lines(8, 8), label: '_' });
    const lost = editor.text(uri);
    await editor.kill();
    for (let again = 0; again < 2; again++) {
      const next = await start();
      const opened = await next.open('a.conll');
      await expect.poll(() => next.text(opened), { timeout: 5000 }).toBe(lost);
      await expect
        .poll(() => next.messages)
        .toEqual([
          'a.conll: the labels of 1 sentence had not been saved when the last session ended; they are back, and undo takes them out again',
        ]);
      const { labels } = await next.client.labels(opened, 0, 20);
      expect(labels.map(({ origin }) => origin)).toEqual(['human', 'human']);
      await next.kill();
    }
    expect((await actions()).filter((action) => action === 'typed')).toEqual([]);
  });

  it('labels of raw text are given back too', async () => {
    const { editor, uri } = await startWith('a.txt', 'የአዲስ አበባ ከተማ 😀 ውብ ናት። Nairobi too.\n', 'plaintext');
    await editor.label('relabel', { uri, range: { start: at(0, 0), end: at(0, 8) }, label: 'LOC' });
    await editor.kill();
    const next = await start();
    await next.open('a.txt', 'plaintext');
    const ann = next.client.uri('a.ann');
    await expect.poll(() => next.messages.length, { timeout: 5000 }).toBe(1);
    expect(next.text(ann)).toBe('T1\tLOC 0 8\tየአዲስ አበባ\n');
  });

  it('an `O` of raw text that is given back stays one: brat has none', async () => {
    const { editor, uri } = await startWith('a.txt', 'Como fazia em Madri.\n', 'plaintext');
    const range = { start: at(0, 14), end: at(0, 19) };
    await editor.label('relabel', { uri, range, label: 'LOC' });
    await editor.save(editor.client.uri('a.ann'));
    await expect.poll(actions).toContain('saved');
    await editor.label('relabel', { uri, range, label: null });
    await editor.kill();
    const next = await start();
    await next.open('a.txt', 'plaintext');
    await expect.poll(() => next.messages).toHaveLength(1);
    await next.save(next.client.uri('a.ann'));
    await expect.poll(actions).toEqual(['opened', 'label', 'saved', 'label', 'saved']);
  });

  it('labels that came while the file was being saved are given back', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(5, 5), label: 'ORG' });
    await editor.save(uri);
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    const lost = editor.text(uri);
    await expect.poll(actions, { timeout: 5000 }).toContain('saved');
    await editor.kill();
    const next = await start();
    const opened = await next.open('a.conll');
    await expect.poll(() => next.text(opened), { timeout: 5000 }).toBe(lost);
  });

  it('words that somebody split and closed without saving stay as they were', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await structure(editor, uri, 'splitToken', at(1, 2));
    await editor.close(uri);
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'structure', 'dropped']);
    await editor.kill();
    const next = await start();
    const opened = await next.open('a.conll');
    await next.client.labels(opened, 0, 20);
    expect([next.text(opened), next.asked]).toEqual([TEXT, []]);
  });

  it('words that were split come back split, with the labels of what came of them', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: { start: at(0, 0), end: at(1, 1) }, label: 'LOC' });
    await structure(editor, uri, 'splitToken', at(1, 2));
    // One of the two is about the last sentence, which had the same words.
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'label', 'structure', 'carried', 'carried']);
    await editor.client.labelsWhen(uri, 0, 3, ({ labels }) => labels[0]!.origin === 'human');
    await editor.label('relabel', { uri, range: lines(3, 3), label: null });
    const lost = editor.text(uri);
    expect(lost).toMatch(/^አዲስ B-LOC\nአበ I-LOC\nባ I-LOC\nውብ O\n/);
    await editor.kill();
    const next = await start();
    const opened = await next.open('a.conll');
    await expect.poll(() => next.text(opened), { timeout: 5000 }).toBe(lost);
  });

  it('labels that wait unsaved in another window are not given to this one', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    const other = await start();
    const opened = await other.open('a.conll');
    await other.label('relabel', { uri: opened, range: lines(8, 8), label: 'PER' });
    expect(tags(other.text(opened))).toBe('_ _ _ _ B-LOC O B-PER _ _ _');
    expect([other.messages, other.asked]).toEqual([[], []]);
    expect((await actions()).filter((action) => action === 'label')).toHaveLength(2);
  });

  it('labels that somebody closed without saving stay away', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    await editor.close(uri);
    await expect.poll(actions, { timeout: 5000 }).toEqual(['opened', 'label', 'dropped']);
    const again = await editor.open('a.conll');
    expect((await editor.client.labels(again, 0, 20)).labels.map(({ origin }) => origin)).toEqual(['file']);
    expect(editor.messages).toEqual([]);
  });
});

it('a damaged journal is one message, and labelling goes on', async () => {
  await mkdir(fileIn('.crosstag', 'journal'), { recursive: true });
  await writeFile(journalPath(), '<<<<<<< HEAD\n{"v":1,"id":"cut');
  const { editor, uri } = await startWith('a.conll', TEXT);
  await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
  expect(editor.messages).toEqual([
    `${journalPath()}:1:1: git has left a conflict marker; the lines of both sides are used; delete the marker`,
    `${journalPath()}:2:1: the line is cut off or damaged; the others are used; delete it, or restore the file from a copy`,
  ]);
  expect(await readFile(journalPath(), 'utf8')).toMatch(/^<<<<<<< HEAD\n\{"v":1,"id":"cut\n\{"v":1/);
});
