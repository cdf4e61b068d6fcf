import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, formatConlleval } from '../../../server/tags/index.ts';
import { count } from './conlleval.ts';

const tags = fc.constantFrom('O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC');
const sides = fc
  .array(fc.array(fc.tuple(tags, tags), { maxLength: 12 }), { maxLength: 6 })
  .map(
    (sentences) =>
      [sentences.map((s) => s.map(([gold]) => gold)), sentences.map((s) => s.map(([, guess]) => guess))] as const,
  );

describe('evaluate', () => {
  it('counts broken sequences as the main loop of conlleval does', () => {
    fc.assert(
      fc.property(sides, ([gold, guessed]) => {
        const ours = evaluate(gold, guessed, 'ner');
        const theirs = count(gold, guessed);
        expect([ours.gold, ours.predicted, ours.correct]).toEqual([
          theirs.foundCorrect,
          theirs.foundGuessed,
          theirs.correctChunk,
        ]);
        expect(ours.tokens).toBe(theirs.tokenCounter);
        expect(ours.accuracy).toBe(theirs.tokenCounter > 0 ? (100 * theirs.correctTags) / theirs.tokenCounter : 0);
        const types = Object.values(ours.types);
        expect(types.reduce((sum, { correct }) => sum + correct, 0)).toBe(ours.correct);
        expect(ours.confusion.counts.flat().reduce((sum, n) => sum + n, 0)).toBe(ours.tokens);
      }),
      { numRuns: 300 },
    );
  });

  it('gives per type scores, accuracy and confusion', () => {
    const result = evaluate([['B-PER', 'I-PER', 'O', 'B-LOC']], [['B-PER', 'I-PER', 'B-LOC', 'B-PER']], 'ner');
    expect(result.types).toEqual({
      LOC: { precision: 0, recall: 0, f1: 0, gold: 1, predicted: 1, correct: 0 },
      PER: { precision: 50, recall: 100, f1: 200 / 3, gold: 1, predicted: 2, correct: 1 },
    });
    expect(result.accuracy).toBe(50);
    expect(result.confusion).toEqual({
      labels: ['O', 'LOC', 'PER'],
      counts: [
        [0, 1, 0],
        [0, 0, 1],
        [0, 0, 2],
      ],
    });
  });

  it('leaves out what gold has not decided', () => {
    const result = evaluate([['B-PER', undefined, 'O']], [['B-PER', 'B-LOC', 'O']], 'ner');
    expect([result.f1, result.accuracy, result.tokens, result.predicted]).toEqual([100, 100, 2, 1]);
  });

  it('scores POS by tokens', () => {
    const result = evaluate([['NOUN', 'VERB', 'NOUN', 'X']], [['NOUN', 'NOUN', 'NOUN', 'X']], 'pos');
    expect([result.accuracy, result.f1, result.types.NOUN?.precision]).toEqual([75, 75, 200 / 3]);
  });

  it('does not take a label for a property of objects', () => {
    const { types } = evaluate([['B-__proto__', 'B-constructor']], [['B-__proto__', 'O']], 'ner');
    expect(Object.keys(types).sort()).toEqual(['__proto__', 'constructor']);
    expect(Object.getOwnPropertyDescriptor(types, '__proto__')?.value).toMatchObject({ f1: 100 });
  });

  it('refuses sides that do not fit', () => {
    expect(() => evaluate([['O']], [], 'ner')).toThrow(RangeError);
    expect(() => evaluate([['O']], [['O', 'O']], 'ner')).toThrow(RangeError);
  });
});

describe('formatConlleval', () => {
  it('prints the table of conlleval', () => {
    const gold = [['B-PER', 'I-PER', 'O', 'B-LOC', 'O', 'O']];
    const guess = [['B-PER', 'I-PER', 'O', 'B-PER', 'O', 'B-MISC']];
    expect(formatConlleval(evaluate(gold, guess, 'ner'))).toBe(
      'processed 6 tokens with 2 phrases; found: 3 phrases; correct: 1.\n' +
        'accuracy:  66.67%; precision:  33.33%; recall:  50.00%; FB1:  40.00\n' +
        '              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  0\n' +
        '             MISC: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n' +
        '              PER: precision:  50.00%; recall: 100.00%; FB1:  66.67  2\n',
    );
  });

  it.each([
    [1, 32, '  3.12'], // 3.125
    [3, 32, '  9.38'], // 9.375
    [7, 32, ' 21.88'], // 21.875
    [5, 32, ' 15.62'], // 15.625
    [1, 3, ' 33.33'],
    [32, 32, '100.00'],
  ])('rounds %d of %d halves to even, as C does', (right, all, text) => {
    const gold = [Array<string>(all).fill('B-A')];
    const guess = [[...Array<string>(right).fill('B-A'), ...Array<string>(all - right).fill('B-B')]];
    expect(formatConlleval(evaluate(gold, guess, 'ner')).split('\n')[1]).toContain(`precision: ${text}%`);
  });

  it('prints nothing but counts for no tokens', () => {
    expect(formatConlleval(evaluate([], [], 'ner'))).toBe(
      'processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n',
    );
  });
});
