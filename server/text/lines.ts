// Characters and lines: what counts as blank, and where lines end. Everything here is linear in the text.

/** White space as Unicode has it, with the ASCII separators; the byte order mark is not among it. */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  if (code < 0x85) return false;
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const BYTE_ORDER_MARK = 0xfeff;

/** Offset of the end of the line that starts at `start`, its line end (`\n`, `\r\n` or `\r`) excluded. */
export function lineEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) break;
    at++;
  }
  return at;
}

/** Offset of the line after the line whose content ends at `end`. */
export function nextLine(text: string, end: number): number {
  if (end >= text.length) return end;
  return text.charCodeAt(end) === CARRIAGE_RETURN && text.charCodeAt(end + 1) === LINE_FEED ? end + 2 : end + 1;
}

/** True where [start, end) holds nothing but white space. */
export function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isSpace(text.charCodeAt(at))) return false;
  return true;
}

/** [start, end) without white space at its ends. */
export function trimmed(text: string, start: number, end: number): [number, number] {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return [from, to];
}

/** True where the last line of `text` has its line end. */
export function endsWithLineEnd(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last === LINE_FEED || last === CARRIAGE_RETURN;
}

/** Number of line ends in a text; `\r\n` is one. */
export function countLineEnds(text: string): number {
  let count = 0;
  for (let at = lineEnd(text, 0); at < text.length; at = lineEnd(text, nextLine(text, at))) count++;
  return count;
}

/** A copy that shares no memory with `text`: V8 keeps the whole parent of a slice alive. */
export function detached(text: string): string {
  return text.length < 13 ? text : `${text} `.slice(0, -1);
}

/** Hands out one string object for equal labels, so that a million tokens share a few dozen. */
export class Labels {
  private readonly known = new Map<string, string>();

  get(label: string): string {
    const found = this.known.get(label);
    if (found !== undefined) return found;
    const own = detached(label);
    // A file whose labels never repeat gains nothing from sharing.
    if (this.known.size < 10_000) this.known.set(own, own);
    return own;
  }
}
