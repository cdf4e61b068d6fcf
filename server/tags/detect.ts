// Which scheme a file is written in.
import { OUTSIDE, partsOf, type Scheme } from './scheme.ts';

/** The evidence for one scheme. */
export interface SchemeEvidence {
  readonly scheme: Scheme;
  /** How many tags only this scheme writes so. */
  readonly votes: number;
  /** The first of them. */
  readonly sentence: number;
  readonly token: number;
}

export interface DetectedScheme {
  /** The scheme with the most votes; `bio` where nothing tells, or as much tells of another. */
  readonly scheme: Scheme;
  /** The other schemes that hold at least a tenth of the votes: the file mixes schemes. Empty in a sound file. */
  readonly mixed: readonly SchemeEvidence[];
  /** Everything that was found, most votes first; BIO before others with as many. */
  readonly evidence: readonly SchemeEvidence[];
}

/** The share of the votes below which a tag against the rule is a slip and not another scheme. */
const SLIP = 0.1;

const CHUNK_PREFIXES = new Set(['B', 'I', 'O', '[', ']', '.']);
const BIOES_PREFIXES = new Set(['E', 'S', 'L', 'U']);

/** The scheme that alone writes tag `index` so, by its neighbours; undefined where several do. */
function witness(tags: readonly (string | undefined)[], index: number): Scheme | undefined {
  const tag = tags[index];
  if (tag === undefined || tag === OUTSIDE) return undefined;
  const { prefix, label } = partsOf(tag);
  if (BIOES_PREFIXES.has(prefix)) return 'bioes';
  if (!CHUNK_PREFIXES.has(prefix)) return 'pos';
  if (prefix !== 'I' && prefix !== 'B') return undefined;
  const tagBefore = index === 0 ? OUTSIDE : tags[index - 1];
  if (tagBefore === undefined) return undefined;
  const touches = tagBefore !== OUTSIDE && partsOf(tagBefore).label === label;
  if (touches) return undefined;
  if (prefix === 'I') return 'iob1';
  return endsOpen(tags, index, label) ? 'bio' : undefined;
}

/** Whether the span that starts here ends with B- or I-, where BIOES would have written S- or E-. */
function endsOpen(tags: readonly (string | undefined)[], start: number, label: string): boolean {
  for (let i = start + 1; i < tags.length; i++) {
    const tag = tags[i];
    if (tag === undefined) return false;
    const { prefix, label: next } = partsOf(tag);
    if (next !== label || !(prefix === 'I' || BIOES_PREFIXES.has(prefix))) return true;
    if (prefix === 'E' || prefix === 'L') return false;
  }
  return true;
}

/** Detects the scheme of a file from its sentences of tags (undefined = undecided), and whether schemes are mixed in it. */
export function detectScheme(sentences: Iterable<readonly (string | undefined)[]>): DetectedScheme {
  const found = new Map<Scheme, { scheme: Scheme; votes: number; sentence: number; token: number }>();
  let sentence = 0;
  for (const tags of sentences) {
    for (let token = 0; token < tags.length; token++) {
      const scheme = witness(tags, token);
      if (scheme === undefined) continue;
      const seen = found.get(scheme);
      if (seen === undefined) found.set(scheme, { scheme, votes: 1, sentence, token });
      else seen.votes++;
    }
    sentence++;
  }
  // A tie is a slip in BIO, which most files are written in.
  const first = (scheme: Scheme) => (scheme === 'bio' ? 0 : 1);
  const evidence = [...found.values()].sort((a, b) => b.votes - a.votes || first(a.scheme) - first(b.scheme));
  const total = evidence.reduce((sum, { votes }) => sum + votes, 0);
  const mixed = evidence.slice(1).filter(({ votes }) => votes >= SLIP * total);
  return { scheme: evidence[0]?.scheme ?? 'bio', mixed, evidence };
}
