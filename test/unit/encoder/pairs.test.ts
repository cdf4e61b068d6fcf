// Word lists: what is read, and what the messages say.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { parseWordList, readTranslations, readWordList, translationsOf } from '../../../server/encoder/pairs.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosstag-pairs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a word list', () => {
  it('is read with blanks, tabs, CRLF, byte order mark and blank lines', () => {
    const text = '\ufeffi Eg\r\ni\teg\r\n\n  house   ቤት \nwater ውሃ';
    expect(parseWordList(text, 'list.txt')).toEqual([
      { source: 'i', target: 'eg' },
      { source: 'house', target: 'ቤት' },
      { source: 'water', target: 'ውሃ' },
    ]);
  });

  it('keeps hashtags', () => {
    expect(parseWordList('#aaa #aaa\n', 'list.txt')).toEqual([{ source: '#aaa', target: '#aaa' }]);
  });

  it.each([
    ['\t', 'to eat\tkula\neat\tkula chakula\nhouse\tnyumba\n'],
    [';', 'to eat; kula\neat;kula chakula\r\nhouse ; nyumba\n'],
    [',', 'to eat, kula\neat,kula chakula\nhouse,nyumba'],
  ])('has %j between its words, where words of several parts are left out, which is told', (_, text) => {
    const told: string[] = [];
    expect(parseWordList(text, 'list.txt', (message) => told.push(message))).toEqual([
      { source: 'house', target: 'nyumba' },
    ]);
    expect(told).toEqual(['list.txt: 2 lines with several words on a side are left out']);
  });

  it('may have lines without a translation, comments and more columns, which is told', () => {
    const told: string[] = [];
    const text = '# Swadesh, 2019\neat\tkula\tv.\ndrink\t\nhouse\tnyumba\tn.\nwater\tmaji\nsun\tjua\t\n';
    expect(parseWordList(text, 'list.txt', (message) => told.push(message))).toHaveLength(4);
    expect(told).toEqual([
      'list.txt: 2 lines without a second column are left out',
      'list.txt: a word and its translation are read from the first two columns',
    ]);
    expect(parseWordList('eat,kula,v.\nhouse,nyumba,n.\n', 'list.txt')).toEqual([
      { source: 'eat', target: 'kula' },
      { source: 'house', target: 'nyumba' },
    ]);
  });

  it('may hold a comma and a semicolon as words', () => {
    expect(parseWordList(', ,\n; ;\n', 'list.txt')).toHaveLength(2);
    expect(parseWordList(', ،', 'list.txt')).toEqual([{ source: ',', target: '،' }]);
  });

  it('is read from gzip', async () => {
    const path = join(folder, 'list.txt.gz');
    writeFileSync(path, gzipSync('the el\nthe la\n'));
    expect([...translationsOf(await readWordList(path))]).toEqual([['the', ['el', 'la']]]);
  });

  it.each([
    ['one\n', '1:1: 1 word instead of 2; '],
    ['a b\n\n c d e\n', '3:2: 3 words instead of 2; '],
    ['to eat\tkula\n', ' the word list holds no pair of single words; '],
    ['eat kula\nto drink kunywa\neat;kula', '2:1: 3 words instead of 2; '],
    [' \n\n', ' the word list holds no pair of single words; '],
    ['', ' the word list holds no pair of single words; '],
  ])('%j is refused', (text, message) => {
    expect(() => parseWordList(text, 'list.txt')).toThrow(`list.txt:${message}`);
  });
});

it('is turned round where it begins with the language that is translated into', async () => {
  const list = join(folder, 'turned.txt');
  writeFileSync(list, 'ቤት house\nውሃ water\n');
  const pairs = [
    { source: 'house', target: 'ቤት' },
    { source: 'water', target: 'ውሃ' },
  ];
  expect(await readTranslations({ languages: ['am', 'en'], list }, 'am')).toEqual(pairs);
  expect(await readTranslations({ languages: ['en', 'am'], list }, 'en')).toEqual(pairs);
  expect((await readTranslations({ languages: ['am', 'en'], list }, 'en'))[0]).toEqual({
    source: 'ቤት',
    target: 'house',
  });
});

const dictionaries = '../shared/data/dict';
describe.skipIf(!existsSync(dictionaries))('real word lists', () => {
  it.each([
    ['muse/en-es.5000-6500.txt', 2975, 1500],
    ['muse/en-es.0-5000.txt', 11977, 5000],
    ['swadesh/en-sw.txt', undefined, 302],
  ])('%s', async (name, pairs, sources) => {
    const list = await readWordList(join(dictionaries, name));
    if (pairs !== undefined) expect(list).toHaveLength(pairs);
    expect(translationsOf(list).size).toBe(sources);
  });
});
