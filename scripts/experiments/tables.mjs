// The tables of docs/results.md, from the numbers of the runs.
import { table, writeSections } from '../results-page.mjs';
import { ENCODERS, FEW, SEEDS } from './plan.mjs';

/** Bars without an encoder (shared/peers/quality.md): word shapes or identical strings alone, the list alone. */
const BARS = {
  'ner-es': { title: 'NER, English to Spanish: F1 on CoNLL-2002 test', alone: 41.02, list: 52.64 },
  'pos-es': { title: 'POS, English to Spanish: accuracy on UD GSD test', alone: 43.52, list: 68.9 },
  'pos-de': { title: 'POS, English to German: accuracy on UD GSD test', alone: 40.55, list: 58.33 },
  'ner-swa': { title: 'NER, English to Swahili: F1 on MasakhaNER 2.0 test (PER, ORG, LOC)', alone: 40.68, list: 42.86 },
  'ner-yor': { title: 'NER, English to Yoruba: F1 on MasakhaNER 2.0 test (PER, ORG, LOC)', alone: 18.64, list: 18.98 },
};

/** @param records of every run, by its id (`takeOver`) */
export function writeTables(records) {
  const parts = [
    ...Object.keys(BARS).map((id) => transferTable(id, records)),
    encoderTable(records),
    fewTable(records),
  ];
  // The records hold every row of the page
  writeSections('experiments', parts, true);
}

/** Mean over the seeds that are there, and each of them. */
function scores(records, id, by) {
  const found = SEEDS.map((seed) => records.get(`${id}-${seed}`)?.[by]).filter((score) => score !== undefined);
  if (found.length === 0) return '';
  const mean = found.reduce((a, b) => a + b, 0) / found.length;
  return found.length === 1
    ? `${mean.toFixed(2)} (1 seed)`
    : `**${mean.toFixed(2)}** (${found.map((x) => x.toFixed(1)).join(', ')})`;
}

function transferTable(id, records) {
  const { title, alone, list } = BARS[id];
  const names = ['alone', ...Object.keys(ENCODERS)];
  const rows = names.flatMap((name) => {
    const cells = [`${id}-${name}`, `${id}-${name}-list`].flatMap((run) => [
      scores(records, run, 'source'),
      scores(records, run, 'target'),
    ]);
    if (cells.every((cell) => cell === '')) return [];
    return [[name === 'alone' ? 'no encoder' : `\`${name}\``, ...cells]];
  });
  if (rows.length === 0) return '';
  const head = [
    'encoder',
    'chosen by source dev',
    'by target dev',
    'with the word list, by source dev',
    'by target dev',
  ];
  const bars = ['bar', String(alone), '', String(list), ''];
  return `### ${title}\n\n${table(head, [bars, ...rows])}`;
}

function encoderTable(records) {
  const rows = [...records.values()]
    .filter(({ id }) => id.startsWith('encoder-'))
    .map(({ id, date, engine, steps, words, minutes, perplexity }) => {
      const perplexities = Object.entries(perplexity).map(([language, both]) => `${language} ${both.join(' / ')}`);
      const bli = records.get(id.replace('encoder-', 'bli-'));
      const translated = bli ? `${bli.cosine.toFixed(1)} / ${bli.csls.toFixed(1)}` : '';
      const millions = `${(words / 1e6).toFixed(1)}M`;
      return [`\`${id.slice(8)}\``, steps, millions, engine, minutes, perplexities.join(', '), translated, date];
    });
  if (rows.length === 0) return '';
  const head = [
    'encoder',
    'steps',
    'words',
    'engine',
    'minutes',
    'perplexity, forward / backward',
    'P@1 cosine / CSLS',
    'date',
  ];
  return `### Encoders\n\n${table(head, rows)}`;
}

function fewTable(records) {
  const rows = FEW.map(({ id, size, drawn, crfsuite }) => [
    drawn ? `${size}, as the peers drew them` : `${size}, the first of the corpus`,
    crfsuite,
    scores(records, `few-swa-${id}-alone`, 'source'),
    scores(records, `few-swa-${id}-encoder`, 'source'),
  ]).filter(([, , ...cells]) => cells.some((cell) => cell !== ''));
  if (rows.length === 0) return '';
  return `### Few labels of the language itself: Swahili, F1 on test\n\n${table(['sentences', 'CRFsuite', 'no encoder', 'encoder'], rows)}`;
}
