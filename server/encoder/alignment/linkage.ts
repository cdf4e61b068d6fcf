// Average linkage of two sets of states, the energy distance (spec section 5). No matrix of pairs outlives its block: a
// distance and its gradient are computed together, because the term enters the loss with a factor that is known beforehand.
import type { Graph, Node, OutputGradient } from '../../tensor/index.ts';

/** Squared distances are clipped from below; a distance of a state from itself is the root of this. */
const LEAST = 1e-6;
/** Added to the number of pairs. */
const TINY = 1e-6;
/** Rows of a block: with a thousand columns, a megabyte. */
const ROWS = 256;
/** Of more words than this the blocks are larger, 16 MB: there would be thousands of them, and each costs time to build. */
const MANY = 2048;
const MANY_ROWS = 1024;

export interface Alignment {
  /** Of each pair of languages, in the order of `languagePairs`; their sum is the term. */
  readonly losses: readonly Node[];
  readonly outputs: readonly OutputGradient[];
}

/** The states of a language's words [words, hidden] and which of them are real [words, 1]. */
export interface Cloud {
  readonly states: Node;
  readonly mask: Node;
}

/** Sum of the distances of pairs, and its gradients for both sides. */
interface Distances {
  readonly sum: Node;
  readonly first: Node;
  readonly second: Node;
}

/**
 * weight * sum over pairs of languages of (2 mean d(a, b) - mean d(a, a') - mean d(b, b')) / (languages - 1).
 * @param selfTerms false leaves out the distances inside a language, and counts those between languages once
 */
export function averageLinkage(g: Graph, clouds: readonly Cloud[], weight: number, selfTerms: boolean): Alignment {
  const factor = crossFactor(clouds.length, weight, selfTerms);
  const gradients = clouds.map((): Node[] => []);
  const scaled = (sum: Node, scale: Node, parts: readonly (readonly [cloud: number, gradient: Node])[]): Node => {
    for (const [cloud, gradient] of parts) gradients[cloud]!.push(g.mul(gradient, scale));
    return g.mul(sum, scale);
  };
  const counts = clouds.map(({ mask }) => g.sum(mask));
  const cross = languagePairs(clouds.length).map(([i, j]) => {
    const { sum, first, second } = between(g, clouds[i]!, clouds[j]!);
    const scale = g.div(factor, g.add(g.mul(counts[i]!, counts[j]!), TINY));
    return scaled(sum, scale, [
      [i, first],
      [j, second],
    ]);
  });
  // Of a language in the terms of all the pairs that it belongs to
  const own = clouds.map((cloud, i) => {
    if (!selfTerms) return undefined;
    const { sum, first } = inside(g, cloud);
    const scale = g.div(-weight, g.add(g.mul(counts[i]!, counts[i]!), TINY));
    return scaled(sum, scale, [[i, first]]);
  });
  return {
    losses: withOwn(g, cross, own),
    outputs: clouds.map(({ states }, i) => ({ node: states, gradient: gradients[i]!.reduce((a, b) => g.add(a, b)) })),
  };
}

/** The numbers of all pairs of so many languages: of three (0, 1), (0, 2), (1, 2). */
export function languagePairs(languages: number): (readonly [number, number])[] {
  const all = [...Array(languages).keys()];
  return all.flatMap((a) => all.slice(a + 1).map((b) => [a, b] as const));
}

/** The terms between the languages of each pair and, in equal shares, those inside them. */
function withOwn(g: Graph, cross: readonly Node[], own: readonly (Node | undefined)[]): Node[] {
  const share = 1 / (own.length - 1);
  return languagePairs(own.length).map((pair, k) =>
    pair.reduce((sum, i) => (own[i] ? g.add(sum, share === 1 ? own[i] : g.mul(own[i], share)) : sum), cross[k]!),
  );
}

/** What the mean distance of two languages counts. */
function crossFactor(languages: number, weight: number, selfTerms: boolean): number {
  return ((selfTerms ? 2 : 1) * weight) / (languages - 1);
}

/** All pairs of a word of `a` and a word of `b`. */
function between(g: Graph, a: Cloud, b: Cloud): Distances {
  const parts = rowsOf(g, a).map((block) => blockDistances(g, block, b));
  return {
    sum: parts.map(({ sum }) => sum).reduce((x, y) => g.add(x, y)),
    first: g.concat(
      parts.map(({ first }) => first),
      0,
    ),
    second: parts.map(({ second }) => second).reduce((x, y) => g.add(x, y)),
  };
}

