// Forward-backward over one sentence. Two ways to the same numbers: scaled (fast) and in logarithms (any scores).

/** Numbers of either precision; all arithmetic is in double precision. */
export type Floats = Float32Array | Float64Array;

/**
 * The exponent that doubles bear: while the spread of the transitions and of one token's emissions stay below it together,
 * no forward or backward score underflows beside those of its token, whatever tags are allowed, and scaling is exact.
 */
const SAFE_SPREAD = 600;

function logSumExp(values: Float64Array, from: number, to: number): number {
  let high = -Infinity;
  for (let i = from; i < to; i++) if ((values[i] as number) > high) high = values[i] as number;
  if (high === -Infinity) return high;
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp((values[i] as number) - high);
  return high + Math.log(sum);
}

/** The scratch memory and arithmetic of forward-backward. It grows with the longest sentence and is not re-entrant. */
export class Lattice {
  readonly tags: number;
  /** [tags, tags], indexed from * tags + to. */
  readonly transitions: Float64Array;
  /** exp(transitions - shift) */
  readonly #weights: Float64Array;
  #shift = 0;
  #spread = 0;

  // The sentence of the last `forward`. Scaled: probabilities and weights; else their logarithms.
  #time = 0;
  #logNorm = 0;
  #scaled = true;
  #scores = new Float64Array(0); // [time, tags]
  #forward = new Float64Array(0); // [time, tags]
  #backward = new Float64Array(0); // [time, tags]
  #scales = new Float64Array(0); // [time]
  readonly #pairs: Float64Array; // [tags, tags]
  readonly #products: Float64Array; // [tags]

  constructor(tags: number) {
    this.tags = tags;
    this.transitions = new Float64Array(tags * tags);
    this.#weights = new Float64Array(tags * tags).fill(1);
    this.#pairs = new Float64Array(tags * tags);
    this.#products = new Float64Array(tags);
  }

  /** Sets the transition scores [tags, tags]; -Infinity forbids a transition. */
  setTransitions(transitions: ArrayLike<number>): void {
    this.transitions.set(transitions);
    let high = -Infinity;
    let low = Infinity;
    for (const score of this.transitions) {
      if (score > high) high = score;
      if (score < low) low = score;
    }
    this.#shift = high;
    this.#spread = high - low;
    for (let i = 0; i < this.#weights.length; i++) {
      this.#weights[i] = Math.exp((this.transitions[i] as number) - high);
    }
  }

  /**
   * Sums over all paths, or over those inside `allowed` ([time, tags], 1 = allowed).
   * @returns log of the sum of the exponentials of their scores.
   */
  forward(emissions: Floats, time: number, allowed: Uint8Array | undefined): number {
    this.#reserve(time);
    this.#time = time;
    this.#scaled = this.#bearsScaling(emissions, time);
    this.#logNorm = this.#scaled ? this.#forwardScaled(emissions, allowed) : this.#forwardLogs(emissions, allowed);
    return this.#logNorm;
  }

