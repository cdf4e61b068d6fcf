// How good the model in use is on the hold-out: by label, and what it takes for what.
import type { HistoryEntry, Measured } from '../../learning/history.ts';
import { whole } from '../numbers.ts';
import { nameHtml } from '../page/html.ts';
import { type Cell, tableHtml } from '../page/table.ts';

/** Classes `shade-1` ... of the style sheet. */
const SHADES = 5;

/** Pairs of labels that are named in words. */
const MOST_PAIRS = 3;

export function scoresSection({ model, holdout }: HistoryEntry): string {
  if (holdout === undefined) return '';
  const { new: scores, old } = holdout;
  const size = `${whole(scores.sentences)} held-out sentences, ${whole(scores.tokens)} labelled tokens`;
  return `<section aria-labelledby="scores">
<h2 id="scores">Scores by label</h2>
<p class="summary">Of ${nameHtml(model)} on ${size}, as they were when it was trained.</p>
${typesTable(scores, old)}
${confusion(scores)}
</section>`;
}

function typesTable({ types, precision, recall, score }: Measured, old: Measured | undefined): string {
  const rows = Object.entries(types)
    .sort(([, a], [, b]) => b.gold - a.gold)
    .map(([label, { precision, recall, f1, gold, predicted, correct }]): Cell[] => [
      nameHtml(label),
      ...[precision, recall, f1].map(percent),
      old === undefined ? '' : change(f1, old.types[label]?.f1),
      ...[gold, predicted, correct].map(whole),
    ]);
  const total = (of: 'gold' | 'predicted' | 'correct') => Object.values(types).reduce((sum, type) => sum + type[of], 0);
  const all: Cell[] = [
    'all',
    ...[precision, recall, score].map(percent),
    change(score, old?.score),
    ...[total('gold'), total('predicted'), total('correct')].map(whole),
  ];
  return tableHtml({
    id: 'types',
    caption: 'Precision, recall and F1 in percent; change of F1 from the model before',
    columns: ['Label', 'Precision', 'Recall', 'F1', 'Change', 'Said by people', 'Said by the model', 'By both'],
    rows: [...rows, all],
  });
}

function confusion({ confusion: { labels, counts } }: Measured): string {
  if (labels.length === 0) return '';
  const rows = labels.map((gold, i): Cell[] => {
    const total = counts[i]!.reduce((sum, count) => sum + count, 0);
    return [nameHtml(gold), ...labels.map((_, k) => confusionCell(counts[i]![k]!, total, i === k)), whole(total)];
  });
  return `<p>${confused(labels, counts)}</p>
${tableHtml({
  id: 'confusion',
  caption: 'Confusion matrix: tokens by what people said (rows) and what the model said (columns)',
  columns: ['People \\ model', ...labels.map(nameHtml), 'Tokens'],
  rows,
})}`;
}

function confusionCell(count: number, total: number, isRight: boolean): Cell {
  if (count === 0) return { html: '0', className: 'none' };
  const shade = Math.max(1, Math.ceil((count / total) * SHADES));
  return { html: whole(count), className: `${isRight ? 'right' : 'wrong'} shade-${shade}` };
}

/** The most frequent mistakes in words. */
function confused(labels: readonly string[], counts: readonly (readonly number[])[]): string {
  const pairs = labels.flatMap((gold, i) =>
    labels.flatMap((predicted, k) =>
      i !== k && counts[i]![k]! > 0 ? [{ gold, predicted, count: counts[i]![k]! }] : [],
    ),
  );
  if (pairs.length === 0) return 'The model has every held-out token right.';
  const most = pairs.sort((a, b) => b.count - a.count).slice(0, MOST_PAIRS);
  const said = most.map(({ gold, predicted, count }) => {
    const tokens = count === 1 ? '1 token' : `${whole(count)} tokens`;
    return `${tokens} of ${nameHtml(gold)} taken for ${nameHtml(predicted)}`;
  });
  return `Most frequent mistakes: ${said.join('; ')}.`;
}

function percent(value: number): string {
  return value.toFixed(1);
}

function change(now: number, before: number | undefined): string {
  if (before === undefined) return '';
  const points = now - before;
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`;
}
