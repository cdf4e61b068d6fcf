// The curves of the dashboard, all of them over the tokens that were labelled when a model was trained.
import type { HistoryEntry } from '../../learning/history.ts';
import type { Task } from '../../text/index.ts';
import type { Chart, Series } from '../page/chart.ts';

const OVER = 'labelled tokens';

/** What a score of a task is. */
export function scoreName(task: Task): string {
  return task === 'pos' ? 'accuracy, %' : 'F1, %';
}

/** Scores on the hold-out of the models that were taken and of those that were not; undefined before the first. */
export function learningCurve(history: readonly HistoryEntry[]): Chart | undefined {
  const measured = inOrder(history.filter(({ holdout }) => holdout !== undefined));
  if (measured.length === 0) return undefined;
  const scores = (wanted: boolean) =>
    measured.map(({ accepted, holdout }) => (accepted === wanted ? holdout!.new.score : null));
  const rejected = measured.some(({ accepted }) => !accepted);
  return chart('Learning curve on the hold-out', scoreName(measured[0]!.task), measured, [
    { name: 'accepted models', colour: 0, dashed: false, values: scores(true) },
    ...(rejected
      ? [{ name: 'rejected models', colour: 4, dashed: false, scattered: true, values: scores(false) }]
      : []),
  ]);
}

/** Agreement of each model with the one before it, beside the threshold. */
export function agreementCurve(history: readonly HistoryEntry[], threshold: number): Chart | undefined {
  const known = inOrder(history.filter(({ kappa }) => kappa !== undefined));
  if (known.length === 0) return undefined;
  return chart('Agreement of successive models', "Cohen's kappa, 1 is the same everywhere", known, [
    { name: 'agreement', colour: 3, dashed: false, values: known.map(({ kappa }) => kappa!) },
    { name: 'threshold', colour: 5, dashed: true, values: known.map(() => threshold) },
  ]);
}

/** Scores on the development data of the source language, of the models that were taken. */
export function sourceCurve(history: readonly HistoryEntry[]): Chart | undefined {
  const known = inOrder(history.filter(({ source, accepted }) => source !== undefined && accepted));
  const [first] = known;
  if (first === undefined) return undefined;
  const before = first.source!.old;
  return chart('Score on the source language', scoreName(first.task), known, [
    { name: 'accepted models', colour: 2, dashed: false, values: known.map(({ source }) => source!.new) },
    ...(before === undefined
      ? []
      : [{ name: 'before the first retraining', colour: 5, dashed: true, values: known.map(() => before) }]),
  ]);
}

function chart(title: string, unit: string, points: readonly HistoryEntry[], series: Series[]): Chart {
  const at = points.map(({ counts }) => counts.tokens);
  return { title, unit, logarithmic: false, over: OVER, at, series };
}

/** Labels can be taken back: what is drawn from left to right must not fall. */
function inOrder(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.toSorted((a, b) => a.counts.tokens - b.counts.tokens);
}
