// Which tag may follow which: one table that the CRF, the linter and the tests share.
import { convertTags } from './convert.ts';
import { continues, prefixesOf, staysOpen } from './prefixes.ts';
import { OUTSIDE, partsOf, type Scheme, tagOf } from './scheme.ts';

/** Legality as data. 1 = allowed. */
export interface Transitions {
  /** [tags]: may a sentence start with this tag? */
  readonly start: Uint8Array;
  /** [tags]: may a sentence end with this tag? */
  readonly end: Uint8Array;
  /** [tags, tags], indexed from * tags + to: may `to` follow `from`? */
  readonly pairs: Uint8Array;
}

/** Whether the scheme has such a tag at all. */
function isTagOf(tag: string, scheme: Scheme): boolean {
  if (scheme === 'pos' || tag === OUTSIDE) return true;
  return prefixesOf(scheme).includes(partsOf(tag).prefix);
}

function mayStart(tag: string, scheme: Scheme): boolean {
  if (scheme === 'pos' || tag === OUTSIDE) return true;
  const { prefix } = partsOf(tag);
  return scheme === 'iob1' ? prefix === 'I' : !continues(prefix, scheme);
}

function mayEnd(tag: string, scheme: Scheme): boolean {
  return scheme === 'pos' || tag === OUTSIDE || !staysOpen(partsOf(tag).prefix, scheme);
}

function mayFollow(from: string, to: string, scheme: Scheme): boolean {
  if (scheme === 'pos') return true;
  const a = partsOf(from);
  const b = partsOf(to);
  const sameSpanPossible = from !== OUTSIDE && to !== OUTSIDE && a.label === b.label;
  if (scheme === 'iob1') return b.prefix !== 'B' || sameSpanPossible;
  if (scheme === 'bio') return b.prefix !== 'I' || sameSpanPossible;
  const goesOn = staysOpen(a.prefix, scheme) && from !== OUTSIDE;
  const goneOn = continues(b.prefix, scheme) && to !== OUTSIDE;
  return goesOn === goneOn && (!goesOn || sameSpanPossible);
}

/** Legality of these tags in a scheme. A tag that the scheme does not have is allowed nowhere. */
export function allowedTransitions(tags: readonly string[], scheme: Scheme): Transitions {
  const count = tags.length;
  const known = tags.map((tag) => isTagOf(tag, scheme));
  const start = Uint8Array.from(tags, (tag, i) => Number(known[i] && mayStart(tag, scheme)));
  const end = Uint8Array.from(tags, (tag, i) => Number(known[i] && mayEnd(tag, scheme)));
  const pairs = new Uint8Array(count * count);
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      const allowed = known[from] && known[to] && mayFollow(tags[from] as string, tags[to] as string, scheme);
      pairs[from * count + to] = Number(allowed);
    }
  }
  return { start, end, pairs };
}

/** A tag that cannot stand where it stands. */
export interface IllegalTag {
  readonly index: number;
  /** What is wrong, without the place: `I-PER follows O; a span starts with B- in bio`. */
  readonly reason: string;
  /** The tag to write there; with all repairs of a sentence made, it is legal and its spans are as conlleval saw them. */
  readonly repaired: string;
}

function reasonOf(tags: readonly (string | undefined)[], index: number, repaired: string, scheme: Scheme): string {
  const tag = tags[index] as string;
  const name = scheme === 'bio' ? 'BIO' : scheme.toUpperCase();
  if (!isTagOf(tag, scheme)) return `${tag} is no tag of ${name}, which writes ${repaired} here`;
  const before = index === 0 ? 'starts the sentence' : `follows ${tags[index - 1]}`;
  const { prefix, label } = partsOf(tag);
  if (scheme === 'iob1') return `${tag} ${before}; in ${name} B- only separates two neighbouring spans of one label`;
  if (!continues(prefix, scheme) || continues(partsOf(repaired).prefix, scheme)) {
    const after = index + 1 === tags.length ? 'ends the sentence' : `comes before ${tags[index + 1]}`;
    return `${tag} ${after}; in ${name} it needs ${tagOf('I', label)} or ${tagOf('E', label)} after it`;
  }
  return `${tag} ${before}; in ${name} a span of ${label} starts with ${partsOf(repaired).prefix}-`;
}

/**
 * The tags that break the rules of their scheme, each with its repair. An undecided token (undefined) is allowed everywhere,
 * and anything is allowed beside it.
 */
export function illegalTags(tags: readonly (string | undefined)[], scheme: Scheme): IllegalTag[] {
  if (scheme === 'pos') return [];
  const repaired = convertTags(tags, scheme, scheme);
  return repaired.flatMap((tag, index) =>
    tag === undefined || tag === tags[index]
      ? []
      : [{ index, reason: reasonOf(tags, index, tag, scheme), repaired: tag }],
  );
}
