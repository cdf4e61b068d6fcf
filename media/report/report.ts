// Draws the curves of a report or a dashboard: in the browser on a page of its own, in the editor in a webview that may send a newer one.
import { draw } from './chart.ts';

/** What a webview may call, and a page has not. */
interface Host {
  getState(): State | undefined;
  setState(state: State): void;
  postMessage(message: unknown): void;
}

interface State {
  readonly folder: string | undefined;
  /** Ids of what is unfolded. */
  readonly open?: readonly string[];
  /** How far the page is scrolled. */
  readonly top?: number;
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

function unfold(ids: readonly string[]): void {
  for (const id of ids) document.getElementById(id)?.setAttribute('open', '');
}

/** A newer report takes the place of this one; what was unfolded, scrolled and in focus stays so. */
function replace(body: string): void {
  const open = Array.from(main.querySelectorAll('details[open]'), ({ id }) => id);
  const focused = document.activeElement?.id ?? '';
  const inView = firstInView();
  const scrolled = Array.from(main.querySelectorAll('.scroll'), ({ id, scrollTop, scrollLeft }) => {
    return { id, scrollTop, scrollLeft };
  });
  main.innerHTML = body;
  unfold(open);
  render();
  for (const { id, ...place } of scrolled) Object.assign(document.getElementById(id) ?? {}, place);
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
  // Charts get their size in a microtask.
  queueMicrotask(() => {
    const there = inView && document.getElementById(inView.id);
    if (there) document.scrollingElement!.scrollTop += there.getBoundingClientRect().top - inView.top;
  });
}

/** What is at the upper edge of the window, and how far below it. */
function firstInView(): { id: string; top: number } | undefined {
  for (const element of main.querySelectorAll('[id]')) {
    const { top, bottom, height } = element.getBoundingClientRect();
    if (height > 0 && bottom > 0) return { id: element.id, top };
  }
  return undefined;
}

// The curves are drawn on a canvas, which knows no style sheet: a new theme draws them anew.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
new MutationObserver(render).observe(document.body, { attributes: true, attributeFilter: ['class'] });

if (typeof acquireVsCodeApi === 'function') {
  const host = acquireVsCodeApi();
  const before = host.getState();
  // What the editor needs to open this page again after it was closed, and what it looked like when it was hidden.
  const keep = () => {
    const open = Array.from(main.querySelectorAll('details[open]'), ({ id }) => id);
    host.setState({ folder: document.body.dataset.folder, open, top: document.scrollingElement!.scrollTop });
  };
  render();
  unfold(before?.open ?? []);
  document.scrollingElement!.scrollTop = before?.top ?? 0;
  keep();
  addEventListener('scrollend', keep);
  main.addEventListener('toggle', keep, true);
  addEventListener('message', ({ data }: MessageEvent<{ body: string }>) => replace(data.body));
  host.postMessage('ready');
} else render();
