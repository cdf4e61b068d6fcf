// A workspace folder after some days of work, for tests of the dashboard.
import type { DashboardData } from '../../../server/learning/dashboard.ts';
import type { HistoryEntry, Measured } from '../../../server/learning/history.ts';
import type { LabelCounts } from '../../../server/learning/label-counts.ts';

function score(gold: number, predicted: number, correct: number) {
  const [precision, recall] = [(100 * correct) / predicted, (100 * correct) / gold];
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall), gold, predicted, correct };
}

/** What is held out, with so many points of F1. */
export function measured(points: number): Measured {
  return {
    ...{ score: points, precision: points + 1, recall: points - 1, accuracy: 93, sentences: 64, tokens: 1210 },
    types: { 'PER<b>': score(90, 88, 71), LOC: score(120, 118, 101), ድርጅት: score(41, 36, 22), مكان: score(9, 11, 5) },
    confusion: {
      labels: ['LOC', 'O', 'PER<b>', 'مكان', 'ድርጅት'],
      counts: [
        [160, 9, 2, 0, 7],
        [5, 810, 6, 2, 1],
        [1, 14, 112, 0, 0],
        [0, 4, 0, 8, 0],
        [17, 6, 0, 0, 46],
      ],
    },
  };
}

/** A retraining after so many labelled tokens. */
export function retraining(
  version: number,
  tokens: number,
  points: number,
  more: Partial<HistoryEntry> = {},
): HistoryEntry {
  return {
    date: `2026-11-${String(10 + version)}T09:30:00.000Z`,
    task: 'ner',
    model: `ner/${version}`,
    previous: `ner/${version - 1}`,
    start: version % 2 === 0 ? 'warm' : 'scratch',
    counts: { sentences: tokens / 20, tokens, human: tokens - 100, source: 14_041, heldOut: 64 },
    holdout: { old: measured(points - 2), new: measured(points) },
    source: { old: 84.1, new: 84.1 - version / 10 },
    kappa: 0.9 + version / 100,
    accepted: true,
    reason: `F1 ${points} on the hold-out, not worse than before`,
    seconds: 41,
    ...more,
  };
}

export const history: readonly HistoryEntry[] = [
  retraining(1, 800, 52.25),
  retraining(2, 1900, 60),
  retraining(3, 3100, 58.5, { accepted: false, reason: 'worse on the hold-out in 86% of the draws <&>' }),
  retraining(4, 4200, 67.5),
  retraining(5, 6400, 71.75),
];

export function counts(): LabelCounts {
  return {
    documents: 3,
    all: { sentences: 2000, tokens: 41_000 },
    reviewed: { sentences: 312, tokens: 6300 },
    ...{ decided: 7010, touched: 350, conflicts: 2 },
    heldOut: { sentences: 201, labelled: 64 },
    labels: new Map([
      ['LOC', { human: 310, file: 20 }],
      ['مكان', { human: 12, file: 0 }],
      ['PER<b>', { human: 200, file: 55 }],
    ]),
    annotators: new Map([
      ['Tsehay <script>', { labels: 301, suggested: 250, reviewed: 200 }],
      ['ሙሉ', { labels: 221, suggested: 120, reviewed: 112 }],
    ]),
  };
}

export function data(): DashboardData {
  return {
    name: 'amharic "news"',
    task: 'ner',
    threshold: 0.96,
    model: 'ner/5',
    history,
    counts: counts(),
    sessions: [
      {
        ...{ annotator: 'ሙሉ', start: '2026-11-15T13:00:00.000Z', seconds: 3600, labels: 200, bulk: 30, reviewed: 90 },
        hourly: { labels: 200, reviewed: 90 },
      },
      { annotator: 'Tsehay <script>', start: '2026-11-14T08:00:00.000Z', seconds: 40, labels: 3, bulk: 0, reviewed: 1 },
    ],
    schedule: { state: 'idle', corrections: 37, after: 100 },
    keys: ['LOC', 'PER<b>', 'ድርጅት', 'مكان', 'A5', 'A6', 'A7', 'A8', 'A9', 'A10', 'A11'],
  };
}
