// A person gives tokens a label: the new tags of the sentence.
import { continues, staysOpen } from './prefixes.ts';
import { OUTSIDE, partsOf, type Scheme, tagOf } from './scheme.ts';
import { writeSpan } from './spans.ts';

type Tags = (string | undefined)[];

/** The prefix that a tag needs when its span starts at this token. */
function asStart(prefix: string, scheme: Scheme, touches: boolean): string {
  if (scheme === 'iob1') return touches ? 'B' : 'I';
  if (scheme === 'bio') return 'B';
  return prefix === 'E' || prefix === 'S' ? 'S' : 'B';
}

function repairAfter(tags: Tags, index: number, scheme: Scheme): void {
  const tag = tags[index];
  if (tag === undefined || tag === OUTSIDE) return;
  const { prefix, label } = partsOf(tag);
  const before = tags[index - 1];
  const touches = before !== undefined && before !== OUTSIDE && partsOf(before).label === label;
  if (scheme === 'iob1' || continues(prefix, scheme)) tags[index] = tagOf(asStart(prefix, scheme, touches), label);
}

function repairBefore(tags: Tags, index: number, scheme: Scheme): void {
  const tag = tags[index];
  if (tag === undefined || tag === OUTSIDE) return;
  const { prefix, label } = partsOf(tag);
  if (staysOpen(prefix, scheme)) tags[index] = tagOf(prefix === 'B' ? 'S' : 'E', label);
}

/**
 * The tags of a sentence after tokens [start, end) got a label. What is left of spans that were cut stays a span of its
 * own, repaired, so that a sequence that was legal in its scheme stays legal. Undecided tokens are allowed everywhere.
 * @param label null takes the label away (`O`; undecided in `pos`, which has no outside); undefined makes it undecided.
 */
export function relabel(
  tags: readonly (string | undefined)[],
  start: number,
  end: number,
  label: string | null | undefined,
  scheme: Scheme,
): (string | undefined)[] {
  if (start < 0 || end > tags.length || start >= end) {
    throw new RangeError(`tokens [${start}, ${end}) are not in a sentence of ${tags.length}`);
  }
  const out: Tags = [...tags];
  if (scheme === 'pos' || label === undefined) return out.fill(label ?? undefined, start, end);
  if (label === null) out.fill(OUTSIDE, start, end);
  else {
    const before = out[start - 1];
    const touches = before !== undefined && before !== OUTSIDE && partsOf(before).label === label;
    writeSpan(out, { start, end, label }, scheme, touches);
  }
  if (start > 0) repairBefore(out, start - 1, scheme);
  if (end < out.length) repairAfter(out, end, scheme);
  return out;
}
