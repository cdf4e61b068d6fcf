// Every retraining with what it came to, and whether another one would pay.
import { type DashboardData, forgettingOf, lastGain, type Verdict, verdictOf } from '../../learning/dashboard.ts';
import type { HistoryEntry } from '../../learning/history.ts';
import { duration, whole } from '../numbers.ts';
import type { Chart } from '../page/chart.ts';
import { figure } from '../page/figure.ts';
import { dateHtml, escapeHtml, nameHtml } from '../page/html.ts';
import { tableHtml, words } from '../page/table.ts';

/** Newest ones that are shown. */
const MOST_RETRAININGS = 50;

/** In words: do more labels pay? */
export function verdictHtml({ history, threshold }: Pick<DashboardData, 'history' | 'threshold'>): string {
  const verdict = verdictOf(history, threshold);
  const kind = verdict.kind === 'stop' ? ' stop' : '';
  return `<p class="verdict${kind}" id="verdict">${sentence(verdict, threshold)}${gained(history)}</p>`;
}

function gained(history: readonly HistoryEntry[]): string {
  const gain = lastGain(history);
  if (gain === undefined) return '';
  const { points, tokens } = gain;
  const size = Math.abs(points).toFixed(1);
  const said = size === '0.0' ? 'stayed as it was' : `${points < 0 ? 'fell' : 'rose'} by ${size} points`;
  return ` Over the last ${whole(Math.max(0, tokens))} labelled tokens the score on the hold-out ${said}.`;
}

function sentence({ kind, known, needed, mean }: Verdict, threshold: number): string {
  if (kind === 'unknown') {
    const more = needed - known;
    return `Whether more labels pay is known after ${more} more ${more === 1 ? 'retraining' : 'retrainings'}: successive models are compared then.`;
  }
  const agreement = `The last ${needed} models agree with those before them to ${mean!.toFixed(3)} (kappa) on average`;
  return kind === 'stop'
    ? `More labels hardly pay. ${agreement}; the threshold is ${threshold}.`
    : `More labels still pay. ${agreement}, below the threshold of ${threshold}.`;
}

/** What the new language cost the old one. */
export function forgettingHtml(history: readonly HistoryEntry[], current: HistoryEntry | undefined): string {
  const known = forgettingOf(history, current);
  if (known === undefined) return '';
  const { before, now, hadModel } = known;
  const first = `${hadModel ? 'before' : 'after'} the first retraining`;
  const lost = before - now;
  const said =
    Math.abs(lost) < 0.05
      ? 'Nothing was forgotten'
      : lost > 0
        ? `Forgetting cost ${lost.toFixed(1)} points`
        : `It gained ${(-lost).toFixed(1)} points`;
  return `<p>${said} on the source language: ${before.toFixed(1)} ${first}, ${now.toFixed(1)} now.</p>`;
}

/** @param index of the chart on the page */
export function chartOr(chart: Chart | undefined, index: number, otherwise: string): string {
  return chart === undefined ? `<p>${otherwise}</p>` : figure(chart, index);
}

export function retrainingsSection(history: readonly HistoryEntry[], inUse: string | undefined): string {
  if (history.length === 0) return '';
  const shown = history.slice(-MOST_RETRAININGS).reverse();
  const rows = shown.map(({ date, model, start, counts, holdout, source, kappa, accepted, reason, seconds }) => [
    `${nameHtml(model)}${model === inUse ? ' (in use)' : ''}`,
    words(dateHtml(date)),
    words(accepted ? 'accepted' : 'rejected'),
    holdout?.new.score.toFixed(1) ?? '',
    holdout?.old?.score.toFixed(1) ?? '',
    whole(counts.tokens),
    whole(counts.human),
    source?.new.toFixed(1) ?? '',
    kappa?.toFixed(3) ?? '',
    words(`${start === 'warm' ? 'warm' : 'from scratch'}, ${duration(seconds)}`),
    { html: escapeHtml(reason), className: 'text long' },
  ]);
  const columns = [
    ...['Model', words('Trained'), words('Outcome'), 'Hold-out', 'Model before', 'Labelled tokens', 'By people here'],
    ...['Source language', 'Kappa', words('Start and time'), words('Why')],
  ];
  const table = tableHtml({ id: 'retraining-table', caption: 'Retrainings, the newest first', columns, rows });
  return `<section aria-labelledby="retrainings">\n<h2 id="retrainings">Retrainings</h2>\n${table}\n</section>`;
}
