// From one scheme to another, and from broken sequences to legal ones, with undecided tokens in between.
import { continues, staysOpen } from './prefixes.ts';
import { OUTSIDE, partsOf, type Scheme, tagOf } from './scheme.ts';
import { type Span, spansOf, writeSpan } from './spans.ts';

/** The scheme that these tags are most likely written in, by their prefixes alone. */
function schemeByPrefixes(tags: readonly (string | undefined)[]): Scheme {
  const prefixes = new Set(tags.filter((tag) => tag !== undefined).map((tag) => partsOf(tag).prefix));
  if (['E', 'S', 'L', 'U'].some((prefix) => prefixes.has(prefix))) return 'bioes';
  return prefixes.has('') ? 'pos' : 'bio';
}

/** Keeps what the tags of a span say about its undecided neighbours: that it goes on there. */
function keepOpenEnds(
  out: (string | undefined)[],
  tags: readonly (string | undefined)[],
  { start, end, label }: Span,
  from: Scheme,
  to: Scheme,
): void {
  const last = end - 1;
  const first = partsOf(tags[start] as string).prefix;
  const final = partsOf(tags[last] as string).prefix;
  const openLeft = start > 0 && tags[start - 1] === undefined && continues(first, from);
  const openRight = end < tags.length && tags[end] === undefined && staysOpen(final, from);
  if (to === 'bio' && openLeft) out[start] = tagOf('I', label);
  if (to === 'bioes' && openLeft) out[start] = tagOf(start === last && !openRight ? 'E' : 'I', label);
  if (to === 'bioes' && openRight) out[last] = tagOf(start === last && !openLeft ? 'B' : 'I', label);
  // After an undecided token B- of IOB1 is no mistake: a span of the same label may stand there.
  const mayTouch = from === 'iob1' && start > 0 && tags[start - 1] === undefined;
  if (to === 'iob1' && mayTouch && first === 'B') out[start] = tagOf('B', label);
}

/**
 * Rewrites tags in another scheme: the spans are kept, undecided tokens stay undecided, and a span that goes on into an
 * undecided token still does. `from` is guessed from the prefixes where it is not given (say `iob1` where it is).
 */
export function convertTags<T extends string | undefined>(tags: readonly T[], to: Scheme, from?: Scheme): T[] {
  const source = from ?? schemeByPrefixes(tags);
  const out: (string | undefined)[] = tags.map((tag) => (tag === undefined ? undefined : OUTSIDE));
  let before: Span | undefined;
  for (const span of spansOf(tags)) {
    writeSpan(out, span, to, before?.end === span.start && before.label === span.label);
    keepOpenEnds(out, tags, span, source, to);
    before = span;
  }
  return out as T[];
}
