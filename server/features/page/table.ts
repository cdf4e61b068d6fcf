// A table that reads well aloud: a caption, heads of columns and rows, and a frame that scrolls by keyboard.
import { escapeHtml } from './html.ts';

export interface TableParts {
  /** Unique on the page. */
  readonly id: string;
  readonly caption: string;
  /** The heads of the columns; the first is that of the heads of the rows. */
  readonly columns: readonly Cell[];
  /** HTML of the cells; the first is the head of its row. */
  readonly rows: readonly (readonly Cell[])[];
}

/** A cell of words, not of numbers. */
export function words(html: string): Cell {
  return { html, className: 'text' };
}

/** HTML, with a class of the style sheet where there is one. */
export type Cell = string | { readonly html: string; readonly className: string };

export function tableHtml({ id, caption, columns, rows }: TableParts): string {
  const heads = columns.map((cell) => `<th scope="col"${classOf(cell)}>${htmlOf(cell)}</th>`).join('');
  const lines = rows.map(([first, ...others]) => {
    return `<tr><th scope="row"${classOf(first!)}>${htmlOf(first!)}</th>${others
      .map((cell) => `<td${classOf(cell)}>${htmlOf(cell)}</td>`)
      .join('')}</tr>`;
  });
  return `<div class="scroll" id="${id}" tabindex="0" role="region" aria-label="${escapeHtml(caption)}">
<table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${lines.join('\n')}</tbody></table></div>`;
}

function htmlOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.html;
}

function classOf(cell: Cell): string {
  return typeof cell === 'string' ? '' : ` class="${cell.className}"`;
}
