// What choosing asks of a sentence, on numbers that can be checked by hand.
import { describe, expect, it } from 'vitest';
import { doubts, isWorthAsking, measure, voteEntropies } from '../../../../server/learning/acquisition/index.ts';
import type { TaggedSentence } from '../../../../server/tagger/index.ts';

const TAGS = ['O', 'B-LOC', 'I-LOC'];

/** "in Addis Abeba ሰፈር": a span of probability 0.41, then a token that may be a name. */
const SENTENCE: TaggedSentence = {
  tags: ['O', 'B-LOC', 'I-LOC', 'O'],
  // biome-ignore format: a row a token
  marginals: Float32Array.of(
    1, 0, 0,
    0.5, 0.5, 0,
    0.25, 0.25, 0.5,
    0.8, 0.2, 0,
  ),
  logProbability: Math.log(0.3),
  spans: [{ start: 1, end: 3, label: 'LOC', score: 0.41 }],
  nbest: [],
};

describe('measure', () => {
  const measures = measure(SENTENCE, TAGS);

  it('gives the entropy of each token in nats', () => {
    const expected = [0, Math.log(2), 1.5 * Math.log(2), -(0.8 * Math.log(0.8) + 0.2 * Math.log(0.2))];
    expected.forEach((value, t) => {
      expect(measures.entropies[t]).toBeCloseTo(value, 6);
    });
  });

  it('gives the probability of the tag on the best path', () => {
    expect([...measures.confidences].map((value) => value.toFixed(2))).toEqual(['1.00', '0.50', '0.50', '0.80']);
    expect(measures.logProbability).toBe(Math.log(0.3));
  });

  it('expects an F1: twice the right spans over suggested and expected ones, a sure one added to each', () => {
    // Right: 0.41. Begun: 0.5 + 0.25 + 0.2.
    expect(measures.expectedScore).toBeCloseTo((2 * 0.41 + 2) / (1 + 0.95 + 2), 6);
    const nothing = { ...SENTENCE, tags: ['O'], spans: [], marginals: Float32Array.of(1, 0, 0) };
    expect(measure(nothing, TAGS).expectedScore).toBe(1);
  });

  it('expects an accuracy of parts of speech', () => {
    const words = { ...SENTENCE, tags: ['NOUN', 'VERB'], spans: [], marginals: Float32Array.of(0.9, 0.1, 0.4, 0.6) };
    expect(measure(words, ['NOUN', 'VERB']).expectedScore).toBeCloseTo(0.75, 6);
  });
});

describe('doubts', () => {
  const measures = measure(SENTENCE, TAGS);

  it('are the suggested spans and the runs that may be one', () => {
    const [span, run, ...more] = doubts(measures, undefined);
    expect(span).toEqual({ start: 1, end: 3, label: 'LOC', score: 0.41 });
    expect(run).toMatchObject({ start: 3, end: 4, label: undefined });
    expect(run?.score).toBeCloseTo(0.8, 6);
    expect(more).toEqual([]);
  });

  it('leave out what is decided in part', () => {
    expect(doubts(measures, [false, false, true, false])).toMatchObject([{ start: 3 }]);
    expect(doubts(measures, [true, true, true, true])).toEqual([]);
  });

  it('are all tokens where there are parts of speech', () => {
    const words = { ...SENTENCE, tags: ['NOUN', 'VERB'], spans: [], marginals: Float32Array.of(0.9, 0.1, 0.4, 0.6) };
    expect(doubts(measure(words, ['NOUN', 'VERB']), [false, true])).toMatchObject([
      { start: 0, end: 1, label: 'NOUN' },
    ]);
  });
});

describe('vote entropy', () => {
  it('is 0 where all agree and ln 2 where two halves do not', () => {
    const votes = [
      ['O', 'B-LOC', 'O'],
      ['O', 'O', 'O'],
    ];
    expect(voteEntropies(votes, 3)).toEqual(Float32Array.of(0, Math.log(2), 0));
    expect(voteEntropies([...votes, votes[0]!], 3)[1]).toBeCloseTo(
      -((2 / 3) * Math.log(2 / 3) + (1 / 3) * Math.log(1 / 3)),
      6,
    );
  });

  it('does not count votes from before the sentence changed', () => {
    expect(voteEntropies([['O', 'O'], ['B-LOC']], 2)).toEqual(Float32Array.of(0, 0));
  });
});

describe('junk', () => {
  it.each([
    [['-DOCSTART-', '-X-'], false],
    [['Madrid'], false],
    [['3', '-', '1', '(', '2', ')'], false],
    [['EFE', '10', '.'], false],
    [[], false],
    [['አዲስ', 'አበባ', '።'], true],
    [['我', '去', '北京'], true],
    [['नई', 'दिल्ली'], true],
    [['في', 'القاهرة', '😀'], true],
  ])('%j: worth asking %j', (words, expected) => {
    expect(isWorthAsking(words as string[])).toBe(expected);
  });
});
