// How the parts of a tagger are added up: score = wide * a + deep * b, emissions and transitions alike.
import { evaluate, type Scheme } from '../tags/index.ts';
import { ANY_TAG } from './crf.ts';
import { Decoder } from './decoder.ts';
import type { LabelledSentence } from './types.ts';

/** The factors of the parts' scores. */
export interface Mixture {
  readonly wide: number;
  readonly deep: number;
}

/** What a part says about some sentences: emissions of each, [time, tags], and transitions [tags, tags]. */
export interface Scores {
  readonly emissions: readonly Float32Array[];
  readonly transitions: Float32Array;
}

/** Adds up arrays of one length, each multiplied by its factor. */
export function weightedSum(
  parts: readonly { readonly values: Float32Array; readonly factor: number }[],
): Float32Array {
  const sum = new Float32Array(parts[0]!.values.length);
  for (const { values, factor } of parts) {
    if (factor === 0) continue;
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + factor * values[i]!;
  }
  return sum;
}

/** Scores on labelled sentences: exact-span F1 (NER) or accuracy (POS), and the log-likelihood. */
export class DevScorer {
  readonly #dev: readonly LabelledSentence[];
  readonly #tags: readonly string[];
  readonly #scheme: Scheme;
  readonly #ids: readonly Int32Array[];
  /** Labelled tokens. */
  readonly tokens: number;
  /** What the score counts: names (NER) or labelled tokens (POS). */
  readonly counted: number;

  constructor(dev: readonly LabelledSentence[], tags: readonly string[], scheme: Scheme) {
    this.#dev = dev;
    this.#tags = tags;
    this.#scheme = scheme;
    const id = new Map(tags.map((tag, i) => [tag, i]));
    // A tag that training has not seen cannot be predicted: its likelihood would be 0, whatever the model.
    this.#ids = dev.map((sentence) => Int32Array.from(sentence.tags, (tag) => id.get(tag ?? '') ?? ANY_TAG));
    const count = (counts: (tag: string) => boolean) =>
      dev.reduce((sum, { tags }) => sum + tags.filter((tag) => tag !== undefined && counts(tag)).length, 0);
    this.tokens = count(() => true);
    this.counted = scheme === 'pos' ? this.tokens : count((tag) => tag.startsWith('B-'));
  }

  /** Standard deviation of a score that chance alone gives data of this size. */
  deviation(score: number): number {
    return Math.sqrt((score * (100 - score)) / Math.max(1, this.counted));
  }

  /** F1 or accuracy, 0 to 100. */
  score({ emissions, transitions }: Scores): number {
    const decoder = new Decoder(this.#tags, this.#scheme, transitions);
    const predicted = emissions.map((scores, i) => decoder.decode(scores, this.#dev[i]!.words.length, {}).tags);
    const gold = this.#dev.map((sentence) => sentence.tags);
    const result = evaluate(gold, predicted, this.#scheme === 'pos' ? 'pos' : 'ner');
    return this.#scheme === 'pos' ? result.accuracy : result.f1;
  }

  logLikelihood({ emissions, transitions }: Scores): number {
    const decoder = new Decoder(this.#tags, this.#scheme, transitions);
    return emissions.reduce((sum, scores, i) => sum + decoder.logLikelihood(scores, this.#ids[i]!), 0);
  }
}

/** The sum of the parts that there are, at least one. */
export function mixScores(wide: Scores | undefined, deep: Scores | undefined, mixture: Mixture): Scores {
  const parts = [
    ...(wide ? [{ scores: wide, factor: mixture.wide }] : []),
    ...(deep ? [{ scores: deep, factor: mixture.deep }] : []),
  ];
  const add = (valuesOf: (scores: Scores) => Float32Array) =>
    weightedSum(parts.map(({ scores, factor }) => ({ values: valuesOf(scores), factor })));
  return {
    emissions: parts[0]!.scores.emissions.map((_, i) => add(({ emissions }) => emissions[i]!)),
    transitions: add(({ transitions }) => transitions),
  };
}

/** The deep part's share in the sum, in steps that dev sets of real size can tell apart. */
const SHARES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;
/** What the sum is multiplied by. It moves no best path, but makes the probabilities mean what they say. */
const SCALES = [0.8, 1, 1.25, 1.5, 2] as const;

/** Dev data with fewer labelled tokens than this say little about a difference of scores. */
const ENOUGH_TOKENS = 5000;

/** With fewer names, or tokens with parts of speech, the score says nothing: one more of them is worth two points. */
const FEW = 50;

/**
 * What a share of 0 or 1 costs there, beside equal ones, in log-likelihood: what a few sentences say about the shares is mostly chance. Measured
 * with a tenth of 100 sentences: docs/results.md.
 */
const PRIOR = 5;

/**
 * Chooses the mixture on dev: the share by score (equal ones by likelihood), then the scale by likelihood. On small dev
 * data, where scores jump with single spans, the likeliest share, equal ones preferred, that is not below the better part; on a few
 * names, not by more than chance. The parts alone are among the candidates.
 * @param doubt points of score that more of the deep part must be worth: of its shares that lie no further below the best one, the
 * smallest
 */
export function chooseMixture(
  wide: Scores,
  deep: Scores,
  dev: DevScorer,
  doubt = 0,
): { mixture: Mixture; score: number } {
  const isSmall = dev.tokens < ENOUGH_TOKENS;
  const candidates = SHARES.map((share) => {
    const mixed = mixScores(wide, deep, { wide: 1 - share, deep: share });
    const cost = isSmall ? PRIOR * (2 * share - 1) ** 2 : 0;
    return { share, score: dev.score(mixed), likelihood: dev.logLikelihood(mixed) - cost };
  });
  const scores = candidates.map(({ score }) => score);
  const better = Math.max(scores.at(0)!, scores.at(-1)!);
  const chance = dev.counted < FEW ? dev.deviation(better) : 0;
  const least = isSmall ? better - chance : Math.max(...scores);
  const likely = likeliest(candidates.filter(({ score }) => score >= least));
  const isDoubted = doubt > 0 && likely.share > 0;
  const best = isDoubted ? candidates.find(({ share, score }) => share > 0 && score >= least - doubt)! : likely;
  const scaled = SCALES.map((scale) => {
    const mixture = { wide: (1 - best.share) * scale, deep: best.share * scale };
    return { mixture, likelihood: dev.logLikelihood(mixScores(wide, deep, mixture)) };
  });
  return { mixture: likeliest(scaled).mixture, score: best.score };
}

/** Of ones that are equal but for rounding the first, which has the most of the wide part. */
function likeliest<T extends { readonly likelihood: number }>(candidates: readonly T[]): T {
  return candidates.reduce((a, b) => (b.likelihood > a.likelihood + 1e-5 * Math.abs(a.likelihood) ? b : a));
}
