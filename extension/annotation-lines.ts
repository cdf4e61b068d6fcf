// Lines of an annotation file that an edit has changed. They are found again by id, label and words: what is typed into the
// text moves their offsets.

/** A line that came (`before` is empty), went (`after` is), or became another one with its id; without its line end. */
export interface LineChange {
  readonly before: string;
  readonly after: string;
  /** How many lines stood above it, where it stood last. */
  readonly line: number;
  /** Whether the text has changed since: what does not stand in the file has not moved with it. */
  readonly isMoved: boolean;
}

export type Side = 'before' | 'after';

/** What differs between an annotation file before and after an edit. */
export function changedLines(before: string, after: string): LineChange[] {
  const [old, now] = [before.split(LINE_END), after.split(LINE_END)];
  const [gone, come] = [missingIn(now, old), missingIn(old, now)];
  const ids = new Set(gone.map(({ text }) => idOf(text)));
  const successors = new Map(come.toReversed().map(({ text }) => [idOf(text), text]));
  return [
    ...gone.map(({ text, line }) => ({
      before: text,
      after: successors.get(idOf(text)) ?? '',
      line,
      isMoved: false,
    })),
    ...come
      .filter(({ text }) => !ids.has(idOf(text)))
      .map(({ text, line }) => ({ before: '', after: text, line, isMoved: false })),
  ];
}

/** The whole lines by which two texts differ. */
export function changedPiece(
  before: string,
  after: string,
): { readonly start: number; readonly before: string; readonly after: string } {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let same = 0;
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  start = start === 0 ? 0 : before.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = before.indexOf('\n', before.length - same);
  same = lineEnd < 0 ? 0 : before.length - lineEnd - 1;
  return { start, before: before.slice(start, before.length - same), after: after.slice(start, after.length - same) };
}

/**
 * Gives lines their other text.
 * @returns the file then, and the changes as they can be turned back; undefined where something else has changed a line
 */
export function turnLines(
  text: string,
  changes: readonly LineChange[],
  from: Side,
  to: Side,
): { readonly text: string; readonly changes: readonly LineChange[] } | undefined {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(eol);
  const turned: LineChange[] = [];
  for (const change of changes) {
    const done = turnLine(lines, change, from, to);
    if (done === undefined) return undefined;
    turned.push(done);
  }
  return { text: lines.join(eol), changes: turned };
}

function turnLine(lines: string[], change: LineChange, from: Side, to: Side): LineChange | undefined {
  const { [from]: old, [to]: wanted, isMoved } = change;
  const at = find(lines, old);
  if (at >= 0) {
    const stands = lines[at]!;
    if (wanted === '') {
      lines.splice(at, 1);
      return { ...change, [from]: stands, isMoved: false };
    }
    const isSamePlace = offsetsOf(old) === offsetsOf(wanted);
    if (isMoved && !isSamePlace) return undefined;
    const turned = isSamePlace ? wanted.replace(OFFSETS, offsetsOf(stands)) : wanted;
    lines[at] = turned;
    return { ...change, [from]: stands, [to]: turned, isMoved: false };
  }
  const isKnown = lines.some((line) => idOf(line) === idOf(old || wanted));
  const isThere = wanted === '' ? !isKnown : find(lines, wanted) >= 0;
  if (isThere) return change;
  if (old !== '' || isKnown || isMoved) return undefined;
  const end = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  lines.splice(Math.min(change.line, end), 0, wanted);
  return change;
}

const LINE_END = /\r\n|\n/;

/** `0 3` in `T1 PER 0 3 Ana`. */
const OFFSETS = /(?<=^\S+\t\S+ )\d+ \d+(?:;\d+ \d+)*/;

function offsetsOf(line: string): string {
  return OFFSETS.exec(line)?.[0] ?? '';
}

function idOf(line: string): string {
  return line.split('\t', 1)[0]!;
}

/** The lines that are not among others. */
function missingIn(others: readonly string[], lines: readonly string[]): { text: string; line: number }[] {
  const there = new Set(['', ...others]);
  return lines.map((text, line) => ({ text, line })).filter(({ text }) => !there.has(text));
}

/** Where a line stands, whatever its offsets are now; -1: nowhere. */
function find(lines: readonly string[], wanted: string): number {
  if (wanted === '') return -1;
  const exact = lines.indexOf(wanted);
  const known = wanted.replace(OFFSETS, '');
  return exact >= 0 ? exact : lines.findIndex((line) => line.replace(OFFSETS, '') === known);
}
