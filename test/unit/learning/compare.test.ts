import { describe, expect, it } from 'vitest';
import { compare } from '../../../server/learning/compare.ts';

/** So many sentences of a name, of which a model finds the first few. */
const sentences = (count: number) => Array.from({ length: count }, () => ['B-PER', 'O']);
const finding = (count: number, found: number) =>
  Array.from({ length: count }, (_, i) => (i < found ? ['B-PER', 'O'] : ['O', 'O']));

describe('the comparison of two models', () => {
  it('takes a model that says the same, and one that is better', () => {
    const gold = sentences(20);
    expect(compare(gold, finding(20, 10), finding(20, 10), 'ner')).toMatchObject({ worse: 0, accepted: true });
    const better = compare(gold, finding(20, 10), finding(20, 15), 'ner');
    expect(better).toMatchObject({ worse: 0, accepted: true });
    expect(better.new).toBeCloseTo((200 * 15) / 35, 10);
    expect(better.interval[0]).toBeGreaterThan(0);
  });

  it('rejects one that is clearly worse', () => {
    const worse = compare(sentences(50), finding(50, 40), finding(50, 30), 'ner');
    expect(worse.worse).toBeGreaterThan(0.99);
    expect(worse.accepted).toBe(false);
    expect(worse.interval[1]).toBeLessThan(0);
  });

  it('does not take chance for a difference', () => {
    // Four sentences get worse, three better, of a hundred.
    const gold = sentences(100);
    const old = gold.map((tags, i) => (i < 3 ? ['O', 'O'] : tags));
    const fresh = gold.map((tags, i) => (i >= 3 && i < 7 ? ['O', 'O'] : tags));
    const { worse, accepted } = compare(gold, old, fresh, 'ner');
    expect(worse).toBeGreaterThan(0.5);
    expect(worse).toBeLessThan(0.8);
    expect(accepted).toBe(true);
  });

  it('counts what is undecided for nobody', () => {
    const gold = [['B-PER', undefined, undefined]];
    const same = compare(gold, [['B-PER', 'O', 'B-LOC']], [['B-PER', 'B-LOC', 'O']], 'ner');
    expect(same).toMatchObject({ old: 100, new: 100, accepted: true });
  });

  it('is of accuracies for parts of speech', () => {
    const gold = [['NOUN', 'VERB', undefined, 'ADJ']];
    const result = compare(gold, [['NOUN', 'VERB', 'X', 'X']], [['NOUN', 'X', 'X', 'X']], 'pos');
    expect(result.old).toBeCloseTo(66.67, 1);
    expect(result.new).toBeCloseTo(33.33, 1);
    expect(result.accepted).toBe(false);
  });

  it('gives the same answer for the same seed', () => {
    const ask = (seed: number) => compare(sentences(30), finding(30, 12), finding(30, 11), 'ner', seed);
    expect(ask(1)).toEqual(ask(1));
  });
});
