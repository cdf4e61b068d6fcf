// What the lines of all annotators say of one sentence: who decided each token, and where they disagree.
import { OUTSIDE, spansOf } from '../../tags/index.ts';
import { UNDECIDED } from '../../text/index.ts';
import type { JournalEntry, LabelEntry } from './entry.ts';

/** What somebody decided of a token. */
export interface Decision {
  /** Undefined: it is undecided again. */
  readonly tag: string | undefined;
  readonly entry: LabelEntry;
}

/** Tokens [start, end) whose tags annotators gave without knowing of each other. */
export interface Conflict {
  readonly start: number;
  readonly end: number;
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly tags: readonly (string | undefined)[];
  /** The newest of its lines. */
  readonly entry: LabelEntry;
}

/** The lines about one sentence, summed up. */
export interface SentenceDecisions {
  /** By token; undefined where no line speaks of it. In conflicts the newest one. */
  readonly tokens: readonly (Decision | undefined)[];
  /** The line that marked it as reviewed; undefined while it is open. */
  readonly reviewed: LabelEntry | undefined;
  readonly conflicts: readonly Conflict[];
}

/** The tags of a sentence of raw text: besides the names, `O` where that was said, and everywhere in a reviewed sentence. */
export function rawTags(
  names: readonly (string | undefined)[],
  decisions: SentenceDecisions | undefined,
): (string | undefined)[] {
  const isNone = (i: number) => decisions?.reviewed !== undefined || decisions?.tokens[i]?.tag === OUTSIDE;
  return names.map((tag, i) => tag ?? (isNone(i) ? OUTSIDE : undefined));
}

/** One annotator's last word on a token. */
interface Claim extends Decision {
  readonly before: string | undefined;
}

/** Lines are in the order of time everywhere; those of one annotator at the same millisecond keep their order. */
export function byTime(a: JournalEntry, b: JournalEntry): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : a.by < b.by ? -1 : a.by > b.by ? 1 : 0;
}

/** @param entries in the order of time */
export function sumUp(entries: readonly LabelEntry[]): SentenceDecisions {
  const claims: Map<string, Claim>[] = [];
  let reviewed: LabelEntry | undefined;
  for (const entry of entries) {
    if (entry.reviewed !== undefined) {
      claims.length = 0;
      reviewed = entry.reviewed ? entry : undefined;
    }
    if (entry.action === 'review') reviewed = entry;
    if (entry.action === 'unreview' || opensAgain(entry)) reviewed = undefined;
    const isWhole = entry.action === 'settle' || entry.action === 'carried';
    for (const [i, tag] of entry.after.entries()) {
      // Between tokens that change there may be others: they are still whose they were.
      if (!isWhole && entry.before[i] === tag) continue;
      const token = entry.start + i;
      claims[token] ??= new Map();
      if (entry.action === 'settle') claims[token].clear();
      // The newest last.
      claims[token].delete(entry.by);
      claims[token].set(entry.by, { tag: decided(tag), before: decided(entry.before[i]!), entry });
    }
  }
  const tokens = Array.from(claims, (of) => of && [...of.values()].at(-1)!);
  return { tokens, reviewed, conflicts: conflictsIn(claims, tokens) };
}

/** Whether something is undecided again (undo takes the `O`s of a review out): somebody has to look once more. */
export function opensAgain({ before, after }: Pick<LabelEntry, 'before' | 'after'>): boolean {
  return after.some((tag, i) => tag === UNDECIDED && before[i] !== UNDECIDED);
}

function decided(tag: string): string | undefined {
  return tag === UNDECIDED ? undefined : tag;
}

function oldest(claims: ReadonlyMap<string, Claim> | undefined): Claim | undefined {
  return claims?.values().next().value;
}

/** Whoever replaces a tag knows it: what is left are tags that nobody has replaced. */
function disputed(claims: ReadonlyMap<string, Claim> | undefined): boolean {
  if (claims === undefined || claims.size < 2) return false;
  const standing = new Set<string | undefined>();
  for (const { tag, before } of claims.values()) {
    standing.delete(before);
    standing.add(tag);
  }
  return standing.size > 1;
}

function conflictsIn(
  claims: readonly (ReadonlyMap<string, Claim> | undefined)[],
  tokens: readonly (Decision | undefined)[],
): Conflict[] {
  if (claims.every((of) => of === undefined || of.size < 2)) return [];
  const annotators = new Set(claims.flatMap((of) => [...(of?.keys() ?? [])]));
  const views = Array.from(annotators, (by) => tokens.map((last, i) => claims[i]?.get(by)?.tag ?? last?.tag));
  const conflicts: Conflict[] = [];
  for (let token = 0; token < claims.length; token++) {
    if (!disputed(claims[token])) continue;
    const { start, end } = wholeSpans(views, token, claims);
    const choices = new Map<string, Choice>();
    for (const by of annotators) {
      const own = claims.slice(start, end).map((of) => of?.get(by));
      const newest = own
        .filter((claim) => claim !== undefined)
        .sort((a, b) => byTime(a.entry, b.entry))
        .at(-1);
      if (newest === undefined) continue;
      // Of a token that he never spoke of he saw what was there before the others did.
      const tags = own.map((claim, i) => (claim === undefined ? oldest(claims[start + i])?.before : claim.tag));
      choices.set(JSON.stringify(tags), { tags, entry: newest.entry });
    }
    if (choices.size > 1) conflicts.push({ start, end, choices: [...choices.values()] });
    token = end - 1;
  }
  return conflicts;
}

/** The tokens around a disputed one up to where no annotator has a span that goes on, disputed ones beside it included. */
function wholeSpans(
  views: readonly (readonly (string | undefined)[])[],
  token: number,
  claims: readonly (ReadonlyMap<string, Claim> | undefined)[],
): { start: number; end: number } {
  // Parts of speech stand alone.
  const spans = views.flatMap((tags) => spansOf(tags.map((tag) => (tag?.[1] === '-' ? tag : undefined))));
  let [start, end] = [token, token + 1];
  for (let grown = true; grown; ) {
    grown = false;
    const touching = spans.filter((span) => span.start < end && span.end > start);
    const from = Math.min(start, ...touching.map((span) => span.start));
    const to = Math.max(end, ...touching.map((span) => span.end));
    grown = from < start || to > end;
    [start, end] = [from, to];
    while (disputed(claims[end])) {
      end++;
      grown = true;
    }
  }
  return { start, end };
}
