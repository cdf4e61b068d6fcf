// Words of a tokenised text: what stands between white space. One rule for vocabularies, batches and vectors.
// White space is that of Python's `split()`, the original's tool: Unicode's White_Space and the separators U+001C to U+001F.
import { isSpace } from '../text/lines.ts';

/** Calls `visit` with each word of text[start, end), in order. A word may keep all of `text` in memory: see `detached` in text/lines.ts. */
export function eachWord(text: string, start: number, end: number, visit: (word: string) => void): void {
  let at = start;
  for (;;) {
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    if (at >= end) return;
    const first = at++;
    while (at < end && !isSpace(text.charCodeAt(at))) at++;
    visit(text.substring(first, at));
  }
}

/** Calls `visit` with start and end of each line of a text, without its line feed. `visit` returns false to stop. */
export function eachLine(text: string, start: number, visit: (start: number, end: number) => boolean): void {
  for (let at = start; at < text.length; ) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    if (!visit(at, end)) return;
    at = end + 1;
  }
}
