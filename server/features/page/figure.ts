// A chart in HTML: a place for the script to draw it, what it says in words, and its numbers as a table.

import { short, whole } from '../numbers.ts';
import type { Chart } from './chart.ts';
import { escapeHtml, nameHtml } from './html.ts';

/** Rows of a table; of more points every other, third, ... is left out. */
const MOST_ROWS = 50;

/** @param index of the chart among those of `chartData` */
export function figure(chart: Chart, index: number): string {
  const title = `${chart.title} (${chart.unit})`;
  return `<figure>
<figcaption id="title-${index}">${escapeHtml(title)}</figcaption>
<div class="chart" data-chart="${index}" role="img" aria-labelledby="title-${index}" aria-describedby="summary-${index}"></div>
<p class="summary" id="summary-${index}">${escapeHtml(summary(chart))}</p>
<details id="numbers-${index}"><summary id="unfold-${index}">Numbers</summary>
<div class="scroll" id="scroll-${index}" tabindex="0" role="region" aria-label="${escapeHtml(`Numbers: ${title}`)}">${table(chart, title)}</div>
</details>
</figure>`;
}

/** The charts as the script of the page reads them, in the order of their indices. */
export function chartData(charts: readonly Chart[]): string {
  return `<script type="application/json" id="curves">${JSON.stringify(charts).replaceAll('<', '\\u003c')}</script>`;
}

/** The curves in words. */
function summary({ series, at, over }: Chart): string {
  const known = series.flatMap(({ name, values }) => {
    const numbers = values.filter((value) => value !== null);
    if (numbers.length === 0) return [];
    const isFlat = numbers.every((number) => number === numbers[0]);
    return [`${name} ${isFlat ? short(numbers[0]) : `from ${short(numbers[0])} to ${short(numbers.at(-1))}`}`];
  });
  return `${known.join('; ')}; over ${whole(at.at(-1) ?? 0)} ${over}.`;
}

function table({ at, over, series }: Chart, title: string): string {
  const every = Math.ceil(at.length / MOST_ROWS);
  const rows = at.flatMap((count, i) => {
    // The last one always.
    if (i !== at.length - 1 && i % every !== 0) return [];
    const cells = series.map(({ values }) => `<td>${short(values[i])}</td>`);
    return [`<tr><th scope="row">${whole(count)}</th>${cells.join('')}</tr>`];
  });
  const heads = series.map(({ name }) => `<th scope="col">${nameHtml(name)}</th>`);
  const first = over.charAt(0).toUpperCase() + over.slice(1);
  return `<table><caption>${escapeHtml(title)}</caption>
<thead><tr><th scope="col">${escapeHtml(first)}</th>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}
