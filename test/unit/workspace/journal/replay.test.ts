import { describe, expect, it } from 'vitest';
import { contentHash, isAnnotated, parseDocument } from '../../../../server/text/index.ts';
import { type JournalEntry, type LabelEntry, replay } from '../../../../server/workspace/journal/index.ts';

const WORDS = ['አዲስ', 'አበባ', '😀'];
const COLUMNS = `${WORDS.map((word) => `${word} _\n`).join('')}\n`;

let counter = 0;

function line(more: Partial<LabelEntry>): LabelEntry {
  const number = counter++;
  return {
    ...{ v: 1, id: `${number}`, at: `2026-11-26T00:00:00.${String(number).padStart(3, '0')}Z`, by: 'Ana' },
    ...{ action: 'label', file: 'a', sentence: contentHash(WORDS), nth: 0, start: 0, before: [], after: [] },
    ...more,
  };
}

const columns = () => parseDocument(COLUMNS, { format: 'conll', task: 'ner' });

describe('replaying', () => {
  it('follows the order of time, whatever order lines come in', () => {
    const first = line({ before: ['_', '_'], after: ['B-PER', 'I-PER'] });
    const second = line({ before: ['B-PER', 'I-PER'], after: ['B-LOC', 'I-LOC'], by: 'Ben' });
    for (const lines of [
      [first, second],
      [second, first],
    ]) {
      const document = columns();
      expect(replay(new Map([['a', document]]), lines)).toEqual({ missing: [], conflicts: [] });
      expect(document.text).toBe('አዲስ B-LOC\nአበባ I-LOC\n😀 _\n\n');
    }
  });

  it('does not guess where annotators disagree: the file keeps what it has there', () => {
    const document = columns();
    const { conflicts } = replay(new Map([['a', document]]), [
      line({ before: ['_', '_'], after: ['B-PER', 'I-PER'] }),
      line({ before: ['_'], after: ['B-ORG'], by: 'Ben' }),
      line({ before: ['_'], after: ['O'], start: 2 }),
    ]);
    expect(document.text).toBe('አዲስ _\nአበባ _\n😀 O\n\n');
    expect(conflicts).toMatchObject([{ start: 0, end: 2, address: { file: 'a', nth: 0 } }]);
    expect(conflicts[0]!.choices.map(({ tags }) => tags)).toEqual([
      ['B-PER', 'I-PER'],
      ['B-ORG', undefined],
    ]);
  });

  it('says of all lines of a file that is gone that they are missing, however many they are', () => {
    const lines = new Array<JournalEntry>(200_000).fill(line({}));
    expect(replay(new Map(), lines).missing).toHaveLength(200_000);
  });

  it('splits words where they were split, and labels what came of it', () => {
    const document = columns();
    const { id, at, by, file, sentence, nth } = line({});
    const words = ['አዲስ', 'አበ', 'ባ', '😀'];
    const text = 'አዲስ B-LOC\nአበ I-LOC\nባ I-LOC\n😀 _\n\n';
    const split: JournalEntry = {
      ...{ v: 1, id, at, by, file, sentence, nth, action: 'structure' },
      ...{ source: 'አዲስ B-LOC\nአበባ I-LOC\n😀 _\n\n', text },
    };
    const before = line({ before: ['_', '_'], after: ['B-LOC', 'I-LOC'], at: '2026-01-01T00:00:00.000Z' });
    const after = line({ sentence: contentHash(words), start: 3, before: ['_'], after: ['O'] });
    expect(replay(new Map([['a', document]]), [after, split, before]).missing).toEqual([]);
    expect(document.text).toBe(text.replace('_', 'O'));
    expect(replay(new Map([['a', columns()]]), [split]).missing).toEqual([split]);
  });

  it('leaves words that were split and undone as they were, with the labels that came before and after', () => {
    const document = columns();
    const [whole, split] = ['አዲስ B-LOC\nአበባ I-LOC\n😀 _\n\n', 'አዲስ B-LOC\nአበ I-LOC\nባ I-LOC\n😀 _\n\n'];
    const structure = (words: string[], source: string, text: string): JournalEntry => {
      const { id, at, by, file, nth } = line({});
      return { v: 1, id, at, by, file, nth, action: 'structure', sentence: contentHash(words), source, text };
    };
    const words = ['አዲስ', 'አበ', 'ባ', '😀'];
    const lines = [
      line({ before: ['_', '_'], after: ['B-LOC', 'I-LOC'] }),
      structure(WORDS, whole, split),
      line({ sentence: contentHash(words), start: 3, before: ['_'], after: ['B-PER'] }),
      line({ sentence: contentHash(words), start: 3, before: ['B-PER'], after: ['_'], action: 'typed' }),
      structure(words, split, whole),
      line({ start: 2, before: ['_'], after: ['O'] }),
    ];
    expect(replay(new Map([['a', document]]), lines).missing).toEqual([]);
    expect(document.text).toBe(whole.replace('_', 'O'));
  });

  it('follows sentences with the same words, of which one has gone', () => {
    const document = columns();
    const moved: Partial<LabelEntry> = { action: 'carried', before: ['B-LOC'], after: ['B-LOC'] };
    const lines = [
      line({ before: ['_', '_'], after: ['B-PER', 'I-PER'], by: 'Ben' }),
      line({ nth: 1, before: ['_'], after: ['B-LOC'] }),
      line({ ...moved, reviewed: false }),
      line({ ...moved, start: 2 }),
      line({ nth: 1, action: 'carried', reviewed: false }),
    ];
    expect(replay(new Map([['a', document]]), lines)).toEqual({ missing: [], conflicts: [] });
    expect(document.text).toBe('አዲስ B-LOC\nአበባ _\n😀 B-LOC\n\n');
  });

  it('gives raw text its annotations', () => {
    const text = 'አዲስ አበባ 😀\n';
    const document = parseDocument(text, { format: 'txt', annotations: '', outside: null });
    replay(new Map([['a', document]]), [line({ before: ['_', '_'], after: ['B-LOC', 'I-LOC'] })]);
    expect(isAnnotated(document) && document.annotations).toBe('T1\tLOC 0 7\tአዲስ አበባ\n');
  });

  it('reports lines about sentences and files that are not there', () => {
    const lines = [line({ file: 'gone' }), line({ nth: 1, before: ['_'], after: ['O'] })];
    expect(replay(new Map([['a', columns()]]), lines).missing).toEqual(lines);
  });
});
