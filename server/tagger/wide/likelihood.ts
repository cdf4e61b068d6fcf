// The objective of wide training: how likely the labels of all sentences are, and its gradient.
import { Crf } from '../crf.ts';
import { BUNDLES, type Problem } from './problem.ts';
import { BIGRAM_COUNT } from './templates.ts';

/** Scores that another model gives: what is learnt is a correction of it. */
export interface Offset {
  /** [tokens, tags], sentence after sentence. */
  readonly emissions: Float32Array;
  /** [tags, tags] */
  readonly transitions: Float32Array;
  /** Their factor stays as it is. */
  readonly isFixed?: boolean;
}

/**
 * The negative log-likelihood of a problem, each sentence times its own weight, plus c2 times the squared length of the
 * weights. Weights: one a feature, then the transitions [tags, tags]. With an offset, its scores are added, multiplied by
 * 1 + the last weight: all weights 0 is the other model itself, and how far it is to be trusted is learnt as well.
 */
export class Likelihood {
  readonly #problem: Problem;
  readonly #c2: number;
  readonly #crf: Crf;
  readonly #scores: Float64Array; // [bundles, tags]: sums of weights
  readonly #slopes: Float64Array; // [bundles, tags]: their gradient
  readonly #emissions: Float64Array; // [time, tags]
  readonly #transitions: Float64Array; // [tags, tags]
  readonly #gradients: { emissions: Float64Array; transitions: Float64Array };
  readonly #offset: Offset | undefined;

  constructor(problem: Problem, c2: number, offset?: Offset) {
    const { tags, bundles, longest } = problem;
    this.#problem = problem;
    this.#c2 = c2;
    this.#offset = offset;
    this.#transitions = new Float64Array(tags * tags);
    this.#crf = new Crf(tags);
    this.#scores = new Float64Array((bundles.length - 1) * tags);
    this.#slopes = new Float64Array((bundles.length - 1) * tags);
    this.#emissions = new Float64Array(longest * tags);
    this.#gradients = { emissions: new Float64Array(longest * tags), transitions: new Float64Array(tags * tags) };
  }

  /** Number of weights. */
  get size(): number {
    return this.#problem.featureTags.length + this.#problem.tags ** 2 + (this.#offset === undefined ? 0 : 1);
  }

  /** The value at `weights`; writes the gradient to `gradient`. Allocates nothing. */
  evaluate(weights: Float64Array, gradient: Float64Array): number {
    const { tags, sentences, sentenceWeights, featureTags, gold } = this.#problem;
    const pairs = this.#transitions.length;
    const offset = this.#offset;
    const factor = 1 + (weights[featureTags.length + pairs] ?? 0);
    for (let i = 0; i < pairs; i++) {
      const correction = weights[featureTags.length + i] as number;
      this.#transitions[i] =
        offset === undefined ? correction : correction + factor * (offset.transitions[i] as number);
    }
    this.#crf.setTransitions(this.#transitions);
    let slope = 0; // of the factor
    this.#gradients.transitions.fill(0);
    this.#addWeights(weights);
    this.#slopes.fill(0);
    gradient.fill(0);
    let value = 0;
    for (let s = 0; s + 1 < sentences.length; s++) {
      const start = sentences[s] as number;
      const time = (sentences[s + 1] as number) - start;
      this.#gather(start, time, weights);
      if (offset !== undefined) {
        for (let k = 0, from = start * tags; k < time * tags; k++, from++) {
          (this.#emissions[k] as number) += factor * (offset.emissions[from] as number);
        }
      }
      this.#gradients.emissions.fill(0, 0, time * tags);
      const path = gold.subarray(start, start + time);
      const count = sentenceWeights[s] as number;
      value -= count * this.#crf.logLikelihood(this.#emissions, time, path, this.#gradients, -count);
      this.#scatter(start, time, gradient);
      if (offset !== undefined) slope += dot(this.#gradients.emissions, offset.emissions, start * tags, time * tags);
    }
    this.#addSlopes(gradient);
    gradient.set(this.#gradients.transitions, featureTags.length);
    if (offset !== undefined && !offset.isFixed) {
      gradient[featureTags.length + pairs] = slope + dot(this.#gradients.transitions, offset.transitions, 0, pairs);
    }
    const c2 = this.#c2;
    let squares = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i] as number;
      squares += weight * weight;
      (gradient[i] as number) += 2 * c2 * weight;
    }
    return value + c2 * squares;
  }

  /** Scores of each bundle from the weights of its features, most of which are 0. */
  #addWeights(weights: Float64Array): void {
    const { tags, features, featureTags, bundles, bundleAttributes } = this.#problem;
    const scores = this.#scores.fill(0);
    for (let bundle = 0, k = 0; bundle + 1 < bundles.length; bundle++) {
      const row = bundle * tags;
      for (const end = bundles[bundle + 1] as number; k < end; k++) {
        const attribute = bundleAttributes[k] as number;
        for (let f = features[attribute] as number; f < (features[attribute + 1] as number); f++) {
          const weight = weights[f] as number;
          if (weight !== 0) (scores[row + (featureTags[f] as number)] as number) += weight;
        }
      }
    }
  }

  /** Gradient of each feature's weight from those of the bundles that hold it. */
  #addSlopes(gradient: Float64Array): void {
    const { tags, features, featureTags, bundles, bundleAttributes } = this.#problem;
    const slopes = this.#slopes;
    for (let bundle = 0, k = 0; bundle + 1 < bundles.length; bundle++) {
      const row = bundle * tags;
      for (const end = bundles[bundle + 1] as number; k < end; k++) {
        const attribute = bundleAttributes[k] as number;
        for (let f = features[attribute] as number; f < (features[attribute + 1] as number); f++) {
          (gradient[f] as number) += slopes[row + (featureTags[f] as number)] as number;
        }
      }
    }
  }

