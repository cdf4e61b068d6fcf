// The lines of a sentence with ids (CoNLL-U, Universal NER): words, multiword tokens (3-4), empty nodes (5.1), comments.
import type { Sentence } from '../types.ts';
import { type Line, linesOf } from './rows.ts';

/** The columns of CoNLL-U. Universal NER has the first two, and the label in the third. */
export const COLUMN = { id: 0, form: 1, lemma: 2, upos: 3, head: 6, relation: 7, graph: 8, misc: 9 } as const;

export interface Row extends Line {
  readonly kind: 'word' | 'range' | 'empty' | 'comment' | 'other';
  readonly text: string;
  readonly cells: readonly string[];
  /** Id of a word, first word of a range, word before an empty node. */
  readonly id: number;
  /** Last word of a range, number of an empty node; else 0. */
  readonly to: number;
}

/** The rows of a sentence without malformed lines. */
export function rowsOf({ source }: Sentence): Row[] {
  return linesOf(source).map((line): Row => {
    const text = source.slice(line.start, line.end);
    if (text.startsWith('#')) return { ...line, kind: 'comment', text, cells: [], id: 0, to: 0 };
    const cells = text.split('\t');
    const [, id, mark, to] = /^\s*(\d+)(?:([-.])(\d+))?\s*$/.exec(cells[COLUMN.id]!) ?? [];
    if (id === undefined) return { ...line, kind: 'other', text, cells, id: 0, to: 0 };
    const kind = mark === '-' ? 'range' : mark === '.' ? 'empty' : 'word';
    return { ...line, kind, text, cells, id: Number(id), to: Number(to ?? 0) };
  });
}

/** A word of the running text: a multiword token with its words, or a word of its own. */
export interface Surface {
  readonly row: Row;
  /** Ids of its words. */
  readonly first: number;
  readonly last: number;
}

/** The words of the running text, in order. */
export function surfacesOf(rows: readonly Row[]): Surface[] {
  const surfaces: Surface[] = [];
  let covered = 0;
  for (const row of rows) {
    if (row.kind === 'range') {
      surfaces.push({ row, first: row.id, last: row.to });
      covered = row.to;
    } else if (row.kind === 'word' && row.id > covered) surfaces.push({ row, first: row.id, last: row.id });
  }
  return surfaces;
}

/** The form of a row, as the reader takes it. */
export function formOf({ cells }: Row): string {
  return cells[COLUMN.form]!.trim();
}
