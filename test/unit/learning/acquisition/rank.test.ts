// Which questions come first, on sentences whose measures are made up.
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  type Choice,
  type Measures,
  rank,
  STRATEGIES,
  type Strategy,
} from '../../../../server/learning/acquisition/index.ts';

/** A sentence of these words with a span over the first one. */
function candidate(text: string, known: Partial<Measures> & { readonly span?: number } = {}): Candidate {
  const words = text.split(' ');
  const { span, ...measures } = known;
  return {
    words,
    measures: {
      tags: words.map((_, t) => (t === 0 && span !== undefined ? 'B-LOC' : 'O')),
      logProbability: -0.1,
      entropies: new Float32Array(words.length),
      confidences: new Float32Array(words.length).fill(1),
      spans: span === undefined ? [] : [{ start: 0, end: 1, label: 'LOC', score: span }],
      expectedScore: 1,
      ...measures,
    },
  };
}

const order = (choices: readonly Choice[]) => choices.map((choice) => choice.candidate);
const bySentence = (candidates: readonly Candidate[], strategy: Strategy) =>
  rank(candidates, { strategy, unit: 'sentence', seed: 1 });

describe('whole sentences', () => {
  const short = candidate('አዲስ አበባ', { logProbability: -1, entropies: Float32Array.of(0.6, 0.2), span: 0.7 });
  const long = candidate('one two three four', {
    logProbability: -1.6,
    entropies: Float32Array.of(0.7, 0.1, 0.1, 0.1),
    expectedScore: 0.6,
    span: 0.5,
  });

  it('come by least confidence: the long one', () => {
    const [first, second] = bySentence([short, long], 'least');
    expect(first).toMatchObject({ candidate: 1, start: 0, end: 4, tokens: 4, reason: { by: 'least' } });
    expect(first?.reason.value).toBeCloseTo(Math.exp(-1.6), 6);
    expect(second?.candidate).toBe(0);
  });

  it('come by log-probability per token: -1 / 2 before -1.6 / 4', () => {
    const [first] = bySentence([long, short], 'mnlp');
    expect(first).toMatchObject({ candidate: 1, reason: { by: 'mnlp', value: -0.5 } });
  });

  it('come by average entropy: 0.4 before 0.25', () => {
    const [first] = bySentence([long, short], 'entropy');
    expect(first?.candidate).toBe(1);
    expect(first?.reason.value).toBeCloseTo(0.4, 6);
  });

  it('come by the least certain span, which is the reason', () => {
    const [first] = bySentence([short, long], 'span');
    const doubt = { start: 0, end: 1, label: 'LOC', score: 0.5 };
    expect(first).toMatchObject({ candidate: 1, reason: { by: 'span', value: 0.5, doubt } });
  });

  it('come by expected F1', () => {
    const [first] = bySentence([short, long], 'f1');
    expect(first).toMatchObject({ candidate: 1, reason: { by: 'f1', value: 0.6 } });
  });

  it('come by the votes of a committee', () => {
    const divided = { ...short, votes: [['O', 'O']] };
    const [first] = bySentence([{ ...long, votes: [['B-LOC', 'O', 'O', 'O']] }, divided], 'committee');
    expect(first?.candidate).toBe(1);
    expect(first?.reason.value).toBeCloseTo(Math.log(2) / 2, 6);
  });

  it('mixed: by MNLP, one of them by chance', () => {
    const choices = bySentence([short, long], 'mixed');
    expect(choices.map(({ reason }) => reason.by).sort()).toEqual(['mnlp', 'random']);
    expect(order(choices).sort()).toEqual([0, 1]);
  });
});

describe('units', () => {
  const doubtful = candidate('Addis went home', {
    confidences: Float32Array.of(0.9, 1, 0.6),
    entropies: Float32Array.of(0.4, 0, 0.5),
    span: 0.41,
  });

  it('span: the suggested span, then the stretch that may be one', () => {
    const choices = rank([doubtful], { strategy: 'span', unit: 'span', seed: 1 });
    expect(choices).toMatchObject([
      { start: 0, end: 1, tokens: 1, reason: { value: 0.41, doubt: { label: 'LOC' } } },
      { start: 2, end: 3, tokens: 1, reason: { doubt: { label: undefined } } },
    ]);
  });

  it('token: the token in most doubt, and none that is decided', () => {
    const choices = rank([{ ...doubtful, decided: [false, true, false] }], {
      strategy: 'entropy',
      unit: 'token',
      seed: 1,
    });
    expect(choices.map(({ start }) => start)).toEqual([2, 0]);
  });

  it('sentence: counts what is undecided, and asks for nothing where all is decided', () => {
    const partly = { ...doubtful, decided: [true, false, true] };
    expect(rank([partly], { strategy: 'mnlp', unit: 'sentence', seed: 1 })).toMatchObject([{ end: 3, tokens: 1 }]);
    const done = { ...doubtful, decided: [true, true, true] };
    for (const strategy of STRATEGIES) expect(rank([done], { strategy, unit: 'sentence', seed: 1 })).toEqual([]);
  });
});

