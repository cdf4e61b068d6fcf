// When people were at work, as the journal tells: how many labels an hour they gave.
import { isLabelEntry, type JournalEntry, type LabelEntry } from '../workspace/journal/index.ts';

/** Milliseconds without a line after which a person was away. */
const AWAY = 10 * 60_000;

/** Milliseconds: of a shorter session no rate is told. */
const SHORTEST = 5 * 60_000;

/** What one person did without a longer break. */
export interface Session {
  readonly annotator: string;
  /** ISO 8601. */
  readonly start: string;
  readonly seconds: number;
  /** Labels given one by one, and those of bulk actions. */
  readonly labels: number;
  readonly bulk: number;
  /** Sentences marked as reviewed. */
  readonly reviewed: number;
  /** Labels and reviewed sentences an hour, without those of bulk actions; undefined where the session was too short to tell. */
  readonly hourly?: { readonly labels: number; readonly reviewed: number };
}

/** All sessions, the newest first. @param entries in any order */
export function sessionsOf(entries: readonly JournalEntry[]): Session[] {
  const byAnnotator = new Map<string, LabelEntry[]>();
  for (const entry of entries) {
    if (!isLabelEntry(entry)) continue;
    const known = byAnnotator.get(entry.by);
    if (known === undefined) byAnnotator.set(entry.by, [entry]);
    else known.push(entry);
  }
  const sessions = [...byAnnotator.values()].flatMap((own) => split(own).map(summedUp));
  return sessions.sort((a, b) => (a.start < b.start ? 1 : a.start > b.start ? -1 : 0));
}

function split(entries: readonly LabelEntry[]): LabelEntry[][] {
  const sessions: LabelEntry[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const entry of entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const at = Date.parse(entry.at);
    if (at - last > AWAY) sessions.push([]);
    sessions.at(-1)!.push(entry);
    last = at;
  }
  return sessions;
}

function summedUp(entries: readonly LabelEntry[]): Session {
  let [labels, bulk, reviewed] = [0, 0, 0];
  for (const { action, new: given = [] } of entries) {
    if (action === 'bulk') bulk += given.length;
    else labels += given.length;
    if (action === 'review') reviewed++;
    if (action === 'unreview') reviewed--;
  }
  const [first, last] = [entries[0]!, entries.at(-1)!];
  const milliseconds = Date.parse(last.at) - Date.parse(first.at);
  const hours = milliseconds / 3_600_000;
  return {
    ...{ annotator: first.by, start: first.at, seconds: milliseconds / 1000, labels, bulk },
    reviewed: Math.max(0, reviewed),
    ...(milliseconds >= SHORTEST && { hourly: { labels: labels / hours, reviewed: Math.max(0, reviewed) / hours } }),
  };
}
