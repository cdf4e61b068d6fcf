import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concatenatedTags,
  cutTags,
  illegalTags,
  joinedTags,
  type Scheme,
  spansOf,
  splitTag,
  tagsOf,
} from '../../../server/tags/index.ts';

describe('the tags of a token that is split', () => {
  it('go on over both parts', () => {
    expect(splitTag('B-PER', 'bio')).toEqual(['B-PER', 'I-PER']);
    expect(splitTag('S-PER', 'bioes')).toEqual(['B-PER', 'E-PER']);
    expect(splitTag('E-PER', 'bioes')).toEqual(['I-PER', 'E-PER']);
    expect(splitTag('O', 'bio')).toEqual(['O', 'O']);
    expect(splitTag(undefined, 'bio')).toEqual([undefined, undefined]);
  });

  it('leave the second part of a part of speech undecided', () => {
    expect(splitTag('NOUN', 'pos')).toEqual(['NOUN', undefined]);
  });
});

describe('the tags of tokens that are joined', () => {
  it('give the token to the first span; others keep what they have outside it', () => {
    expect(joinedTags(['B-PER', 'B-LOC', 'I-LOC'], 0, 2, 'bio')).toEqual(['B-PER', 'B-LOC']);
    expect(joinedTags(['O', 'B-LOC', 'I-LOC'], 0, 2, 'bio')).toEqual(['B-LOC', 'I-LOC']);
    expect(joinedTags(['B-LOC', 'I-LOC', 'O', 'O'], 1, 3, 'bio')).toEqual(['B-LOC', 'I-LOC', 'O']);
    expect(joinedTags(['B-PER', 'E-PER', 'B-LOC', 'I-LOC', 'E-LOC'], 1, 3, 'bioes')).toEqual([
      ...['B-PER', 'E-PER', 'B-LOC', 'E-LOC'],
    ]);
  });

  it('stay undecided where one of them is and none is labelled', () => {
    expect(joinedTags(['O', undefined, 'O'], 0, 2, 'bio')).toEqual([undefined, 'O']);
    expect(joinedTags(['O', 'O'], 0, 2, 'bio')).toEqual(['O']);
    expect(joinedTags([undefined, 'NOUN', 'VERB'], 0, 3, 'pos')).toEqual(['NOUN']);
  });
});

const LABELLED = fc
  .array(fc.tuple(fc.constantFrom('PER', 'LOC', ''), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 5 })
  .map((parts) => {
    let at = 0;
    const spans = parts.flatMap(([label, length]) => {
      at += length;
      return label === '' ? [] : [{ start: at - length, end: at, label }];
    });
    return { spans, length: at };
  });

describe.each(['iob1', 'bio', 'bioes'] as Scheme[])('in %s', (scheme) => {
  it('split then join changes nothing, and all tags stay legal', () => {
    fc.assert(
      fc.property(LABELLED, fc.nat(), fc.nat(), ({ spans, length }, a, b) => {
        const tags = tagsOf(spans, length, scheme);
        const at = a % length;
        const split = tags.toSpliced(at, 1, ...(splitTag(tags[at], scheme) as string[]));
        expect(illegalTags(split, scheme)).toEqual([]);
        expect(joinedTags(split, at, at + 2, scheme)).toEqual(tags);
        const end = Math.min(length, at + 1 + (b % 3));
        expect(illegalTags(joinedTags(tags, at, end, scheme), scheme)).toEqual([]);
        const [first, second] = cutTags(tags, at, scheme);
        expect([illegalTags(first, scheme), illegalTags(second, scheme)]).toEqual([[], []]);
        const back = concatenatedTags(first, second, scheme);
        expect(illegalTags(back, scheme)).toEqual([]);
        const cut = spans.flatMap(({ start, end: stop, label }) =>
          start < at && stop > at
            ? [
                { start, end: at, label },
                { start: at, end: stop, label },
              ]
            : [{ start, end: stop, label }],
        );
        expect(spansOf(back)).toEqual(cut);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
