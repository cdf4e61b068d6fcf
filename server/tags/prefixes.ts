// The prefixes of each scheme and what they say about a token's place in its span.
import type { Scheme } from './scheme.ts';

const PREFIXES: Record<Scheme, readonly string[]> = {
  iob1: ['B', 'I'],
  bio: ['B', 'I'],
  bioes: ['B', 'I', 'E', 'S'],
  pos: [''],
};

/** The prefixes that a scheme writes, `O` aside. */
export function prefixesOf(scheme: Scheme): readonly string[] {
  return PREFIXES[scheme];
}

/** Whether a tag with this prefix says that its span goes on from the token before. */
export function continues(prefix: string, scheme: Scheme): boolean {
  return (scheme === 'bio' && prefix === 'I') || (scheme === 'bioes' && (prefix === 'I' || prefix === 'E'));
}

/** Whether a tag with this prefix says that its span goes on at the token after. */
export function staysOpen(prefix: string, scheme: Scheme): boolean {
  return scheme === 'bioes' && (prefix === 'B' || prefix === 'I');
}
