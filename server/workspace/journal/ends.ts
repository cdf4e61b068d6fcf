// What an edit has left alone.
import type { Sentence } from '../../text/index.ts';

/** How many sentences are alike at the start and at the end of two lists. */
export function ends(
  a: readonly Sentence[],
  b: readonly Sentence[],
  alike: (a: Sentence, b: Sentence) => boolean,
): { start: number; same: number } {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && alike(a[start]!, b[start]!)) start++;
  let same = 0;
  while (same < most - start && alike(a[a.length - 1 - same]!, b[b.length - 1 - same]!)) same++;
  return { start, same };
}
