// The tables and curves of docs/results.md, from what the runs left.
import { mkdirSync, writeFileSync } from 'node:fs';
import { table, writeSections } from '../results-page.mjs';
import { curves } from './curves.mjs';
import { fullFile, runsFile } from './plan.mjs';
import { byName, lastTokens, readRuns, statisticsAt, tokensFor } from './runs.mjs';

/** Tokens at which strategies are compared. */
const PLACES = [1000, 2000, 4000, 8000, 16_000, 25_000];
/** From here on a strategy is to need at most 45% of random's tokens. */
const GOAL = 8000;

const number = (value) => Math.round(value).toLocaleString('en');

export function writeResults(out, corpora, force) {
  const found = corpora.flatMap((corpus) => {
    const groups = byName(readRuns(runsFile(out, corpus)));
    if (!groups.has('random sentence')) return [];
    return [{ ...corpus, groups, full: readRuns(fullFile(out, corpus))[0]?.points.at(-1) }];
  });
  if (!writeSections('simulations', found.map(section), force)) return;
  mkdirSync('docs/img', { recursive: true });
  for (const { id, title, groups, full } of found) {
    writeFileSync(`docs/img/learning-${id}.svg`, curves(title, groups, full?.score));
  }
}

function section({ id, title, groups, full }) {
  const random = groups.get('random sentence');
  const rows = [...groups].map(([name, runs]) => [
    `\`${runs[0].strategy}\`, ${runs[0].unit}`,
    String(runs.length),
    ...PLACES.map((tokens) => cell(statisticsAt(runs, tokens), runs.length)),
    ...(name === 'random sentence' ? ['', ''] : [leastLead(runs, random), comparison(runs, random)]),
    number(statisticsAt(runs, Math.min(GOAL, lastTokens(runs)), 'sentences').mean),
  ]);
  const head = [
    'strategy, unit',
    'seeds',
    ...PLACES.map(number),
    'least lead over random',
    `${number(GOAL)} tokens: share of random's`,
    'sentences then',
  ];
  return [
    `### ${title}`,
    `![Learning curves: ${title}](img/learning-${id}.svg)`,
    ...(full ? [tenth(full, groups)] : []),
    table(head, rows),
  ].join('\n\n');
}

function cell(statistics, seeds) {
  if (statistics === undefined) return '';
  const { mean, deviation } = statistics;
  return seeds < 2 ? mean.toFixed(1) : `${mean.toFixed(1)} ± ${deviation.toFixed(1)}`;
}

/** How far a strategy is ahead of random where it is least, after the first thousand tokens: F1, and at how many tokens. */
function leastLead(runs, random) {
  const most = Math.min(lastTokens(runs), lastTokens(random));
  let least = { lead: Infinity, tokens: 0 };
  for (let tokens = 1100; tokens <= most; tokens += 100) {
    const lead = statisticsAt(runs, tokens).mean - statisticsAt(random, tokens).mean;
    if (lead < least.lead) least = { lead, tokens };
  }
  return `${least.lead < 0 ? '−' : '+'}${Math.abs(least.lead).toFixed(1)} (${number(least.tokens)})`;
}

/** What share of random's tokens a strategy needs for the score that it has with `GOAL` tokens. */
function comparison(runs, random) {
  const reached = statisticsAt(runs, GOAL);
  if (reached === undefined) return '';
  const needed = tokensFor(random, reached.mean);
  if (needed !== undefined) return `${Math.round((100 * GOAL) / needed)}%`;
  return `< ${Math.ceil((100 * GOAL) / lastTokens(random))}%`;
}

/** F1 with a tenth of the labels, beside all of them. */
function tenth({ tokens, score }, groups) {
  const runs = groups.get('mixed span');
  const most = runs && Math.min(tokens / 10, lastTokens(runs));
  const reached = runs && statisticsAt(runs, most).mean;
  const all = `With all ${number(tokens)} tokens labelled the same learner reaches ${score.toFixed(1)}`;
  if (reached === undefined) return `${all}.`;
  const share = `${((100 * reached) / score).toFixed(0)}%`;
  return `${all}; \`mixed\` by spans with ${number(most)} of them ${reached.toFixed(1)}, ${share} of it.`;
}
