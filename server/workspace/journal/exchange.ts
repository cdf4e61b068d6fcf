// Undo and redo of words that were split or joined: an edit that exchanges the two texts of a line about them.
import type { Sentence } from '../../text/index.ts';

/** The text of some sentences before and after an edit. */
export interface Exchange {
  readonly source: string;
  readonly text: string;
}

/** The same with the sentence of those before that it begins with. */
export interface PlacedExchange extends Exchange {
  readonly first: number;
}

/** What an edit has made of the sentences that it touched; undefined where there are none. */
export function exchangeOf(before: readonly Sentence[], now: readonly Sentence[]): PlacedExchange | undefined {
  const { first, end } = touched(before, now);
  const [source, text] = [joined(before, first, before.length - end), joined(now, first, now.length - end)];
  return source === text ? undefined : { first, source, text };
}

/** The one of these exchanges, forwards or backwards, that an edit is and nothing else. */
export function exchangeAmong(
  known: readonly Exchange[],
  before: readonly Sentence[],
  now: readonly Sentence[],
): PlacedExchange | undefined {
  const { first, end } = touched(before, now);
  // One more at both ends: lines hold whole sentences, of which an edit may leave the outer ones alone.
  const [start, after] = [Math.max(0, first - 1), Math.max(0, end - 1)];
  const [old, text] = [joined(before, start, before.length - after), joined(now, start, now.length - after)];
  for (const exchange of known) {
    for (const { source, text: wanted } of [exchange, { source: exchange.text, text: exchange.source }]) {
      if (text.length - old.length !== wanted.length - source.length) continue;
      let offset = 0;
      for (let index = start; index <= first && index < before.length; index++) {
        const [head, tail] = [old.slice(0, offset), old.slice(offset + source.length)];
        if (old === head + source + tail && text === head + wanted + tail)
          return { first: index, source, text: wanted };
        offset += before[index]!.length;
      }
    }
  }
  return undefined;
}

/** How many sentences stay as they are at the start and at the end. */
function touched(before: readonly Sentence[], now: readonly Sentence[]): { first: number; end: number } {
  const most = Math.min(before.length, now.length);
  let first = 0;
  while (first < most && before[first]!.source === now[first]!.source) first++;
  let end = 0;
  while (end < most - first && before.at(-1 - end)!.source === now.at(-1 - end)!.source) end++;
  return { first, end };
}

function joined(sentences: readonly Sentence[], first: number, end: number): string {
  return sentences
    .slice(first, end)
    .map(({ source }) => source)
    .join('');
}
