// What the keys of the editor ask the server: label of a key, ends of an entity, the next open sentence.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Range, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { LabelsResult, ResizeResult } from '../../server/protocol.ts';
import { at, Client, lines } from './client.ts';

let client: Client;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-keyboard-'));
  client = await Client.start({ folder });
});

afterAll(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

/** The text after an edit that was made for it. */
function applied(text: string, edit: WorkspaceEdit): string {
  const [change] = edit.documentChanges as TextDocumentEdit[];
  const rows = text.split('\n');
  for (const one of change?.edits ?? []) {
    if (!('newText' in one)) throw new Error('an edit without text');
    const { start, end } = one.range;
    const row = rows[start.line]!;
    rows[start.line] = row.slice(0, start.character) + one.newText + row.slice(end.character);
  }
  return rows.join('\n');
}

describe('the keys of labels', () => {
  const keys = (uri: string) => client.request<string[]>('crosstag/labelKeys', { uri });

  it('are in the order of frequency, which later files do not change', async () => {
    const first = await client.open('first.conll', 'अ B-LOC\nब B-PER\n\nक B-LOC\n\n');
    const known = ['LOC', 'PER', 'ORG', 'MISC'];
    expect(await keys(first)).toEqual(known);
    const second = await client.open('second.conll', 'ሀ B-DATE\nለ B-DATE\n\nመ B-PER\nሰ B-PER\nረ B-PER\n\n');
    expect(await keys(second)).toEqual([...known, 'DATE']);
    expect(await keys(first)).toEqual([...known, 'DATE']);
  });

  it('are of the task of the document', async () => {
    const row = (id: number, word: string, tag: string) => `${id}\t${word}\t_\t${tag}\t_\t_\t0\troot\t_\t_\n`;
    const uri = await client.open('pos.conllu', `${row(1, 'በሶ', 'NOUN')}${row(2, 'በላ', 'VERB')}\n`, 'conllu');
    const order = await keys(uri);
    expect(order.slice(0, 2).toSorted()).toEqual(['NOUN', 'VERB']);
    expect(order).toContain('ADJ');
    expect(order).not.toContain('PER');
  });

  it('begin with those that crosstag.json names, which are offered though nobody has used them', async () => {
    const project = await mkdtemp(join(tmpdir(), 'crosstag-labels-'));
    const own = { task: 'ner', labels: ['CLAN', 'PER'], languages: [{ language: 'am', documents: ['.'] }] };
    await writeFile(join(project, 'crosstag.json'), JSON.stringify(own));
    const other = await Client.start({ folder: project });
    try {
      const uri = await other.open('clans.conll', 'ሀ B-LOC\nለ _\n\n');
      const places = { uri, range: lines(1, 1), position: at(1, 0) };
      expect(await other.request('crosstag/labelKeys', places)).toEqual(['CLAN', 'PER', 'LOC', 'ORG', 'MISC']);
      const { choices } = await other.request<{ choices: { label: string }[] }>('crosstag/labelChoices', places);
      expect(choices.map(({ label }) => label)).toEqual(['CLAN', 'PER', 'LOC', 'ORG', 'MISC', null]);
      const pos = `1\tበሶ\t_\tNOUN\t_\t_\t0\troot\t_\t_\n\n`;
      const words = await other.open('words.conllu', pos, 'conllu');
      expect(await other.request('crosstag/labelKeys', { ...places, uri: words })).not.toContain('CLAN');
    } finally {
      await other.stop();
      await rm(project, { recursive: true });
    }
  });
});

describe('a label that nobody has used', () => {
  const problem = (uri: string, label: string) =>
    client.request<string | null>('crosstag/labelProblem', { uri, range: lines(0, 0), label });

  it('is written as it is typed', async () => {
    const text = 'अ _\nब _\n\n';
    const uri = await client.open('clan.conll', text);
    expect(await problem(uri, 'CLAN')).toBeNull();
    const edit = await client.request<WorkspaceEdit>('crosstag/relabel', {
      ...{ uri, range: { start: at(0, 0), end: at(1, 1) }, label: 'जाति' },
    });
    expect(applied(text, edit)).toBe('अ B-जाति\nब I-जाति\n\n');
  });

  it.each(['', ' ', 'two words', 'B-PER', 'E-X', 'O'])(
    'is refused where it could not be read again: %j',
    async (label) => {
      const uri = await client.open('refused.conll', 'अ _\n\n');
      expect(await problem(uri, label)).toContain('this cannot be a label: write one word');
      await expect(client.request('crosstag/relabel', { uri, range: lines(0, 0), label })).rejects.toThrow(
        'this cannot be a label',
      );
    },
  );

  it('is not refused where the file has it already', async () => {
    const uri = await client.open('odd.conll', 'अ B-B-PER\nब _\n\n');
    expect(await problem(uri, 'B-PER')).toBeNull();
  });
});

describe('the ends of an entity', () => {
  const TEXT = 'جامعة B-ORG\nالأزهر I-ORG\nفي O\nمصر B-LOC\n👩‍🏫 _\n\n';
  let count = 0;

  async function resize(row: number, end: 'start' | 'end', by: 1 | -1, text = TEXT) {
    const uri = await client.open(`resize${++count}.conll`, text);
    const result = await client.request<ResizeResult>('crosstag/resize', {
      ...{ uri, range: lines(row, row), end, by },
    });
    if ('refused' in result) return result.refused;
    const tags = applied(text, result.edit)
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1]);
    return { tags, range: result.range };
  }

  it('take in the token beside them', async () => {
    expect(await resize(0, 'end', 1)).toEqual({
      ...{ tags: ['B-ORG', 'I-ORG', 'I-ORG', 'B-LOC', '_'], range: { start: at(0, 0), end: at(2, 2) } },
    });
    expect(await resize(3, 'start', -1)).toEqual({
      ...{ tags: ['B-ORG', 'I-ORG', 'B-LOC', 'I-LOC', '_'], range: { start: at(2, 0), end: at(3, 3) } },
    });
  });

  it('take it from another entity, and from nobody', async () => {
    const text = 'a B-X\nb B-Y\nc I-Y\nd _\n\n';
    expect(await resize(0, 'end', 1, text)).toMatchObject({ tags: ['B-X', 'I-X', 'B-Y', '_'] });
    expect(await resize(1, 'end', 1, text)).toMatchObject({ tags: ['B-X', 'B-Y', 'I-Y', 'I-Y'] });
  });

  it('give their token back as no entity', async () => {
    expect(await resize(1, 'start', 1)).toMatchObject({ tags: ['O', 'B-ORG', 'O', 'B-LOC', '_'] });
    expect(await resize(1, 'end', -1)).toMatchObject({ tags: ['B-ORG', 'O', 'O', 'B-LOC', '_'] });
  });

  it('stay where they are at the ends of the sentence, in one token, and without an entity', async () => {
    expect(await resize(0, 'start', -1)).toMatch(/end of its sentence/);
    expect(await resize(3, 'end', -1)).toMatch(/one token long/);
    expect(await resize(4, 'end', 1)).toMatch(/no entity at the cursor/);
  });
});

