// Long sentences in overlapping windows. How a sentence is cut depends on itself alone.

/** A window of a sentence: words [start, start + length), of which [from, to) are its own; the others are context. */
export interface Window {
  readonly sentence: number;
  readonly start: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The windows of a sentence of so many words; none for a sentence without words.
 * @param longest words of a window, at most
 * @param context words at a window's inner edge that belong to its neighbour
 */
export function windowsOf(sentence: number, length: number, longest: number, context: number): Window[] {
  if (length === 0) return [];
  if (length <= longest) return [{ sentence, start: 0, length, from: 0, to: length }];
  const windows: Window[] = [];
  for (let from = 0; from < length; ) {
    const start = Math.min(Math.max(0, from - context), length - longest);
    const to = start + longest >= length ? length : start + longest - context;
    windows.push({ sentence, start, length: longest, from, to });
    from = to;
  }
  return windows;
}
