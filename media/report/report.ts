// Draws the curves of a report or a dashboard: in the browser on a page of its own, in the editor in a webview that may send a newer one.
import { draw } from './chart.ts';

/** What a webview may call, and a page has not. */
interface Host {
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): Host;

const main = document.querySelector('main')!;
let charts: { destroy(): void }[] = [];

/** Moments stand in the page in UTC; readers have their own time. */
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function render(): void {
  for (const time of document.querySelectorAll('time')) time.textContent = moment.format(new Date(time.dateTime));
  for (const chart of charts) chart.destroy();
  const curves = JSON.parse(document.getElementById('curves')?.textContent ?? '[]');
  charts = Array.from(document.querySelectorAll<HTMLElement>('.chart'), (element) =>
    draw(element, curves[Number(element.dataset.chart)]),
  );
}

/** A newer report takes the place of this one; what was unfolded, scrolled and in focus stays so. */
function replace(body: string): void {
  const open = Array.from(main.querySelectorAll('details[open]'), ({ id }) => id);
  const focused = document.activeElement?.id ?? '';
  const page = document.scrollingElement!;
  const top = page.scrollTop;
  const scrolled = Array.from(main.querySelectorAll('.scroll'), ({ id, scrollTop, scrollLeft }) => {
    return { id, scrollTop, scrollLeft };
  });
  main.innerHTML = body;
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  render();
  for (const { id, ...place } of scrolled) Object.assign(document.getElementById(id) ?? {}, place);
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
  page.scrollTop = top;
}

// The curves are drawn on a canvas, which knows no style sheet: a new theme draws them anew.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
new MutationObserver(render).observe(document.body, { attributes: true, attributeFilter: ['class'] });

if (typeof acquireVsCodeApi === 'function') {
  // What the editor needs to open this page again after it was closed.
  acquireVsCodeApi().setState({ folder: document.body.dataset.folder });
  addEventListener('message', ({ data }: MessageEvent<{ body: string }>) => replace(data.body));
}
render();
