// The tags of tokens that are split and joined, and of sentences that are: spans go on over what was one, and end where a
// sentence ends.

import { relabel } from './relabel.ts';
import { OUTSIDE, partsOf, type Scheme, tagOf } from './scheme.ts';
import { type Span, spansOf } from './spans.ts';

type Tag = string | undefined;

/**
 * The tags of the two parts of a token: its span covers both, an undecided token gives two. A part of speech stays with the
 * first part, and the second is undecided: it is hardly ever the same.
 */
export function splitTag(tag: Tag, scheme: Scheme): [Tag, Tag] {
  if (scheme === 'pos') return [tag, undefined];
  if (tag === undefined || tag === OUTSIDE) return [tag, tag];
  const { prefix, label } = partsOf(tag);
  const [first, second] = TWO[prefix] ?? [prefix, prefix];
  return [tagOf(first, label), tagOf(second, label)];
}

const TWO: Readonly<Record<string, readonly [string, string]>> = {
  B: ['B', 'I'],
  I: ['I', 'I'],
  E: ['I', 'E'],
  L: ['I', 'L'],
  S: ['B', 'E'],
  U: ['B', 'L'],
};

/**
 * The tags of a sentence after its tokens [start, end) became one. Within a span the token is one of it; of several spans
 * the first takes it, and the others keep what they have outside it. Without a span it is undecided if one of the tokens
 * is. Of parts of speech the first that is decided stays.
 */
export function joinedTags(tags: readonly Tag[], start: number, end: number, scheme: Scheme): Tag[] {
  const one = (tag: Tag) => tags.toSpliced(start, end - start, tag);
  const inside = tags.slice(start, end);
  if (scheme === 'pos') return one(inside.find((tag) => tag !== undefined));
  const touched = spansOf(tags).filter((span) => span.start < end && span.end > start);
  const [first] = touched;
  if (first === undefined) return one(inside.every((tag) => tag === OUTSIDE) ? OUTSIDE : undefined);
  if (first.start <= start && first.end >= end) return one(withinSpan(inside[0]!, inside.at(-1)!));
  return labelled(one(OUTSIDE), touched, start, end, scheme);
}

/** The tag of tokens of one span that become one: it opens the span as the first did and closes it as the last did. */
function withinSpan(first: string, last: string): string {
  const { prefix, label } = partsOf(first);
  const closing = partsOf(last).prefix;
  if (closing === 'E' || closing === 'L') return tagOf(prefix === 'B' ? (closing === 'E' ? 'S' : 'U') : closing, label);
  return first;
}

function labelled(tags: Tag[], touched: readonly Span[], start: number, end: number, scheme: Scheme): Tag[] {
  const [first, ...others] = touched;
  const gone = end - start - 1;
  let out = tags;
  const last = others.at(-1) ?? first!;
  if (last.end > end && last !== first) out = relabel(out, start + 1, last.end - gone, last.label, scheme);
  return relabel(out, Math.min(first!.start, start), Math.max(start + 1, first!.end - gone), first!.label, scheme);
}

/** The tags of the two sentences that a sentence becomes when token `at` starts the second: a span that is cut is two. */
export function cutTags(tags: readonly Tag[], at: number, scheme: Scheme): [Tag[], Tag[]] {
  const [before, after] = [tags.slice(0, at), tags.slice(at)];
  if (scheme === 'pos') return [before, after];
  const cut = spansOf(tags).find((span) => span.start < at && span.end > at);
  const [next] = spansOf(after);
  // In IOB1 the start of a sentence takes its B- from a span that touched the one before it.
  const isChanged = next?.start === 0 && (cut !== undefined || scheme === 'iob1');
  return [
    cut === undefined ? before : relabel(before, cut.start, at, cut.label, scheme),
    isChanged ? relabel(after, 0, next.end, next.label, scheme) : after,
  ];
}

/** The tags of two sentences that become one: their spans stay apart. */
export function concatenatedTags(first: readonly Tag[], second: readonly Tag[], scheme: Scheme): Tag[] {
  const tags = [...first, ...second];
  const before = scheme === 'pos' ? undefined : spansOf(first).at(-1);
  const after = scheme === 'pos' ? undefined : spansOf(second)[0];
  if (before?.end !== first.length || after?.start !== 0 || before.label !== after.label) return tags;
  return relabel(tags, first.length, first.length + after.end, after.label, scheme);
}
