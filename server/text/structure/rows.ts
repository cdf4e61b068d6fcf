// The lines of a sentence in columns.
import type { PieceDocument } from '../document.ts';
import { BYTE_ORDER_MARK, isBlank, lineEnd, nextLine } from '../lines.ts';
import type { Sentence, TextEdit } from '../types.ts';

/** A line: its content [start, end), and where the next one starts; offsets in the sentence. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** The lines of a sentence; a byte order mark is before the first. */
export function linesOf(source: string): Line[] {
  const lines: Line[] = [];
  for (let at = source.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0; at < source.length; ) {
    const end = lineEnd(source, at);
    const next = nextLine(source, end);
    lines.push({ start: at, end, next });
    at = next;
  }
  return lines;
}

/** How lines end in a sentence, or else in the document. */
export function lineEndOf(document: PieceDocument, { source }: Sentence): string {
  const first = /\r\n|\n|\r/;
  return (first.exec(source) ?? first.exec(document.sentences[0]!.source))?.[0] ?? '\n';
}

/** The blank lines at the end of a sentence, from the end of its last other line on, but for that line's own end. */
export function blankTail(source: string, lines: readonly Line[]): TextEdit {
  const last = lines.findLast(({ start, end }) => !isBlank(source, start, end))!;
  return { start: last.next, end: source.length, text: '' };
}

/** The edit that takes a line out, with its own line end or, at the end of a file, with that of the line before it. */
export function withoutLine(lines: readonly Line[], index: number): TextEdit {
  const { start, end, next } = lines[index]!;
  const before = lines[index - 1];
  return next === end && before !== undefined ? { start: before.end, end, text: '' } : { start, end: next, text: '' };
}

/** Edits of a sentence as edits of its document. */
export function inDocument(document: PieceDocument, sentence: number, edits: readonly TextEdit[]): TextEdit[] {
  const base = document.offsetOf(sentence);
  return edits.map(({ start, end, text }) => ({ start: base + start, end: base + end, text }));
}
