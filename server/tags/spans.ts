// Spans <-> tags. What a span is on broken sequences is what conlleval counts.
import type { Task } from '../text/types.ts';
import { OUTSIDE, partsOf, type Scheme, type TagParts, tagOf } from './scheme.ts';

/** A run of tokens [start, end) with its label. */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly label: string;
}

const OUT: TagParts = { prefix: OUTSIDE, label: '' };

function isOutside(prefix: string): boolean {
  return prefix === OUTSIDE || prefix === '.';
}

/** Chunks of one token in the oldest corpora. */
function isBracket(prefix: string): boolean {
  return prefix === '[' || prefix === ']';
}

/** Whether nothing follows a token with this prefix in its span. L and U are BILOU's names for E and S. */
function closes(prefix: string): boolean {
  return prefix === 'E' || prefix === 'L' || prefix === 'S' || prefix === 'U' || isBracket(prefix);
}

/** Whether a token with this prefix ends the span before it, whatever that is. */
function opens(prefix: string): boolean {
  return prefix === 'B' || prefix === 'S' || prefix === 'U' || isBracket(prefix);
}

/**
 * The spans of a tag sequence as conlleval counts them (its endOfChunk and startOfChunk, with S- and the B- after an E- as
 * BIOES means them): B- always opens one, I- or E- opens one after O, after another label or after a closing tag. An
 * undecided token (undefined) is in no span.
 */
export function spansOf(tags: readonly (string | undefined)[]): Span[] {
  const spans: Span[] = [];
  let before = OUT;
  let start = -1;
  for (let i = 0; i <= tags.length; i++) {
    const tag = tags[i];
    const parts = tag === undefined ? OUT : partsOf(tag);
    const outside = isOutside(parts.prefix);
    const boundary =
      outside ||
      opens(parts.prefix) ||
      closes(before.prefix) ||
      isOutside(before.prefix) ||
      before.label !== parts.label;
    if (boundary) {
      if (start >= 0) spans.push({ start, end: i, label: before.label });
      // conlleval's startOfChunk does not know a B- or I- after a bracket of its own type, and counts no span there.
      const lost = isBracket(before.prefix) && before.label === parts.label && !isBracket(parts.prefix);
      start = outside || lost ? -1 : i;
    }
    before = parts;
  }
  return spans;
}

/**
 * The labels of a sentence: its spans, or of parts of speech every token that has one. An undecided token has none.
 * @param as what is labelled, or how it is written
 */
export function labelsIn(tags: readonly (string | undefined)[], as: Task | Scheme): Span[] {
  if (as !== 'pos') return spansOf(tags);
  return tags.flatMap((label, start) => (label === undefined ? [] : [{ start, end: start + 1, label }]));
}

/** Writes the tags of one span into `tags`; `touches`: the token before it ends a span of the same label. */
export function writeSpan(tags: (string | undefined)[], span: Span, scheme: Scheme, touches: boolean): void {
  const { start, end, label } = span;
  const last = end - 1;
  for (let i = start; i < end; i++) {
    let prefix = 'I';
    if (scheme === 'pos') prefix = '';
    else if (scheme === 'iob1') prefix = i === start && touches ? 'B' : 'I';
    else if (scheme === 'bio') prefix = i === start ? 'B' : 'I';
    else if (start === last) prefix = 'S';
    else if (i === start) prefix = 'B';
    else if (i === last) prefix = 'E';
    tags[i] = tagOf(prefix, label);
  }
}

/**
 * The tags of a sentence of `length` tokens with these spans; tokens in no span get `O`.
 * @throws RangeError where a span is empty, leaves the sentence or overlaps another.
 */
export function tagsOf(spans: readonly Span[], length: number, scheme: Scheme): string[] {
  const tags = new Array<string>(length).fill(OUTSIDE);
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  let before: Span | undefined;
  for (const span of sorted) {
    if (span.start < (before?.end ?? 0) || span.end <= span.start || span.end > length) {
      throw new RangeError(`span [${span.start}, ${span.end}) is empty, overlaps or leaves the ${length} tokens`);
    }
    writeSpan(tags, span, scheme, before?.end === span.start && before.label === span.label);
    before = span;
  }
  return tags;
}
