// What the keys of the editor ask the server: label of a key, ends of an entity, the next open sentence.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Range, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { ResizeResult } from '../../server/protocol.ts';
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
    expect(await keys(first)).toEqual(['LOC', 'PER']);
    const second = await client.open('second.conll', 'ሀ B-DATE\nለ B-DATE\n\nመ B-PER\nሰ B-PER\nረ B-PER\n\n');
    expect(await keys(second)).toEqual(['LOC', 'PER', 'DATE']);
    expect(await keys(first)).toEqual(['LOC', 'PER', 'DATE']);
  });

  it('are of the task of the document', async () => {
    const row = (id: number, word: string, tag: string) => `${id}\t${word}\t_\t${tag}\t_\t_\t0\troot\t_\t_\n`;
    const uri = await client.open('pos.conllu', `${row(1, 'በሶ', 'NOUN')}${row(2, 'በላ', 'VERB')}\n`, 'conllu');
    expect((await keys(uri)).toSorted()).toEqual(['NOUN', 'VERB']);
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
