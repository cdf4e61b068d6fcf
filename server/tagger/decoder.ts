// From mixed emissions to an answer: best path, marginals, spans and n best, inside the rules of the tag scheme.
import { allowedTransitions, type Scheme, spansOf } from '../tags/index.ts';
import { Crf, PathFinder } from './crf.ts';
import type { TaggedSentence, TagOptions } from './types.ts';

/** Not re-entrant: it keeps the scratch memory of the CRF. */
export class Decoder {
  readonly #tags: readonly string[];
  readonly #scheme: Scheme;
  readonly #crf: Crf;
  readonly #paths: PathFinder;

  /** @param transitions [tags, tags] */
  constructor(tags: readonly string[], scheme: Scheme, transitions: Float32Array) {
    this.#tags = tags;
    this.#scheme = scheme;
    this.#crf = new Crf(tags.length);
    this.#crf.setTransitions(transitions);
    this.#paths = new PathFinder(transitions, tags.length, allowedTransitions(tags, scheme));
  }

  /**
   * The best path is legal in the scheme. Probabilities are those of the CRF over all paths: what it gives to illegal ones
   * (little, once trained) is not spread over the others.
   * @param emissions [time, tags]
   */
  decode(emissions: Float32Array, time: number, { marginals = false, nbest = 0 }: TagOptions): TaggedSentence {
    const { path, score } = this.#paths.viterbi(emissions, time);
    const tags = this.#named(path);
    const probabilities = new Float32Array(marginals ? time * this.#tags.length : 0);
    const norm = marginals ? this.#crf.marginals(emissions, time, probabilities) : Number.NaN;
    const spans =
      marginals && this.#scheme !== 'pos'
        ? spansOf(tags).map((span) => ({ ...span, score: this.#crf.spanProbability(path, span.start, span.end) }))
        : [];
    return {
      tags,
      marginals: probabilities,
      logProbability: Math.min(0, score - norm),
      spans,
      nbest: nbest > 0 ? this.#best(emissions, time, nbest) : [],
    };
  }

  /** Log-likelihood of tag ids (ANY_TAG: undecided). */
  logLikelihood(emissions: Float32Array, ids: Int32Array): number {
    return this.#crf.logLikelihood(emissions, ids.length, ids);
  }

  #best(emissions: Float32Array, time: number, n: number): TaggedSentence['nbest'] {
    const logNorm = this.#crf.logNorm(emissions, time);
    return this.#paths
      .nBest(emissions, time, n)
      .map(({ path, score }) => ({ tags: this.#named(path), probability: Math.min(1, Math.exp(score - logNorm)) }));
  }

  #named(path: Int32Array): string[] {
    return Array.from(path, (tag) => this.#tags[tag]!);
  }
}