  /** Emissions of a sentence: the sums of its tokens' bundles and bigrams. */
  #gather(start: number, time: number, weights: Float64Array): void {
    const { tags, tokens, bigrams, features, featureTags } = this.#problem;
    const scores = this.#scores;
    const emissions = this.#emissions;
    for (let t = 0; t < time; t++) {
      const row = t * tags;
      const first = (start + t) * BUNDLES;
      let from = (tokens[first] as number) * tags;
      for (let to = row; to < row + tags; to++) emissions[to] = scores[from++] as number;
      for (let k = first + 1; k < first + BUNDLES; k++) {
        from = (tokens[k] as number) * tags;
        for (let to = row; to < row + tags; to++) (emissions[to] as number) += scores[from++] as number;
      }
      for (let k = (start + t) * BIGRAM_COUNT; k < (start + t + 1) * BIGRAM_COUNT; k++) {
        const attribute = bigrams[k] as number;
        for (let f = features[attribute] as number; f < (features[attribute + 1] as number); f++) {
          (emissions[row + (featureTags[f] as number)] as number) += weights[f] as number;
        }
      }
    }
  }

  /** The way back: adds the gradient of a sentence's emissions to its tokens' bundles and bigrams. */
  #scatter(start: number, time: number, gradient: Float64Array): void {
    const { tags, tokens, bigrams, features, featureTags } = this.#problem;
    const slopes = this.#slopes;
    const { emissions } = this.#gradients;
    for (let t = 0; t < time; t++) {
      const row = t * tags;
      for (let k = (start + t) * BUNDLES; k < (start + t + 1) * BUNDLES; k++) {
        let to = (tokens[k] as number) * tags;
        for (let from = row; from < row + tags; from++) (slopes[to++] as number) += emissions[from] as number;
      }
      for (let k = (start + t) * BIGRAM_COUNT; k < (start + t + 1) * BIGRAM_COUNT; k++) {
        const attribute = bigrams[k] as number;
        for (let f = features[attribute] as number; f < (features[attribute + 1] as number); f++) {
          (gradient[f] as number) += emissions[row + (featureTags[f] as number)] as number;
        }
      }
    }
  }
}

/** Sum of the products of `a` and `b` from `start` on. */
function dot(a: Float64Array, b: Float32Array, start: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += (a[i] as number) * (b[start + i] as number);
  return sum;
}