describe('a batch', () => {
  it('does not ask for the same name again and again', () => {
    const rio = [0.1, 0.12, 0.14].map((span) => candidate(`Rio ${span} lies there`, { span }));
    const lima = candidate('Lima lies there', { span: 0.3 });
    expect(order(rank([...rio, lima], { strategy: 'span', unit: 'span', seed: 1 }))).toEqual([0, 3, 1, 2]);
  });

  it('ends with the budget, passes over junk and duplicates, but not by chance', () => {
    const again = candidate('Lima lies there', { span: 0.2 });
    const junk = candidate('-DOCSTART- -X-', { span: 0 });
    const pool = [junk, again, again, candidate('We went home', { span: 0.5 })];
    expect(order(rank(pool, { strategy: 'span', unit: 'sentence', seed: 1 }))).toEqual([1, 3]);
    expect(order(rank(pool, { strategy: 'span', unit: 'sentence', budget: 3, seed: 1 }))).toEqual([1]);
    expect(order(rank(pool, { strategy: 'random', unit: 'sentence', seed: 1 })).sort()).toEqual([0, 1, 2, 3]);
  });

  it('asks for sentences that no model has seen last, by chance', () => {
    const unseen: Candidate = { words: ['who', 'knows'], measures: undefined };
    const [first, second] = rank([unseen, candidate('Lima lies')], { strategy: 'mnlp', unit: 'sentence', seed: 1 });
    expect([first?.candidate, second?.candidate]).toEqual([1, 0]);
    expect(second?.reason.by).toBe('random');
  });

  it('is the same for the same seed, and chance does not depend on the company', () => {
    const pool = Array.from({ length: 40 }, (_, i) => candidate(`word ${i} 王芳`, { span: i / 40 }));
    for (const strategy of STRATEGIES) {
      const of = (seed: number) => order(rank(pool, { strategy, unit: 'sentence', seed }));
      expect(of(1)).toEqual(of(1));
      if (strategy === 'random' || strategy === 'mixed') expect(of(2)).not.toEqual(of(1));
    }
    const names = (candidates: readonly Candidate[]) =>
      rank(candidates, { strategy: 'random', unit: 'sentence', seed: 3 }).map(({ candidate: i }) =>
        candidates[i]!.words.join(' '),
      );
    const without = names(pool.filter((_, i) => i % 2 === 0));
    expect(names(pool).filter((text) => without.includes(text))).toEqual(without);
  });

  it('of a large pool with a small budget is the beginning of the whole order', () => {
    const pool = Array.from({ length: 3000 }, (_, i) =>
      candidate(`name${i % 700} went ${i}`, { span: ((i * 37) % 1000) / 1000 }),
    );
    for (const strategy of STRATEGIES) {
      const all = rank(pool, { strategy, unit: 'sentence', seed: 1 });
      const some = rank(pool, { strategy, unit: 'sentence', budget: 30, seed: 1 });
      expect(some).toEqual(all.slice(0, 10));
    }
  });

  it('mixed leaves a tenth of the tokens to chance and asks for nothing twice', () => {
    const pool = Array.from({ length: 100 }, (_, i) =>
      candidate(`name${i} went home`, { span: 0.5, entropies: Float32Array.of(0.5, 0.1, 0.1) }),
    );
    const choices = rank(pool, { strategy: 'mixed', unit: 'sentence', seed: 1 });
    expect(new Set(order(choices)).size).toBe(100);
    const head = choices.slice(0, 50).filter(({ reason }) => reason.by === 'random');
    expect(head).toHaveLength(5);
  });

  it('mixed leaves half of the tokens of spans to chance, and asks for sentences without one last', () => {
    const pool = Array.from({ length: 200 }, (_, i) =>
      candidate(`name${i} went home with us`, { span: i < 100 ? 0.3 + i / 1000 : 0.9 }),
    );
    const sure = Array.from({ length: 20 }, (_, i) => candidate(`nobody ${i} is here`));
    const choices = rank([...pool, ...sure], { strategy: 'mixed', unit: 'span', seed: 1 });
    // The least sure of all come first beside those by chance, of which half are among the surer ones.
    const head = choices.slice(0, 60);
    const byChance = head.filter(({ reason }) => reason.by === 'random');
    expect(byChance).toHaveLength(30);
    expect(byChance.every(({ end }) => end === 1)).toBe(true);
    expect(byChance.filter(({ candidate }) => candidate >= 100).length).toBeGreaterThan(5);
    const best = head.filter(({ reason }) => reason.by === 'span').map(({ candidate }) => candidate);
    expect(best).toEqual([...best].sort((a, b) => a - b));
    // Each span once, and at the end the sentences without one as a whole.
    expect(choices.slice(200).every(({ candidate, end }) => candidate >= 200 && end === 4)).toBe(true);
    const places = choices.map(({ candidate, start }) => `${candidate} ${start}`);
    expect(new Set(places).size).toBe(places.length);
    expect(new Set(order(choices)).size).toBe(220);
  });
});
