// The mixture of two parts is chosen on dev, and what one of them does better is not lost.
import { describe, expect, it } from 'vitest';
import { chooseMixture, DevScorer, type Scores, weightedSum } from '../../../server/tagger/mixture.ts';
import type { LabelledSentence } from '../../../server/tagger/types.ts';
import { Random } from '../../../server/tensor/index.ts';

const TAGS = ['ADJ', 'NOUN', 'VERB'];
const transitions = new Float32Array(9);

/** Sentences with random tags. */
function gold(count: number): LabelledSentence[] {
  const random = new Random(1, 'gold');
  return Array.from({ length: count }, () => {
    const tags = Array.from({ length: 1 + random.below(10) }, () => TAGS[random.below(3)]);
    return { words: tags.map(() => 'w'), tags };
  });
}

/** Emissions that favour the right tag, with noise; `only` limits what the part knows to some tokens. */
function part(dev: readonly LabelledSentence[], noise: number, stream: string, only = (_: number) => true): Scores {
  const random = new Random(1, stream);
  const emissions = dev.map(({ tags }) =>
    Float32Array.from(
      tags.flatMap((tag, i) => TAGS.map((other) => (tag === other && only(i) ? 2 : 0) + noise * random.uniform())),
    ),
  );
  return { emissions, transitions };
}

describe.each([20, 1000])('of parts, chosen on %i sentences', (count) => {
  const dev = gold(count);
  const scorer = new DevScorer(dev, TAGS, 'pos');

  it('is better than both where each knows what the other does not', () => {
    const even = part(dev, 1, 'even', (i) => i % 2 === 0);
    const odd = part(dev, 1, 'odd', (i) => i % 2 === 1);
    const { mixture, score } = chooseMixture(even, odd, scorer);
    expect(score).toBeGreaterThan(Math.max(scorer.score(even), scorer.score(odd)) + 10);
    expect(Math.min(mixture.wide, mixture.deep)).toBeGreaterThan(0);
  });

  it('leaves a part out that only spoils the other', () => {
    const good = part(dev, 1, 'good');
    const noise = part(dev, 50, 'noise', () => false);
    expect(chooseMixture(good, noise, scorer).mixture.deep).toBe(0);
    expect(chooseMixture(noise, good, scorer).mixture.wide).toBe(0);
  });

  it('is nowhere below the better part', () => {
    for (const [a, b] of [
      [3, 6],
      [6, 3],
      [5, 5],
      [2, 30],
    ] as const) {
      const [wide, deep] = [part(dev, a, 'a'), part(dev, b, 'b')];
      const { score, mixture } = chooseMixture(wide, deep, scorer);
      expect(score).toBeGreaterThanOrEqual(Math.max(scorer.score(wide), scorer.score(deep)));
      const mixed = wide.emissions.map((values, i) =>
        weightedSum([
          { values, factor: mixture.wide },
          { values: deep.emissions[i]!, factor: mixture.deep },
        ]),
      );
      expect(scorer.score({ emissions: mixed, transitions })).toBeCloseTo(score, 1);
    }
  });

  it('takes the smallest share of the deep part that is good enough, where that is flattered', () => {
    const [wide, deep] = [part(dev, 4, 'wide'), part(dev, 4, 'deep')];
    const best = chooseMixture(wide, deep, scorer);
    const shareOf = ({ mixture }: typeof best) => mixture.deep / (mixture.wide + mixture.deep);
    const doubted = chooseMixture(wide, deep, scorer, 5);
    expect(shareOf(doubted)).toBeLessThan(shareOf(best));
    expect(doubted.score).toBeGreaterThanOrEqual(Math.max(scorer.score(wide), scorer.score(deep)) - 5);
    const worse = part(dev, 50, 'wide', () => false);
    expect(shareOf(chooseMixture(worse, part(dev, 1, 'deep'), scorer, 1))).toBeGreaterThan(0);
  });

  it('takes the wide part where the two say the same, equal shares where there is little data', () => {
    const same = part(dev, 3, 'same');
    const { wide, deep } = chooseMixture(same, same, scorer).mixture;
    if (count > 100) expect(deep).toBe(0);
    else expect(wide).toBe(deep);
  });
});

it('leans to equal shares where a few sentences favour one part by chance', () => {
  const shareOn = (count: number) => {
    const dev = gold(count);
    const [wide, deep] = [part(dev, 4, 'wide'), part(dev, 3.6, 'deep')];
    const { mixture } = chooseMixture(wide, deep, new DevScorer(dev, TAGS, 'pos'));
    return mixture.deep / (mixture.wide + mixture.deep);
  };
  expect(Math.abs(shareOn(4) - 0.5)).toBeLessThanOrEqual(0.1);
  expect(shareOn(1000)).toBeGreaterThan(0.5);
});

it('lets one token of ten not decide against what is likelier', () => {
  const dev = [{ words: Array(10).fill('w'), tags: Array(10).fill('NOUN') }];
  // How far the right tag lies above the others: one part is right once more, the other is sure where it is right
  const said = (margins: readonly number[]) => {
    const emissions = [Float32Array.from(margins.flatMap((margin) => [0, margin, 0]))];
    return { emissions, transitions };
  };
  const [timid, sure] = [said([...Array(7).fill(0.5), 0.2, -1, -1]), said([...Array(7).fill(6), -6, -1, -1])];
  const scorer = new DevScorer(dev, TAGS, 'pos');
  expect([scorer.score(timid), scorer.score(sure)]).toEqual([80, 70]);
  expect(chooseMixture(timid, sure, scorer).mixture.deep).toBeGreaterThan(0);
});

describe('scores on dev', () => {
  it('vary by chance, the less the more is counted', () => {
    const names = { words: ['a', 'b', 'c'], tags: ['B-PER', 'I-PER', 'O'] };
    const scorerOf = (count: number) => new DevScorer(Array(count).fill(names), ['B-PER', 'I-PER', 'O'], 'bio');
    expect(scorerOf(25).deviation(50)).toBeCloseTo(10);
    expect(scorerOf(100).deviation(50)).toBeCloseTo(5);
    expect(scorerOf(100).deviation(100)).toBe(0);
  });

  it('do not count what nobody has decided', () => {
    const dev = [{ words: ['a', 'b'], tags: ['NOUN', undefined] }];
    const scorer = new DevScorer(dev, TAGS, 'pos');
    const right = { emissions: [Float32Array.of(0, 5, 0, 5, 0, 0)], transitions };
    expect(scorer.score(right)).toBe(100);
    expect(scorer.logLikelihood(right)).toBeCloseTo(Math.log(Math.exp(5) / (Math.exp(5) + 2)), 6);
    expect(scorer.tokens).toBe(1);
  });
});
