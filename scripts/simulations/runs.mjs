// Reading what simulations left, and curves over seeds.
import { existsSync, readFileSync } from 'node:fs';

/** Whole runs of a file of `crosstag simulate --out`: key `strategy unit seed`, points [tokens, score, sentences]. */
export function readRuns(file) {
  if (!existsSync(file)) return [];
  const runs = new Map();
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n').slice(1)) {
    const {
      strategy,
      unit,
      seed,
      labelled_tokens: tokens,
      labelled_sentences: sentences,
      f1,
      accuracy,
    } = JSON.parse(text);
    const key = `${strategy} ${unit} ${seed}`;
    if (!runs.has(key)) runs.set(key, { key, name: `${strategy} ${unit}`, strategy, unit, seed, points: [] });
    runs.get(key).points.push({ tokens, sentences, score: f1 ?? accuracy });
  }
  return [...runs.values()];
}

/** Runs by `strategy unit`, random first. */
export function byName(runs) {
  const groups = new Map();
  for (const run of runs) groups.set(run.name, [...(groups.get(run.name) ?? []), run]);
  return new Map([...groups].sort(([a], [b]) => Number(b.startsWith('random')) - Number(a.startsWith('random'))));
}

/** Score of one run at so many tokens, between two rounds on a straight line; undefined beyond its end. */
export function scoreAt({ points }, tokens, field = 'score') {
  const after = points.findIndex((point) => point.tokens >= tokens);
  if (after < 0) return undefined;
  if (after === 0 || points[after].tokens === tokens) return points[after][field];
  const [a, b] = [points[after - 1], points[after]];
  return a[field] + ((tokens - a.tokens) / (b.tokens - a.tokens)) * (b[field] - a[field]);
}

/** Mean and standard deviation over the runs at so many tokens; undefined where a run has ended. */
export function statisticsAt(runs, tokens, field = 'score') {
  const scores = runs.map((run) => scoreAt(run, tokens, field));
  if (scores.some((score) => score === undefined)) return undefined;
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const deviation =
    scores.length < 2 ? 0 : Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (scores.length - 1));
  return { mean, deviation };
}

/** The fewest tokens with which the mean of the runs reaches a score; undefined where it does not. */
export function tokensFor(runs, score) {
  const most = lastTokens(runs);
  for (let tokens = 0; tokens <= most; tokens += 50) {
    if ((statisticsAt(runs, tokens)?.mean ?? 0) >= score) return tokens;
  }
  return undefined;
}

/** Tokens that all runs have reached. */
export function lastTokens(runs) {
  return Math.min(...runs.map(({ points }) => points.at(-1).tokens));
}
