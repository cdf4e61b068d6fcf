// Tag schemes: how a tag is written, read and listed.
import { prefixesOf } from './prefixes.ts';

/**
 * How spans are written as tags. `iob1`: I- everywhere, B- only where a span touches one of its own label. `bio` (IOB2):
 * every span starts with B-. `bioes`: also ends with E-, or is a single S-. `pos`: one bare label a token.
 */
export const SCHEMES = ['iob1', 'bio', 'bioes', 'pos'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** The tag of a token outside all spans. */
export const OUTSIDE = 'O';

/** A tag taken apart. `prefix` is '' where the tag is a bare label. */
export interface TagParts {
  readonly prefix: string;
  readonly label: string;
}

/** What conlleval takes for a chunk tag when no type follows it; any other bare tag is a label. */
const BARE_PREFIXES = new Set(['O', 'B', 'I', 'E', 'S', 'L', 'U', '[', ']', '.']);

const parsed = new Map<string, TagParts>();

/**
 * Takes a tag apart at its first hyphen, as conlleval does: `B-creative-work` is B of `creative-work`. A tag without
 * hyphen is a bare prefix (`B`, a corpus with one kind of span) or a bare label (`PER`).
 */
export function partsOf(tag: string): TagParts {
  const known = parsed.get(tag);
  if (known !== undefined) return known;
  const hyphen = tag.indexOf('-');
  let parts: TagParts;
  if (hyphen > 0) parts = { prefix: tag.slice(0, hyphen), label: tag.slice(hyphen + 1) };
  else if (BARE_PREFIXES.has(tag)) parts = { prefix: tag, label: '' };
  else parts = { prefix: '', label: tag };
  // Label sets are small; a file full of nonsense must not grow this without bound.
  if (parsed.size < 10_000) parsed.set(tag, parts);
  return parts;
}

/** Writes a tag: the inverse of `partsOf`. */
export function tagOf(prefix: string, label: string): string {
  if (prefix === '') return label;
  return label === '' ? prefix : `${prefix}-${label}`;
}

/** The label of a tag without its prefix; undefined for `O` and for an undecided token. In `pos` a tag is its label. */
export function labelOf(tag: string | undefined, scheme?: Scheme): string | undefined {
  if (tag === undefined) return undefined;
  if (scheme === 'pos') return tag;
  const { prefix, label } = partsOf(tag);
  return prefix === OUTSIDE || prefix === '.' ? undefined : label;
}

/** All tags that a scheme has for these labels: `O` first (not in `pos`), then label by label; duplicates removed. */
export function tagSetOf(labels: readonly string[], scheme: Scheme): string[] {
  const unique = [...new Set(labels)];
  if (scheme === 'pos') return unique;
  return [OUTSIDE, ...unique.flatMap((label) => prefixesOf(scheme).map((prefix) => tagOf(prefix, label)))];
}
