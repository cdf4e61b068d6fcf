// The report of a pre-training as HTML: what was trained, its curves, and their numbers as tables. The script in
// media/report draws the curves; without it the tables are there.
import { curvesOf } from './encoder-curves.ts';
import { duration, short, whole } from './numbers.ts';
import { chartData, figure } from './page/figure.ts';
import { dateHtml, escapeHtml, factsHtml } from './page/html.ts';
import { standalonePage } from './page/page.ts';
import { lastPerplexity, type PretrainingRun } from './pretraining-run.ts';

/** Everything inside `<main>`. */
export function reportBody(run: PretrainingRun): string {
  const charts = curvesOf(run);
  return [
    `<h1>${escapeHtml(run.name)}</h1>`,
    factsHtml([...factsOf(run).map(([name, value]) => [name, escapeHtml(value)] as const), ['State', stateOf(run)]]),
    lastPerplexity(run) === undefined ? '<p>Perplexity has not been measured yet.</p>' : '',
    ...charts.map((chart, i) => figure(chart, i)),
    chartData(charts),
  ].join('\n');
}

/** A page that needs nothing but itself and lets nothing in. */
export function reportPage(run: PretrainingRun, files: { script: string; style: string }): string {
  return standalonePage({ title: `${run.name}: pre-training`, body: reportBody(run) }, files);
}

function factsOf(run: PretrainingRun): [name: string, value: string][] {
  const last = run.lines.at(-1)!;
  const perplexity = Object.entries(lastPerplexity(run) ?? {});
  return [
    ['Languages', run.languages.join(', ')],
    ...(run.size === undefined ? [] : [['Size', run.size] as [string, string]]),
    ...(run.template === undefined ? [] : [['Template', run.template] as [string, string]]),
    ['Steps', whole(last.step)],
    ['Words seen', whole(last.words)],
    ['Time', duration(last.seconds)],
    ['Speed', last.seconds > 0 ? `${whole(Math.round(last.words / last.seconds))} words/s` : 'unknown'],
    ...perplexity.map(
      ([language, { forward, backward }]) =>
        [`Perplexity, ${language}`, `${short(forward)} forward, ${short(backward)} backward`] as [string, string],
    ),
  ];
}

/** @returns HTML */
function stateOf({ finished, created }: PretrainingRun): string {
  if (!finished) return 'not finished';
  return created === undefined ? 'finished' : `finished ${dateHtml(created)}`;
}
