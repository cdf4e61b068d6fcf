// Spans of characters and the BIO labels of tokens: how annotations that stand beside a text, or beside each other in a
// JSON line, become labels and back. The schemes of column files are the business of tags/.
import type { Finding, Token } from './types.ts';

/** [start, end) in UTF-16 units. */
export interface CharacterSpan {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** A run of tokens [start, end) with one label. */
export interface TokenRun {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

export interface Alignment {
  readonly labels: (string | undefined)[];
  /** The tokens of each span; undefined for a span without a token, or with one that another span has taken. */
  readonly runs: (TokenRun | undefined)[];
  readonly findings: Finding[];
}

/** In the order in which spans take their tokens: by start, the longer first. */
export function byStart(a: CharacterSpan, b: CharacterSpan): number {
  return a.start - b.start || b.end - a.end;
}

/**
 * Gives tokens the BIO labels of spans. A span that cuts through a token takes the whole token, and a finding says so.
 * @param spans sorted by `byStart`, in the offsets of the tokens.
 * @param outside label of the tokens in no span.
 */
export function align(
  tokens: readonly Token[],
  spans: readonly CharacterSpan[],
  outside: string | undefined,
): Alignment {
  const labels: (string | undefined)[] = tokens.map(() => outside);
  const findings: Finding[] = [];
  const runs: (TokenRun | undefined)[] = [];
  let taken = 0;
  let first = 0;
  for (const { start, end, label } of spans) {
    while (first < tokens.length && tokens[first]!.end <= start) first++;
    let last = first;
    while (last < tokens.length && tokens[last]!.start < end) last++;
    const problem = (code: string, message: string) =>
      findings.push({ code, severity: 'warning', message, start: Math.max(start, 0), end });
    if (first === last) {
      problem('format.span-without-token', `the span ${label} covers no token; delete it or move it to a word`);
      runs.push(undefined);
    } else if (first < taken) {
      problem(
        'format.span-overlap',
        `the span ${label} overlaps another; it is kept in the file but not shown as a label`,
      );
      runs.push(undefined);
    } else {
      if (tokens[first]!.start < start || tokens[last - 1]!.end > end) {
        problem(
          'format.span-inside-token',
          `the span ${label} cuts through a token; move its ends to the ends of words`,
        );
      }
      for (let at = first; at < last; at++) labels[at] = `${at === first ? 'B' : 'I'}-${label}`;
      runs.push({ start: first, end: last, label });
      taken = last;
    }
  }
  return { labels, runs, findings };
}

/**
 * The runs of labels in any scheme of spans, as tags/ reads them: models and conversions write others than BIO too. A
 * label that continues nothing starts a run.
 */
export function runsOf(labels: readonly (string | undefined)[]): TokenRun[] {
  const runs: TokenRun[] = [];
  let open = false;
  for (const [index, tag] of labels.entries()) {
    const [, prefix, label] = /^([BIESLU])-(.+)$/s.exec(tag ?? '') ?? [];
    const previous = runs.at(-1);
    if (prefix === undefined || label === undefined) open = false;
    else {
      if (open && /[IEL]/.test(prefix) && previous?.label === label)
        runs[runs.length - 1] = { ...previous, end: index + 1 };
      else runs.push({ start: index, end: index + 1, label });
      open = /[BI]/.test(prefix);
    }
  }
  return runs;
}
