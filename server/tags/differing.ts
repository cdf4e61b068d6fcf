// What an edit of tags changes.

/** Tokens [start, end) from the first to the last tag that differs; undefined where none does. */
export function differing(
  before: readonly (string | undefined)[],
  after: readonly (string | undefined)[],
): { start: number; end: number } | undefined {
  const differs = (tag: string | undefined, i: number) => before[i] !== tag;
  const start = after.findIndex(differs);
  return start < 0 ? undefined : { start, end: after.findLastIndex(differs) + 1 };
}
