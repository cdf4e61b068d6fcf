// The comment `# text = ...` of a sentence, which holds its running text.
import { isSpace } from '../lines.ts';
import { COLUMN, formOf, type Row, type Surface } from './numbered-rows.ts';
import { hasSpaceAfter } from './spacing.ts';

const TEXT = /^(#\s*text\s*=\s*)(.*)$/s;

/** Scripts that set no blanks between words, and their punctuation. */
const CLOSE =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}\u3000-\u303f\uff00-\uffef]/u;

export interface TextComment {
  readonly row: Row;
  readonly text: string;
}

export function textComment(rows: readonly Row[]): TextComment | undefined {
  const row = rows.find(({ kind, text }) => kind === 'comment' && TEXT.test(text));
  return row && { row, text: TEXT.exec(row.text)![2]! };
}

/** The line of a comment with another text. */
export function withText({ row }: TextComment, text: string): string {
  return `${TEXT.exec(row.text)![1]}${text}`;
}

/** Where the words stand in the running text; undefined where it is not theirs. */
export function placesIn(text: string, forms: readonly string[]): [start: number, end: number][] | undefined {
  const places: [number, number][] = [];
  let at = 0;
  for (const form of forms) {
    while (at < text.length && isSpace(text.charCodeAt(at)) && !text.startsWith(form, at)) at++;
    if (!text.startsWith(form, at)) return undefined;
    places.push([at, at + form.length]);
    at += form.length;
  }
  return text.slice(at).trim() === '' ? places : undefined;
}

/** The running text of words, by what their MISC says of white space, or else by their script. */
export function textOf(surfaces: readonly Surface[]): string {
  return surfaces
    .map(({ row }, i) => {
      const next = surfaces[i + 1];
      return next === undefined ? formOf(row) : `${formOf(row)}${gap(row, formOf(next.row))}`;
    })
    .join('');
}

/** What stands between a word and the next one: a blank or nothing. */
export function gap(row: Row, next: string): string {
  const misc = row.cells[COLUMN.misc];
  if (misc !== undefined) return hasSpaceAfter(misc) ? ' ' : '';
  const before = [...formOf(row)].at(-1)!;
  return CLOSE.test(before) || CLOSE.test([...next][0]!) ? '' : ' ';
}
