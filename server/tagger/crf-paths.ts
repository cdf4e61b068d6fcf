// The best paths of a linear-chain CRF: Viterbi, and the n best.
import type { Transitions } from '../tags/index.ts';
import type { Floats } from './crf-lattice.ts';

/** A path with its score (not normalised: exp(score - log Z) is its probability). */
export interface ScoredPath {
  readonly path: Int32Array;
  readonly score: number;
}

/** Transitions turned to [to, from], with -Infinity where the scheme forbids one. */
function turned(transitions: ArrayLike<number>, tags: number, legal: Transitions | undefined): Float64Array {
  const out = new Float64Array(tags * tags);
  for (let from = 0; from < tags; from++) {
    for (let to = 0; to < tags; to++) {
      const pair = from * tags + to;
      out[to * tags + from] =
        legal === undefined || legal.pairs[pair] === 1 ? (transitions[pair] as number) : -Infinity;
    }
  }
  return out;
}

/**
 * Finds the best paths under given transitions, inside the tag scheme's rules where `legal` is given. Ties go to the lower
 * tag id. Keeps scratch memory; not re-entrant.
 */
export class PathFinder {
  readonly tags: number;
  readonly #legal: Transitions | undefined;
  readonly #transitions: Float64Array; // [to, from]
  /** The same without the scheme's rules, for decided tags that break them. */
  readonly #free: PathFinder | undefined;
  #scores = new Float64Array(0); // [time, tags, n]
  #back = new Int32Array(0); // [time, tags, n]: from * n + rank

  /** @param transitions [tags, tags], indexed from * tags + to. */
  constructor(transitions: ArrayLike<number>, tags: number, legal?: Transitions) {
    this.tags = tags;
    this.#legal = legal;
    this.#transitions = turned(transitions, tags, legal);
    this.#free = legal === undefined ? undefined : new PathFinder(transitions, tags);
  }

  /**
   * The best path. Where nothing legal is inside `allowed`, the scheme's rules give way to what people decided.
   * @param emissions [time, tags]
   * @param allowed [time, tags], 1 = allowed.
   * @throws RangeError where no path has a finite score.
   */
  viterbi(emissions: Floats, time: number, allowed?: Uint8Array): ScoredPath {
    const { tags } = this;
    const transitions = this.#transitions;
    this.#reserve(time * tags);
    const scores = this.#scores;
    const back = this.#back;
    for (let t = 0, k = 0; t < time; t++) {
      const before = (t - 1) * tags;
      for (let to = 0; to < tags; to++, k++) {
        let best = 0;
        if (t > 0) {
          const row = to * tags;
          best = -Infinity;
          let from = 0;
          for (let i = 0; i < tags; i++) {
            const score = (scores[before + i] as number) + (transitions[row + i] as number);
            if (score > best) {
              best = score;
              from = i;
            }
          }
          back[k] = from;
        }
        scores[k] = best + this.#emission(emissions, k, t, to, time, allowed);
      }
    }
    let tag = 0;
    const last = (time - 1) * tags;
    for (let i = 1; i < tags && time > 0; i++) {
      if ((scores[last + i] as number) > (scores[last + tag] as number)) tag = i;
    }
    const score = time > 0 ? (scores[last + tag] as number) : 0;
    if (score === -Infinity) {
      if (this.#free !== undefined) return this.#free.viterbi(emissions, time, allowed);
      throw new RangeError('no path through the sentence is allowed');
    }
    const path = new Int32Array(time);
    for (let t = time - 1; t >= 0; t--) {
      path[t] = tag;
      tag = back[t * tags + tag] as number;
    }
    return { path, score };
  }

  /** The `n` best paths, best first; fewer where there are not so many. Limits as in `viterbi`. */
  nBest(emissions: Floats, time: number, n: number, allowed?: Uint8Array): ScoredPath[] {
    if (time === 0) return [{ path: new Int32Array(0), score: 0 }];
    const { tags } = this;
    this.#reserve(time * tags * n);
    const scores = this.#scores.fill(-Infinity, 0, time * tags * n);
    const back = this.#back;
    for (let t = 0, k = 0; t < time; t++) {
      for (let to = 0; to < tags; to++, k++) {
        const emission = this.#emission(emissions, k, t, to, time, allowed);
        if (t === 0) scores[k * n] = emission;
        else this.#mergeRanks(k, t, to, n, emission);
      }
    }
    // The last token's entries [tag, rank] in order of score; sorting is stable, so ties keep the lower tag first.
    const last = (time - 1) * tags * n;
    const ends = Array.from({ length: tags * n }, (_, entry) => entry)
      .filter((entry) => (scores[last + entry] as number) > -Infinity)
      .sort((a, b) => (scores[last + b] as number) - (scores[last + a] as number))
      .slice(0, n);
    if (ends.length === 0 && this.#free !== undefined) return this.#free.nBest(emissions, time, n, allowed);
    return ends.map((end) => {
      const path = new Int32Array(time);
      for (let t = time - 1, entry = end; t >= 0; t--) {
        path[t] = Math.floor(entry / n);
        entry = back[t * tags * n + entry] as number;
      }
      return { path, score: scores[last + end] as number };
    });
  }

  /** Keeps the n best ways to arrive at tag `to` of token t (row k): every tag before brings its ranks in falling order. */
  #mergeRanks(k: number, t: number, to: number, n: number, emission: number): void {
    const { tags } = this;
    const scores = this.#scores;
    const before = (t - 1) * tags * n;
    const row = k * n;
    for (let from = 0; from < tags; from++) {
      const step = this.#transitions[to * tags + from] as number;
      for (let rank = 0; rank < n; rank++) {
        const entry = from * n + rank;
        const score = (scores[before + entry] as number) + step + emission;
        if (!(score > (scores[row + n - 1] as number))) break;
        let place = n - 1;
        while (place > 0 && score > (scores[row + place - 1] as number)) {
          scores[row + place] = scores[row + place - 1] as number;
          this.#back[row + place] = this.#back[row + place - 1] as number;
          place--;
        }
        scores[row + place] = score;
        this.#back[row + place] = entry;
      }
    }
  }

  #emission(emissions: Floats, k: number, t: number, tag: number, time: number, allowed?: Uint8Array): number {
    if (allowed !== undefined && allowed[k] !== 1) return -Infinity;
    const legal = this.#legal;
    if (legal !== undefined) {
      if (t === 0 && legal.start[tag] !== 1) return -Infinity;
      if (t === time - 1 && legal.end[tag] !== 1) return -Infinity;
    }
    return emissions[k] as number;
  }

  #reserve(size: number): void {
    if (this.#scores.length >= size) return;
    this.#scores = new Float64Array(2 * size);
    this.#back = new Int32Array(2 * size);
  }
}