/** All pairs inside `a`, in both orders; each block of rows with itself, and with the rows after it, once. */
function inside(g: Graph, a: Cloud): Omit<Distances, 'second'> {
  const blocks = rowsOf(g, a);
  const words = a.states.shape[0]!;
  const sums: Node[] = [];
  const gradients = blocks.map((): Node[] => []);
  let start = 0;
  blocks.forEach((block, i) => {
    const own = blockDistances(g, block, block, true);
    // Both ends of a pair are in the block: in `first` and `second` together each has its gradient twice.
    sums.push(own.sum);
    gradients[i]!.push(own.first, own.second);
    start += block.states.shape[0]!;
    if (start === words) return;
    const after = (x: Node) => g.slice(x, 0, start, words - start);
    const rest = blockDistances(g, block, { states: after(a.states), mask: after(a.mask) });
    sums.push(g.mul(rest.sum, 2));
    gradients[i]!.push(g.mul(rest.first, 2));
    const sizes = blocks.slice(i + 1).map(({ states }) => states.shape[0]!);
    g.split(rest.second, sizes, 0).forEach((part, k) => {
      gradients[i + 1 + k]!.push(g.mul(part, 2));
    });
  });
  const first = g.concat(
    gradients.map((parts) => parts.reduce((x, y) => g.add(x, y))),
    0,
  );
  return { sum: sums.reduce((x, y) => g.add(x, y)), first };
}

function rowsOf(g: Graph, { states, mask }: Cloud): Cloud[] {
  const words = states.shape[0]!;
  const rows = words > MANY ? MANY_ROWS : ROWS;
  const sizes = Array.from({ length: Math.ceil(words / rows) }, (_, i) => Math.min(rows, words - i * rows));
  const masks = g.split(mask, sizes, 0);
  return g.split(states, sizes, 0).map((part, i) => ({ states: part, mask: masks[i]! }));
}

/**
 * Distances of all pairs of two small sets. With u' = [-2u, |u|^2, 1] and v' = [v, 1, |v|^2] one product gives the squares,
 * and with R = 1 / d the gradient of u is u * (R mask) - R (mask * v).
 * @param same the sets are one: the diagonal is exactly the root of LEAST and has no gradient
 */
function blockDistances(g: Graph, a: Cloud, b: Cloud, same = false): Distances {
  const [n, hidden] = a.states.shape as [number, number];
  const m = b.states.shape[0]!;
  const ones = (rows: number) => g.broadcast(g.constant(1), [rows, 1]);
  const squares = (x: Node) => g.sum(g.mul(x, x), [1], { keepDims: true });
  const left = g.concat([g.mul(a.states, -2), squares(a.states), ones(n)], 1);
  const right = g.concat([b.states, ones(m), squares(b.states)], 1);
  const product = g.matMul(left, right, { transposeB: true });
  const apart = same ? offDiagonal(g, n) : undefined;
  const squared = g.maximum(apart ? g.mul(product, apart) : product, LEAST);
  const distances = g.sqrt(squared);
  const inverse = g.div(apart ?? 1, distances);
  const side = (own: Cloud, other: Cloud, transposeA: boolean): Node => {
    const masked = g.concat([g.mul(other.states, other.mask), other.mask], 1);
    const [others, total] = g.split(g.matMul(inverse, masked, { transposeA }), [hidden, 1], 1);
    return g.mul(g.sub(g.mul(own.states, total!), others!), own.mask);
  };
  return {
    sum: g.sum(g.mul(g.matMul(distances, b.mask), a.mask)),
    first: side(a, b, false),
    second: side(b, a, true),
  };
}

/** A graph has one of each size: every block of every layer and language takes it, and it holds up to 4 MB. */
const diagonals = new WeakMap<Graph, Map<number, Node>>();

/** 0 on the diagonal, 1 elsewhere: [n, n]. */
function offDiagonal(g: Graph, n: number): Node {
  const own = diagonals.get(g) ?? new Map<number, Node>();
  diagonals.set(g, own);
  const known = own.get(n);
  if (known) return known;
  const values = new Float32Array(n * n).fill(1);
  for (let i = 0; i < n; i++) values[i * n + i] = 0;
  const made = g.constant(values, [n, n]);
  own.set(n, made);
  return made;
}

/** The least squared length that a state is divided by: a state of zeros has cosine 0 with all others. */
const LEAST_SQUARE = 1e-12;

/** The same with d = (1 - cos) / 2. The mean of all cosines is the product of two means: no pairs are needed. */
export function cosineLinkage(g: Graph, clouds: readonly Cloud[], weight: number, selfTerms: boolean): Alignment {
  const means = clouds.map(({ states, mask }) => {
    const length = g.sqrt(g.maximum(g.sum(g.mul(states, states), [1], { keepDims: true }), LEAST_SQUARE));
    return { sum: g.sum(g.mul(g.div(states, length), mask), [0]), count: g.sum(mask) };
  });
  type Mean = (typeof means)[number];
  const distance = (a: Mean, b: Mean) => {
    const cosine = g.div(g.sum(g.mul(a.sum, b.sum)), g.add(g.mul(a.count, b.count), TINY));
    return g.mul(g.sub(1, cosine), 0.5);
  };
  const factor = crossFactor(clouds.length, weight, selfTerms);
  const cross = languagePairs(means.length).map(([i, j]) => g.mul(distance(means[i]!, means[j]!), factor));
  const own = means.map((mean) => (selfTerms ? g.mul(distance(mean, mean), -weight) : undefined));
  const losses = withOwn(g, cross, own);
  return { losses, outputs: losses.map((node) => ({ node, gradient: 1 })) };
}
