// L-BFGS for objectives with an L1 term: orthant-wise limited-memory quasi-Newton (Andrew and Gao, ICML 2007), with the
// steps, line search and stopping rules of libLBFGS, which CRFsuite trains with.

/** A smooth function to minimise: writes its gradient at `weights` to `gradient` and returns its value. */
export type Objective = (weights: Float64Array, gradient: Float64Array) => number;

export interface OwlqnOptions {
  /** Factor of the sum of absolute weights. */
  readonly c1: number;
  readonly iterations: number;
  /** Called after each iteration with the value of the whole objective; false ends the search. */
  readonly onIteration: (iteration: number, value: number) => boolean | Promise<boolean>;
}

const MEMORY = 6;
const EPSILON = 1e-5;
const PERIOD = 10;
const DELTA = 1e-5;
const ARMIJO = 1e-4;
const TRIALS = 20;

/** Four sums at once: a single one would wait for its own last addition. */
function dot(a: Float64Array, b: Float64Array): number {
  let [w, x, y, z] = [0, 0, 0, 0];
  let i = 0;
  for (const end = a.length - 3; i < end; i += 4) {
    w += (a[i] as number) * (b[i] as number);
    x += (a[i + 1] as number) * (b[i + 1] as number);
    y += (a[i + 2] as number) * (b[i + 2] as number);
    z += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (; i < a.length; i++) w += (a[i] as number) * (b[i] as number);
  return w + x + (y + z);
}

function addScaled(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) (to[i] as number) += factor * (what[i] as number);
}

function norm1(weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += Math.abs(weights[i] as number);
  return sum;
}

/** The steepest way up of objective + c1 * |weights|: at 0, towards the side where it falls, if there is one. */
function pseudoGradient(weights: Float64Array, gradient: Float64Array, c1: number, out: Float64Array): void {
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    const slope = gradient[i] as number;
    if (weight < 0) out[i] = slope - c1;
    else if (weight > 0) out[i] = slope + c1;
    else if (slope < -c1) out[i] = slope + c1;
    else if (slope > c1) out[i] = slope - c1;
    else out[i] = 0;
  }
}

/** One correction pair of the limited memory. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  product: number;
}

/** The quasi-Newton direction: minus the inverse Hessian's estimate times `gradient` (two-loop recursion). */
function direction(gradient: Float64Array, pairs: readonly Pair[], out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = -(gradient[i] as number);
  const newest = pairs[pairs.length - 1];
  if (newest === undefined) return;
  const alphas = new Float64Array(pairs.length);
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { step, change, product } = pairs[p] as Pair;
    const alpha = dot(step, out) / product;
    alphas[p] = alpha;
    addScaled(out, change, -alpha);
  }
  const scale = newest.product / dot(newest.change, newest.change);
  for (let i = 0; i < out.length; i++) (out[i] as number) *= scale;
  pairs.forEach(({ step, change, product }, p) => {
    addScaled(out, step, (alphas[p] as number) - dot(change, out) / product);
  });
}

/** Keeps to where the direction falls as the gradient does, so that it stays in the orthant at hand. */
function constrain(way: Float64Array, gradient: Float64Array): void {
  for (let i = 0; i < way.length; i++) if ((way[i] as number) * (gradient[i] as number) >= 0) way[i] = 0;
}

/** Minimises objective + c1 * sum |weights| in place, starting from `weights`. */
export async function minimise(objective: Objective, weights: Float64Array, options: OwlqnOptions): Promise<void> {
  const { c1, iterations, onIteration } = options;
  const size = weights.length;
  const gradient = new Float64Array(size);
  const slope = new Float64Array(size);
  const before = new Float64Array(size);
  const gradientBefore = new Float64Array(size);
  const way = new Float64Array(size);
  const pairs: Pair[] = [];
  const values: number[] = [];
  let value = objective(weights, gradient) + c1 * norm1(weights);
  pseudoGradient(weights, gradient, c1, slope);
  let length = Math.sqrt(dot(slope, slope));
  if (length <= EPSILON * Math.max(1, Math.sqrt(dot(weights, weights)))) return;
  let stride = 1 / length;
  for (let iteration = 1; iteration <= iterations; iteration++) {
    direction(slope, pairs, way);
    if (c1 > 0) constrain(way, slope);
    before.set(weights);
    gradientBefore.set(gradient);
    const valueBefore = value;
    let found = false;
    for (let trial = 0; trial < TRIALS && !found; trial++, stride /= 2) {
      let expected = 0;
      for (let i = 0; i < size; i++) {
        const from = before[i] as number;
        const orthant = from === 0 ? -(slope[i] as number) : from;
        const to = from + stride * (way[i] as number);
        // A weight that would change its sign stops at zero.
        weights[i] = c1 > 0 && to * orthant <= 0 ? 0 : to;
        expected += ((weights[i] as number) - from) * (slope[i] as number);
      }
      value = objective(weights, gradient) + c1 * norm1(weights);
      found = value <= valueBefore + ARMIJO * expected;
    }
    if (!found) {
      weights.set(before);
      return;
    }
    stride = 1;
    pseudoGradient(weights, gradient, c1, slope);
    if (!(await onIteration(iteration, value))) return;
    length = Math.sqrt(dot(slope, slope));
    if (length <= EPSILON * Math.max(1, Math.sqrt(dot(weights, weights)))) return;
    const old = values[(iteration - 1) % PERIOD];
    if (old !== undefined && Math.abs((old - value) / value) < DELTA) return;
    values[(iteration - 1) % PERIOD] = value;
    remember(pairs, weights, before, gradient, gradientBefore);
  }
}

function remember(
  pairs: Pair[],
  weights: Float64Array,
  before: Float64Array,
  gradient: Float64Array,
  gradientBefore: Float64Array,
): void {
  const size = weights.length;
  const oldest = pairs.length === MEMORY ? pairs.shift() : undefined;
  const pair = oldest ?? { step: new Float64Array(size), change: new Float64Array(size), product: 0 };
  for (let i = 0; i < size; i++) {
    pair.step[i] = (weights[i] as number) - (before[i] as number);
    pair.change[i] = (gradient[i] as number) - (gradientBefore[i] as number);
  }
  pair.product = dot(pair.step, pair.change);
  // Partly labelled sentences make the objective non-convex: a pair that says otherwise would turn the direction uphill.
  if (pair.product > 0) pairs.push(pair);
}
