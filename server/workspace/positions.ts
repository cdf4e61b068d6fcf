// Lines and columns of a document (LSP: both from 0, columns in UTF-16 units) and offsets in its text. Works on the
// sentences' own texts: joining the text of a big file at every keystroke would be slow.
import type { Position, Range } from 'vscode-languageserver-protocol';
import type { Sentence, TextDocument } from '../text/types.ts';

/** Sentences with more lines than this remember where their lines start. */
const LONG = 128;

const LINE_END = /\r\n?|\n/g;

const remembered = new WeakMap<Sentence, Uint32Array>();

/** Starts of the lines that begin in a sentence, relative to its start; its own start is not among them. */
function lineStartsOf(sentence: Sentence): Uint32Array {
  const known = remembered.get(sentence);
  if (known !== undefined) return known;
  const starts = Uint32Array.from(sentence.source.matchAll(LINE_END), (match) => match.index + match[0].length);
  if (starts.length > LONG) remembered.set(sentence, starts);
  return starts;
}

/** Number of elements of a sorted array that are at most `value`. */
function countUpTo(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last sentence that starts on a line before `line` (several may share a line in raw text); 0 if there is none. */
function sentenceBeforeLine(document: TextDocument, line: number): number {
  let low = 0;
  let high = document.sentences.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (document.lineOf(middle) < line) low = middle;
    else high = middle;
  }
  return low;
}

/** Offset of the start of a line; the end of the text for a line behind the last. */
function lineStart(document: TextDocument, line: number): number {
  const count = document.sentences.length;
  if (line <= 0 || count === 0) return 0;
  const index = sentenceBeforeLine(document, line);
  const starts = lineStartsOf(document.sentences[index]!);
  const within = line - document.lineOf(index);
  return within <= starts.length ? document.offsetOf(index) + starts[within - 1]! : document.offsetOf(count);
}

/** Positions of offsets in a sentence, for many of them: the lines of the sentence are looked for once. */
export function positionsIn(document: TextDocument, index: number): (offset: number) => Position {
  const starts = lineStartsOf(document.sentences[index]!);
  const line = document.lineOf(index);
  // Where the sentence starts in the middle of a line.
  const column = document.offsetOf(index) - lineStart(document, line);
  return (offset) => {
    const lines = countUpTo(starts, offset);
    return { line: line + lines, character: lines > 0 ? offset - starts[lines - 1]! : column + offset };
  };
}

/** @param offset is moved into the text */
export function positionAt(document: TextDocument, offset: number): Position {
  const count = document.sentences.length;
  if (count === 0) return { line: 0, character: 0 };
  const at = Math.max(0, Math.min(offset, document.offsetOf(count)));
  const index = Math.min(document.sentenceAt(at), count - 1);
  return positionsIn(document, index)(at - document.offsetOf(index));
}

/** @param position a column behind the end of its line means the end of the line, a line behind the last the end */
export function offsetAt(document: TextDocument, position: Position): number {
  const count = document.sentences.length;
  if (count === 0) return 0;
  const start = lineStart(document, position.line);
  const wanted = start + Math.max(0, position.character);
  let index = document.sentenceAt(start);
  for (let at = start; index < count; at = document.offsetOf(++index)) {
    const { source } = document.sentences[index]!;
    const from = document.offsetOf(index);
    const length = source.slice(at - from).search(LINE_END);
    if (length >= 0) return Math.min(wanted, at + length);
    if (wanted < from + source.length) return wanted;
  }
  return Math.min(wanted, document.offsetOf(count));
}

export function rangeOf(document: TextDocument, start: number, end: number): Range {
  return { start: positionAt(document, start), end: positionAt(document, end) };
}

/** Sentences [first, end) that lie in a range, wholly or in part; one that it only reaches the start of does not. */
export function sentencesIn(document: TextDocument, range: Range): { first: number; end: number } {
  const count = document.sentences.length;
  if (count === 0) return { first: 0, end: 0 };
  const from = offsetAt(document, range.start);
  const first = document.sentenceAt(from);
  const last = document.sentenceAt(Math.max(from, offsetAt(document, range.end) - 1));
  return { first, end: Math.min(last + 1, count) };
}
