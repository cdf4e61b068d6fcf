// The linear-chain conditional random field: likelihood with its gradient, and marginals, exact, on typed arrays.
// The best paths are in crf-paths.ts, the arithmetic of forward-backward in crf-lattice.ts.
import { type Floats, Lattice } from './crf-lattice.ts';

export type { Floats } from './crf-lattice.ts';
export { PathFinder, type ScoredPath } from './crf-paths.ts';

/** The tag of a token that may be any. */
export const ANY_TAG = -1;

/** Where gradients are added up. */
export interface CrfGradients {
  /** [time, tags] */
  readonly emissions: Floats;
  /** [tags, tags] */
  readonly transitions: Floats;
}

/**
 * A CRF over `tags` tags. Score of a path = sum of emissions[t][tag] + sum of transitions[from][to] of neighbours; no start
 * or end scores (spec section 7). It keeps scratch memory that grows with the longest sentence, so calls allocate
 * nothing; it is not re-entrant. Emissions are [time, tags], flat, and may be longer than `time` says.
 */
export class Crf {
  readonly tags: number;
  readonly #lattice: Lattice;
  #allowed = new Uint8Array(0);

  constructor(tags: number) {
    this.tags = tags;
    this.#lattice = new Lattice(tags);
  }

  /** [tags, tags], indexed from * tags + to. */
  get transitions(): Float64Array {
    return this.#lattice.transitions;
  }

  /** Sets the transition scores [tags, tags]; -Infinity forbids a transition. */
  setTransitions(transitions: ArrayLike<number>): void {
    this.#lattice.setTransitions(transitions);
  }

  /** Score of one path, not normalised. */
  score(emissions: Floats, time: number, path: ArrayLike<number>): number {
    const { tags, transitions } = this;
    let sum = 0;
    for (let t = 0; t < time; t++) {
      const tag = path[t] as number;
      sum += emissions[t * tags + tag] as number;
      if (t > 0) sum += transitions[(path[t - 1] as number) * tags + tag] as number;
    }
    return sum;
  }

  /** Log of the summed exponentials of all paths' scores, or of those inside `allowed` ([time, tags], 1 = allowed). */
  logNorm(emissions: Floats, time: number, allowed?: Uint8Array): number {
    return this.#lattice.forward(emissions, time, allowed);
  }

  /**
   * Log-likelihood of a path; tokens whose tag is `ANY_TAG` are summed over. Adds `factor` times its gradients to
   * `gradients` (a loss averaged over a batch wants -1 / batch).
   */
  logLikelihood(
    emissions: Floats,
    time: number,
    path: ArrayLike<number>,
    gradients?: CrfGradients,
    factor = 1,
  ): number {
    const { tags } = this;
    for (let t = 0; t < time; t++) {
      if (path[t] !== ANY_TAG) continue;
      return this.partialLogLikelihood(emissions, time, this.#allow(path, time), gradients, factor);
    }
    const score = this.score(emissions, time, path);
    const logNorm = this.#lattice.forward(emissions, time, undefined);
    if (gradients !== undefined) {
      this.#lattice.backward(-factor, gradients.emissions, gradients.transitions);
      for (let t = 0; t < time; t++) {
        const tag = path[t] as number;
        (gradients.emissions[t * tags + tag] as number) += factor;
        if (t > 0) (gradients.transitions[(path[t - 1] as number) * tags + tag] as number) += factor;
      }
    }
    return score - logNorm;
  }

  /**
   * Log-likelihood of a partly labelled sentence: log Z(paths inside `allowed`) - log Z(all paths). -Infinity, without
   * gradient, where no path is allowed. Gradients as in `logLikelihood`.
   * @param allowed [time, tags], 1 = allowed.
   */
  partialLogLikelihood(
    emissions: Floats,
    time: number,
    allowed: Uint8Array,
    gradients?: CrfGradients,
    factor = 1,
  ): number {
    const inside = this.#lattice.forward(emissions, time, allowed);
    if (inside === -Infinity) return inside;
    if (gradients !== undefined) this.#lattice.backward(factor, gradients.emissions, gradients.transitions);
    const all = this.#lattice.forward(emissions, time, undefined);
    if (gradients !== undefined) this.#lattice.backward(-factor, gradients.emissions, gradients.transitions);
    return inside - all;
  }

  /**
   * Writes the probability of each tag of each token to `out` [time, tags]; inside `allowed` only, where it is given.
   * @returns the norm, as `logNorm`
   */
  marginals(emissions: Floats, time: number, out: Floats, allowed?: Uint8Array): number {
    out.fill(0, 0, time * this.tags);
    const norm = this.#lattice.forward(emissions, time, allowed);
    this.#lattice.backward(1, out);
    return norm;
  }

  /**
   * After `marginals`, for that sentence: the probability that tokens [start, end) have the tags that `path` gives them,
   * which is the product of their conditional marginals, whatever stands around.
   */
  spanProbability(path: ArrayLike<number>, start: number, end: number): number {
    return this.#lattice.probability(path, start, end);
  }

  #allow(path: ArrayLike<number>, time: number): Uint8Array {
    const { tags } = this;
    if (this.#allowed.length < time * tags) this.#allowed = new Uint8Array(2 * time * tags);
    for (let t = 0; t < time; t++) {
      const tag = path[t] as number;
      this.#allowed.fill(tag === ANY_TAG ? 1 : 0, t * tags, (t + 1) * tags);
      if (tag !== ANY_TAG) this.#allowed[t * tags + tag] = 1;
    }
    return this.#allowed;
  }
}
