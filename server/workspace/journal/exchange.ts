// Undo and redo of words that were split or joined: an edit that exchanges the two texts of a line about them.
import type { Sentence } from '../../text/index.ts';
import { ends } from './ends.ts';

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
  const { start: first, same: end } = ends(before, now, sameSource);
  const [source, text] = [joined(before, first, before.length - end), joined(now, first, now.length - end)];
  return source === text ? undefined : { first, source, text };
}

/** The one of these exchanges, forwards or backwards, that an edit is and nothing else. */
export function exchangeAmong(
  known: readonly Exchange[],
  before: readonly Sentence[],
  now: readonly Sentence[],
): PlacedExchange | undefined {
  // Hardly any file has such lines, and typing asks with each key.
  if (known.length === 0) return undefined;
  const { start: first, same: end } = ends(before, now, sameSource);
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

const sameSource = (a: Sentence, b: Sentence) => a.source === b.source;

function joined(sentences: readonly Sentence[], first: number, end: number): string {
  return sentences
    .slice(first, end)
    .map(({ source }) => source)
    .join('');
}