describe('the next open sentence', () => {
  it('is found in both directions', async () => {
    const uri = await client.open('open.conll', 'a _\n\nb O\n\nc O\nd _\n\ne B-PER\n\n');
    const go = (line: number, direction: 1 | -1) =>
      client.request<Range | null>('crosstag/openSentence', { uri, position: at(line, 0), direction });
    expect(await go(0, 1)).toEqual({ start: at(5, 0), end: at(5, 1) });
    expect(await go(5, 1)).toBeNull();
    expect(await go(8, -1)).toEqual({ start: at(5, 0), end: at(5, 1) });
    expect(await go(4, -1)).toEqual({ start: at(0, 0), end: at(0, 1) });
  });
});

it('a reviewed sentence keeps legal tags where the middle of an entity was undecided', async () => {
  const review = async (text: string) => {
    const uri = await client.open(`middle-${text.length}.conll`, text);
    const edit = await client.request<WorkspaceEdit>('crosstag/review', { uri, range: lines(0, 0), reviewed: true });
    return applied(text, edit);
  };
  expect(await review('አዲስ B-LOC\nአበባ _\nከተማ I-LOC\n\n')).toBe('አዲስ B-LOC\nአበባ O\nከተማ B-LOC\n\n');
  const rest = 'ሐና S-PER\n\nጎንደር B-LOC\nከተማ E-LOC\n\n';
  const cut = 'አዲስ B-LOC\nአበባ _\nውብ _\nከተማ E-LOC\nነች _\n\n';
  expect(await review(cut + rest)).toBe(`አዲስ S-LOC\nአበባ O\nውብ O\nከተማ S-LOC\nነች O\n\n${rest}`);
});

