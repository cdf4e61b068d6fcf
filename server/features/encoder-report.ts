// The report of a pre-training as HTML: what was trained, its curves, and their numbers as tables. The script in
// media/report draws the curves; without it the tables are there.
import { createHash } from 'node:crypto';
import { type Chart, curvesOf } from './encoder-curves.ts';
import { lastPerplexity, type PretrainingRun } from './pretraining-run.ts';

/** Rows of a table; of more points every other, third, ... is left out. */
const MOST_ROWS = 50;

/** Everything inside `<main>`. */
export function reportBody(run: PretrainingRun): string {
  const charts = curvesOf(run);
  return [
    `<h1>${escapeHtml(run.name)}</h1>`,
    `<dl>${factsOf(run)
      .map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`)
      .join('')}</dl>`,
    lastPerplexity(run) === undefined ? '<p>Perplexity has not been measured yet.</p>' : '',
    ...charts.map((chart, i) => figure(chart, i)),
    `<script type="application/json" id="curves">${JSON.stringify(charts).replaceAll('<', '\\u003c')}</script>`,
  ].join('\n');
}

/** A page that needs nothing but itself and lets nothing in: what may run and style it is named by its hash. */
export function reportPage(run: PretrainingRun, { script, style }: { script: string; style: string }): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  // `</script` in a string of the script would end it.
  const safe = script.replaceAll('</script', '<\\/script');
  const policy = `default-src 'none'; script-src ${hash(safe)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(run.name)}: pre-training</title>
<style>${style}</style>
</head>
<body>
<main>
${reportBody(run)}
</main>
<script>${safe}</script>
</body>
</html>
`;
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
    ['State', run.finished ? `finished${run.created === undefined ? '' : ` ${run.created}`}` : 'not finished'],
  ];
}

function figure(chart: Chart, index: number): string {
  const title = `${chart.title} (${chart.unit})`;
  return `<figure>
<figcaption id="title-${index}">${escapeHtml(title)}</figcaption>
<div class="chart" data-chart="${index}" role="img" aria-labelledby="title-${index}" aria-describedby="summary-${index}"></div>
<p class="summary" id="summary-${index}">${escapeHtml(summary(chart))}</p>
<details id="numbers-${index}"><summary>Numbers</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(`Numbers: ${title}`)}">${table(chart, title)}</div>
</details>
</figure>`;
}

/** The curves in words. */
function summary({ series, words }: Chart): string {
  const known = series.flatMap(({ name, values }) => {
    const numbers = values.filter((value) => value !== null);
    if (numbers.length < 2) return numbers.map((number) => `${name} ${short(number)}`);
    return [`${name} from ${short(numbers[0])} to ${short(numbers.at(-1))}`];
  });
  return `${known.join('; ')}; over ${whole(words.at(-1) ?? 0)} words.`;
}

function table({ words, series }: Chart, title: string): string {
  const every = Math.ceil(words.length / MOST_ROWS);
  const rows = words.flatMap((count, i) => {
    // The last one always.
    if (i !== words.length - 1 && i % every !== 0) return [];
    const cells = series.map(({ values }) => `<td>${short(values[i])}</td>`);
    return [`<tr><th scope="row">${whole(count)}</th>${cells.join('')}</tr>`];
  });
  const heads = series.map(({ name }) => `<th scope="col">${escapeHtml(name)}</th>`);
  return `<table><caption>${escapeHtml(title)}</caption>
<thead><tr><th scope="col">Words seen</th>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function whole(number: number): string {
  return number.toLocaleString('en');
}

/** Four digits are enough to compare; nothing for what was not measured. */
function short(number: number | null | undefined): string {
  return number?.toLocaleString('en', { maximumSignificantDigits: 4 }) ?? '';
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