  /**
   * After `forward`: adds `factor` times the marginals to `emissions` [time, tags] and `factor` times the expected
   * number of each transition to `transitions` [tags, tags].
   */
  backward(factor: number, emissions: Floats, transitions?: Floats): void {
    if (this.#logNorm === -Infinity) return;
    const count = transitions !== undefined;
    const pairs = this.#pairs.fill(0);
    if (this.#scaled) this.#backwardScaled(factor, emissions, count);
    else this.#backwardLogs(factor, emissions, count);
    if (transitions === undefined) return;
    const weights = this.#weights;
    for (let i = 0; i < pairs.length; i++) {
      const expected = this.#scaled ? (pairs[i] as number) * (weights[i] as number) : (pairs[i] as number);
      (transitions[i] as number) += factor * expected;
    }
  }

  /** After `forward` and `backward`: the probability that tokens [start, end) have the tags that `path` gives them. */
  probability(path: ArrayLike<number>, start: number, end: number): number {
    const { tags, transitions } = this;
    const first = this.#forward[start * tags + (path[start] as number)] as number;
    const last = this.#backward[(end - 1) * tags + (path[end - 1] as number)] as number;
    let product = this.#scaled ? first * last : first + last - this.#logNorm;
    for (let t = start + 1; t < end; t++) {
      const pair = (path[t - 1] as number) * tags + (path[t] as number);
      const score = this.#scores[t * tags + (path[t] as number)] as number;
      if (this.#scaled) product *= ((this.#weights[pair] as number) * score) / (this.#scales[t] as number);
      else product += (transitions[pair] as number) + score;
    }
    return Math.min(1, this.#scaled ? product : Math.exp(product));
  }

  #reserve(time: number): void {
    if (this.#scales.length >= time) return;
    const size = 2 * time;
    this.#scales = new Float64Array(size);
    this.#scores = new Float64Array(size * this.tags);
    this.#forward = new Float64Array(size * this.tags);
    this.#backward = new Float64Array(size * this.tags);
  }

  #bearsScaling(emissions: Floats, time: number): boolean {
    const { tags } = this;
    let spread = 0;
    for (let t = 0, k = 0; t < time; t++) {
      let high = -Infinity;
      let low = Infinity;
      for (let j = 0; j < tags; j++, k++) {
        const score = emissions[k] as number;
        if (score > high) high = score;
        if (score < low) low = score;
      }
      if (!(high - low <= spread)) spread = high - low;
    }
    return this.#spread + spread <= SAFE_SPREAD;
  }

  #forwardScaled(emissions: Floats, allowed: Uint8Array | undefined): number {
    const tags = this.tags;
    const time = this.#time;
    const scores = this.#scores;
    const forward = this.#forward;
    let logNorm = (time - 1) * this.#shift;
    for (let t = 0; t < time; t++) {
      const row = t * tags;
      let high = -Infinity;
      for (let j = row; j < row + tags; j++) if ((emissions[j] as number) > high) high = emissions[j] as number;
      for (let j = row; j < row + tags; j++) {
        scores[j] = allowed === undefined || allowed[j] === 1 ? Math.exp((emissions[j] as number) - high) : 0;
      }
      let sum = 0;
      if (t === 0) {
        for (let j = row; j < row + tags; j++) {
          forward[j] = scores[j] as number;
          sum += scores[j] as number;
        }
      } else {
        this.#stepForward(row);
        for (let j = row; j < row + tags; j++) {
          const value = (forward[j] as number) * (scores[j] as number);
          forward[j] = value;
          sum += value;
        }
      }
      if (sum === 0) return -Infinity;
      const inverse = 1 / sum;
      for (let j = row; j < row + tags; j++) (forward[j] as number) *= inverse;
      this.#scales[t] = sum;
      logNorm += high + Math.log(sum);
    }
    return time === 0 ? 0 : logNorm;
  }

  /** forward[row] = forward[row before] x weights; four rows of weights at a time spare three writes of four. */
  #stepForward(row: number): void {
    const tags = this.tags;
    const weights = this.#weights;
    const forward = this.#forward;
    forward.fill(0, row, row + tags);
    let i = 0;
    for (; i + 3 < tags; i += 4) {
      const before = row - tags + i;
      const a = forward[before] as number;
      const b = forward[before + 1] as number;
      const c = forward[before + 2] as number;
      const d = forward[before + 3] as number;
      let pair = i * tags;
      for (let j = row; j < row + tags; j++, pair++) {
        const ab = a * (weights[pair] as number) + b * (weights[pair + tags] as number);
        const cd = c * (weights[pair + 2 * tags] as number) + d * (weights[pair + 3 * tags] as number);
        (forward[j] as number) += ab + cd;
      }
    }
    for (; i < tags; i++) {
      const from = forward[row - tags + i] as number;
      for (let j = 0; j < tags; j++) (forward[row + j] as number) += from * (weights[i * tags + j] as number);
    }
  }

  #backwardScaled(factor: number, emissions: Floats, count: boolean): void {
    const tags = this.tags;
    const scores = this.#scores;
    const forward = this.#forward;
    const backward = this.#backward;
    const products = this.#products;
    backward.fill(1, (this.#time - 1) * tags, this.#time * tags);
    for (let t = this.#time - 1; t >= 0; t--) {
      const row = t * tags;
      const inverse = 1 / (this.#scales[t] as number);
      for (let j = 0; j < tags; j++) {
        const value = backward[row + j] as number;
        (emissions[row + j] as number) += factor * (forward[row + j] as number) * value;
        products[j] = (scores[row + j] as number) * value * inverse;
      }
      if (t === 0) break;
      this.#stepBackward(row, count);
    }
  }

  /** backward[row before] = weights x products; counts the pairs. Four rows at a time, so that no sum waits for itself. */
  #stepBackward(row: number, count: boolean): void {
    const tags = this.tags;
    const weights = this.#weights;
    const forward = this.#forward;
    const backward = this.#backward;
    const products = this.#products;
    const pairs = this.#pairs;
    let i = 0;
    for (; i + 3 < tags; i += 4) {
      const before = row - tags + i;
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let j = 0, pair = i * tags; j < tags; j++, pair++) {
        const product = products[j] as number;
        a += (weights[pair] as number) * product;
        b += (weights[pair + tags] as number) * product;
        c += (weights[pair + 2 * tags] as number) * product;
        d += (weights[pair + 3 * tags] as number) * product;
      }
      backward[before] = a;
      backward[before + 1] = b;
      backward[before + 2] = c;
      backward[before + 3] = d;
    }
    for (; i < tags; i++) {
      let sum = 0;
      for (let j = 0; j < tags; j++) sum += (weights[i * tags + j] as number) * (products[j] as number);
      backward[row - tags + i] = sum;
    }
    if (!count) return;
    for (let from = 0, pair = 0; from < tags; from++) {
      const score = forward[row - tags + from] as number;
      for (let j = 0; j < tags; j++, pair++) (pairs[pair] as number) += score * (products[j] as number);
    }
  }

  #forwardLogs(emissions: Floats, allowed: Uint8Array | undefined): number {
    const { tags, transitions } = this;
    const sums = this.#products;
    for (let t = 0, k = 0; t < this.#time; t++) {
      for (let j = 0; j < tags; j++, k++) {
        const score = allowed === undefined || allowed[k] === 1 ? (emissions[k] as number) : -Infinity;
        this.#scores[k] = score;
        if (t === 0) this.#forward[k] = score;
        else {
          const before = (t - 1) * tags;
          for (let i = 0; i < tags; i++) {
            sums[i] = (this.#forward[before + i] as number) + (transitions[i * tags + j] as number);
          }
          this.#forward[k] = score + logSumExp(sums, 0, tags);
        }
      }
    }
    const end = this.#time * tags;
    return this.#time === 0 ? 0 : logSumExp(this.#forward, end - tags, end);
  }

  #backwardLogs(factor: number, emissions: Floats, count: boolean): void {
    const { tags, transitions } = this;
    const products = this.#products;
    const backward = this.#backward.fill(0, (this.#time - 1) * tags, this.#time * tags);
    for (let t = this.#time - 1; t >= 0; t--) {
      const row = t * tags;
      for (let j = row; j < row + tags; j++) {
        const log = (this.#forward[j] as number) + (backward[j] as number) - this.#logNorm;
        (emissions[j] as number) += factor * Math.exp(log);
      }
      if (t === 0) break;
      for (let i = 0; i < tags; i++) {
        const from = this.#forward[row - tags + i] as number;
        for (let j = 0; j < tags; j++) {
          const onward = (this.#scores[row + j] as number) + (backward[row + j] as number);
          products[j] = (transitions[i * tags + j] as number) + onward;
          if (count) (this.#pairs[i * tags + j] as number) += Math.exp(from + (products[j] as number) - this.#logNorm);
        }
        backward[row - tags + i] = logSumExp(products, 0, tags);
      }
    }
  }
}
