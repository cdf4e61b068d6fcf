// Lines and columns of a document (LSP: both from 0, columns in UTF-16 units) and offsets in its text.
import type { Position, Range } from 'vscode-languageserver-protocol';
import type { Sentence, TextDocument } from '../text/types.ts';

/** Sentences with more lines than this remember where their lines start. */
const LONG = 128;

const lineStarts = new WeakMap<Sentence, Uint32Array>();

/** Starts of the lines that begin inside the sentence at `index`, relative to its start. */
function startsOf(document: TextDocument, index: number): Uint32Array {
  const sentence = document.sentences[index]!;
  const known = lineStarts.get(sentence);
  if (known !== undefined) return known;
  const from = document.offsetOf(index);
  const starts: number[] = [];
  const text = document.text;
  for (let at = text.indexOf('\n', from); at >= 0 && at < from + sentence.length; at = text.indexOf('\n', at + 1)) {
    starts.push(at + 1 - from);
  }
  const result = Uint32Array.from(starts);
  if (starts.length > LONG) lineStarts.set(sentence, result);
  return result;
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

/** @param offset is moved into the text */
export function positionAt(document: TextDocument, offset: number): Position {
  const at = Math.max(0, Math.min(offset, document.text.length));
  if (document.sentences.length === 0) return { line: 0, character: at };
  const index = document.sentenceAt(at);
  const from = document.offsetOf(index);
  const starts = startsOf(document, index);
  const lines = countUpTo(starts, at - from);
  const lineStart = lines > 0 ? from + starts[lines - 1]! : at === 0 ? 0 : document.text.lastIndexOf('\n', at - 1) + 1;
  return { line: document.lineOf(index) + lines, character: at - lineStart };
}

/** @param position a column behind the end of its line means the end of the line, a line behind the last the end */
export function offsetAt(document: TextDocument, position: Position): number {
  const { text } = document;
  const start = lineStart(document, position.line);
  const newline = text.indexOf('\n', start);
  let end = newline < 0 ? text.length : newline;
  if (newline > start && text[newline - 1] === '\r') end = newline - 1;
  return Math.min(start + Math.max(0, position.character), end);
}

/** Offset of the start of a line; the end of the text for a line behind the last. */
function lineStart(document: TextDocument, line: number): number {
  if (line <= 0 || document.sentences.length === 0) return 0;
  const index = sentenceBeforeLine(document, line);
  const starts = startsOf(document, index);
  const within = line - document.lineOf(index);
  return within <= starts.length ? document.offsetOf(index) + starts[within - 1]! : document.text.length;
}

/** The last sentence that starts on a line before `line` (several may share a line in raw text). */
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

export function rangeOf(document: TextDocument, start: number, end: number): Range {
  return { start: positionAt(document, start), end: positionAt(document, end) };
}

/** Sentences [first, end) that lie in a range, wholly or in part. */
export function sentencesIn(document: TextDocument, range: Range): { first: number; end: number } {
  if (document.sentences.length === 0) return { first: 0, end: 0 };
  const first = document.sentenceAt(offsetAt(document, range.start));
  const last = document.sentenceAt(offsetAt(document, range.end));
  return { first, end: last + 1 };
}
