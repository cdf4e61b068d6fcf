import { describe, expect, it } from 'vitest';
import { agreement, alpha, disagreements, kappa } from '../../../server/tags/index.ts';

const split = (text: string) => [text.split(' ').map((tag) => (tag === '_' ? undefined : tag))];

describe("Cohen's kappa", () => {
  it('is that of his table', () => {
    // 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: kappa 0.4.
    const one = [...Array(25).fill('A'), ...Array(25).fill('O')];
    const other = [...Array(20).fill('A'), ...Array(5).fill('O'), ...Array(10).fill('A'), ...Array(15).fill('O')];
    expect(kappa([one], [other])).toBeCloseTo(0.4, 10);
    expect(kappa([[...one, 'A', undefined]], [[...other, undefined, 'O']])).toBeCloseTo(0.4, 10);
  });

  it('is whole where all is the same, and where there is nothing', () => {
    expect(kappa([['O', 'O']], [['O', 'O']])).toBe(1);
    expect(kappa([], [])).toBe(1);
  });

  it('is below 0 where annotators contradict each other', () => {
    expect(kappa([['A', 'O']], [['O', 'A']])).toBe(-1);
  });
});

describe("Krippendorff's alpha", () => {
  it('is that of his example with three observers and missing data', () => {
    // Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), as https://en.wikipedia.org/wiki/Krippendorff's_alpha
    // has it: nominal alpha 0.691.
    const annotations = [
      '_ _ _ _ _ 3 4 1 2 1 1 3 3 _ 3',
      '1 _ 2 1 3 3 4 3 _ _ _ _ _ _ _',
      '_ _ 2 1 3 4 4 _ 2 1 1 3 3 _ 4',
    ].map(split);
    expect(alpha(annotations)).toBeCloseTo(0.691, 3);
  });

  it('is whole where all is the same, and where there is nothing', () => {
    expect(alpha([[['O']], [['O']], [['O']]])).toBe(1);
    expect(alpha([[], []])).toBe(1);
  });
});

describe('agreement', () => {
  const ana = [...split('B-PER I-PER O B-LOC O'), ...split('O O')];
  const rui = [...split('B-PER I-PER O B-ORG I-ORG'), ...split('O O')];

  it('counts spans, and labels against all else, in any schemes', () => {
    const bioes = [...split('B-PER E-PER O B-ORG E-ORG'), ...split('O O')];
    const found = agreement([ana, bioes], 'ner');
    expect(found).toEqual(agreement([ana, rui], 'ner'));
    expect(found.f1).toBe(50);
    expect(found.tokens).toBe(7);
    expect(Object.keys(found.types)).toEqual(['LOC', 'ORG', 'PER']);
    expect(found.types.PER).toEqual({ kappa: 1, alpha: 1, f1: 100 });
    expect(found.types.LOC!.f1).toBe(0);
    expect(found.pairs[0]!.confusion.labels).toEqual(['O', 'LOC', 'ORG', 'PER']);
  });

  it('is the same whoever comes first, and leaves out what one has not decided', () => {
    const third = [...split('B-PER I-PER _ _ _'), ...split('O B-LOC')];
    const [one, other] = [agreement([ana, third], 'ner'), agreement([third, ana], 'ner')];
    expect(one.f1).toBe(other.f1);
    expect(one.kappa).toBe(other.kappa);
    expect(one.tokens).toBe(4);
    expect(one.f1).toBeCloseTo(66.667, 3);
    const three = agreement([ana, rui, third], 'ner');
    expect(three.pairs.map(({ one, other }) => [one, other])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(three.tokens).toBe(7);
    expect(three.f1).toBeCloseTo((50 + 200 / 3 + 200 / 3) / 3, 10);
  });

  it('leaves out pairs that share no token, and for a label those in which neither uses it', () => {
    const [first, both, last] = ['B-PER O O _ _ _', 'B-PER O B-LOC B-PER O B-LOC', '_ _ _ B-PER O O'].map(split);
    const found = agreement([first!, both!, last!], 'ner');
    const alone = agreement([first!, both!], 'ner');
    expect(found.f1).toBeCloseTo(200 / 3, 10);
    expect(found.kappa).toBeCloseTo(alone.kappa!, 10);
    expect(found.pairs.map(({ one, other }) => [one, other])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    const nothing = { kappa: undefined, alpha: undefined, f1: undefined };
    expect(agreement([first!, last!], 'ner')).toMatchObject({ ...nothing, tokens: 0, pairs: [] });
    expect(agreement([split('O O'), split('O O')], 'ner')).toMatchObject({ kappa: 1, alpha: 1, f1: undefined });
    const one = agreement([split('B-X O'), split('O O'), split('O O')], 'ner');
    expect(one.types.X!.kappa).toBe(0);
    expect(one.f1).toBe(0);
  });

  it('refuses other tokens', () => {
    expect(() => agreement([ana, split('O')], 'ner')).toThrow('two numbers of sentences');
    expect(() => kappa(split('O'), split('O O'))).toThrow('sentence 0 has two lengths');
  });
});

describe('disagreements', () => {
  it('hold the spans that overlap, and say who has decided nothing', () => {
    const one = split('B-PER I-PER O B-LOC O B-ORG');
    const other = split('B-PER O O B-LOC I-LOC B-ORG');
    const third = split('_ _ O B-LOC I-LOC _');
    const person = { label: 'PER', start: 0, end: 2 };
    const place = { label: 'LOC', start: 3, end: 5 };
    expect(disagreements([one, other, third], 'ner')).toEqual([
      { sentence: 0, start: 0, end: 2, spans: [[person], [{ ...person, end: 1 }], undefined] },
      { sentence: 0, start: 3, end: 5, spans: [[{ ...place, end: 4 }], [place], [place]] },
    ]);
    expect(disagreements([split('O B-X'), split('O O'), split('_ _')], 'ner')).toMatchObject([
      { start: 1, end: 2, spans: [[{ label: 'X' }], [], undefined] },
    ]);
  });

  it('are single tokens for parts of speech', () => {
    expect(disagreements([split('NOUN VERB _'), split('VERB NOUN X')], 'pos')).toMatchObject([
      { start: 0, end: 1, spans: [[{ label: 'NOUN' }], [{ label: 'VERB' }]] },
      { start: 1, end: 2 },
    ]);
  });
});
