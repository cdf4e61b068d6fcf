// How scores are shown: conlleval's table with a confusion matrix for people, flat fields for scripts.
import { type Confusion, type Evaluation, formatConlleval } from '../tags/index.ts';

/** conlleval's table, then the confusion matrix. */
export function scoreAsText(evaluation: Evaluation): string {
  return `${formatConlleval(evaluation)}\n${confusionAsText(evaluation.confusion)}`;
}

/** Rows are gold labels, columns predicted ones; a dot stands for zero. */
export function confusionAsText({ labels, counts }: Confusion, title = 'gold \\ predicted'): string {
  const rows = labels.map((label, i) => [label, ...(counts[i] ?? []).map((n) => (n === 0 ? '.' : String(n)))]);
  return tableAsText([[title, ...labels], ...rows]);
}

/** The first column on the left, the others on the right. */
export function tableAsText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** The fields of `--json`, percentages from 0 to 100. */
export function scoreAsJson(evaluation: Evaluation) {
  const { f1, precision, recall, accuracy, types, sentences, tokens, task, confusion, gold, predicted, correct } =
    evaluation;
  return { f1, precision, recall, accuracy, types, sentences, tokens, task, gold, predicted, correct, confusion };
}