describe('a selection', () => {
  const ROW = 'ሐና _\nመጣች _\n\n';

  it('that ends where the next sentence begins leaves that alone', async () => {
    const uri = await client.open('selected.conll', ROW.repeat(3));
    const edit = await client.request<WorkspaceEdit>('crosstag/review', { uri, range: lines(0, 3), reviewed: true });
    expect(applied(ROW.repeat(3), edit)).toBe(ROW.replaceAll('_', 'O') + ROW.repeat(2));
  });

  it('that begins behind a word leaves that alone', async () => {
    const text = 'He lives in Addis Ababa .\n';
    const uri = await client.open('behind.txt', text, 'plaintext');
    const range = { start: at(0, 'He lives in'.length), end: at(0, 'He lives in Addis'.length) };
    const edit = await client.request<WorkspaceEdit>('crosstag/relabel', { uri, range, label: 'LOC' });
    expect(JSON.stringify(edit)).toContain('T1\\tLOC 12 17\\tAddis\\n');
    const columns = await client.open('behind.conll', 'in _\nAddis _\nAbaba _\n\n');
    const rows = { start: at(0, 4), end: at(1, 7) };
    const labelled = await client.request<WorkspaceEdit>('crosstag/relabel', {
      ...{ uri: columns, range: rows, label: 'LOC' },
    });
    expect(applied('in _\nAddis _\nAbaba _\n\n', labelled)).toBe('in _\nAddis B-LOC\nAbaba _\n\n');
  });

  it('of further cursors is labelled in the same edit', async () => {
    const uri = await client.open('cursors.conll', ROW.repeat(3));
    const range = { start: at(0, 1), end: at(0, 1) };
    const others = [3, 6].map((line) => ({ start: at(line, 1), end: at(line, 1) }));
    const edit = await client.request<WorkspaceEdit>('crosstag/relabel', { uri, range, others, label: 'PER' });
    expect(applied(ROW.repeat(3), edit)).toBe(ROW.repeat(3).replaceAll('ሐና _', 'ሐና B-PER'));
    const reviewed = await client.request<WorkspaceEdit>('crosstag/review', { uri, range, others, reviewed: true });
    expect(applied(ROW.repeat(3), reviewed)).toBe(ROW.repeat(3).replaceAll('_', 'O'));
  });
});

it('the labels of the visible lines are there however many sentences stand around them', async () => {
  const article = `${'Ana vive. '.repeat(30)}\n`;
  await writeFile(join(folder, 'articles.txt'), article.repeat(120));
  const { length } = article;
  const entities = Array.from({ length: 120 }, (_, i) => `T${i + 1}\tPER ${i * length} ${i * length + 3}\tAna\n`);
  await writeFile(join(folder, 'articles.ann'), entities.join(''));
  const uri = await client.open('articles.txt', article.repeat(120), 'plaintext');
  const range = { start: at(60, 0), end: at(70, 300) };
  const { labels } = await client.request<LabelsResult>('crosstag/labels', { uri, range, margin: 40 });
  const shown = labels.map((label) => label.range.start.line);
  expect(shown).toEqual(expect.arrayContaining(Array.from({ length: 11 }, (_, i) => 60 + i)));
  expect(shown.length).toBeLessThan(40);
});
