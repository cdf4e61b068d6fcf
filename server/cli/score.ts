// How scores are shown: conlleval's table with a confusion matrix for people, flat fields for scripts.
import { type Confusion, type Evaluation, formatConlleval } from '../tags/index.ts';

/** conlleval's table, then the confusion matrix. */
export function scoreAsText(evaluation: Evaluation): string {
  return `${formatConlleval(evaluation)}\n${confusionAsText(evaluation.confusion)}`;
}

/** Rows are gold labels, columns predicted ones; a dot stands for zero. */
function confusionAsText({ labels, counts }: Confusion): string {
  const header = ['gold \\ predicted', ...labels];
  const rows = labels.map((label, i) => [label, ...(counts[i] ?? []).map((n) => (n === 0 ? '.' : String(n)))]);
  const widths = header.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [header, ...rows].map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** The fields of `--json`, percentages from 0 to 100. */
export function scoreAsJson(evaluation: Evaluation) {
  const { f1, precision, recall, accuracy, types, sentences, tokens, task, confusion, gold, predicted, correct } =
    evaluation;
  return { f1, precision, recall, accuracy, types, sentences, tokens, task, gold, predicted, correct, confusion };
}
