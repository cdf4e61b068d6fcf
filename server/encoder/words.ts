// Words of a tokenised text: what stands between white space. One rule for vocabularies, batches and vectors.

/** Unicode's White_Space and the separators U+001C to U+001F: what Python's `split()`, the original's tool, cuts at. */
export function isBlank(code: number): boolean {
  if (code > 0x20 && code < 0x85) return false;
  if (code < 0x85) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  if (code < 0x1680) return code === 0x85 || code === 0xa0;
  if (code > 0x3000) return false;
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** Calls `visit` with each word of text[start, end), in order. A word may keep all of `text` in memory: see `detached`. */
export function eachWord(text: string, start: number, end: number, visit: (word: string) => void): void {
  let at = start;
  for (;;) {
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    if (at >= end) return;
    const first = at++;
    while (at < end && !isBlank(text.charCodeAt(at))) at++;
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

/** The same string on its own: V8 keeps a long text alive for a part of it. */
export function detached(word: string): string {
  return Buffer.from(word, 'utf8').toString('utf8');
}
