// The next suggestion after a place, or the one before it.
import type { Position, Range } from 'vscode-languageserver-protocol';
import type { NextSuggestionParams, ShownLabel } from '../protocol.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { offsetAt } from '../workspace/positions.ts';
import { shownLabels } from './labels.ts';

/** Sentences that are tagged and looked through at a time. */
const REACH = 50;

type Wanted = Omit<NextSuggestionParams, 'uri'>;

/**
 * Looks from the position on, however far that is.
 * @param tag tags sentences [first, end) that have no suggestions yet
 */
export async function nextSuggestion(
  document: OpenDocument,
  wanted: Wanted,
  tag: (first: number, end: number) => Promise<void>,
): Promise<Range | undefined> {
  const { text, version } = document;
  const { length } = text.sentences;
  const { position, direction } = wanted;
  if (length === 0) return undefined;
  for (let at = text.sentenceAt(offsetAt(text, position)); at >= 0 && at < length; at += direction * REACH) {
    const first = direction === 1 ? at : Math.max(0, at + 1 - REACH);
    const end = direction === 1 ? Math.min(length, at + REACH) : at + 1;
    await tag(first, end);
    // Somebody types: what is the next one is another question now.
    if (document.version !== version) return undefined;
    const found = nearest(shownLabels(document, { first, end }), wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The nearest suggestion that is wanted, among labels. */
export function nearest(
  labels: readonly ShownLabel[],
  { position, direction, minimumProbability }: Wanted,
): Range | undefined {
  const isWanted = ({ origin, probability = 1, range }: ShownLabel) =>
    origin === 'model' && probability >= minimumProbability && direction * compare(range.start, position) > 0;
  const ahead = labels.filter(isWanted).map(({ range }) => range);
  return ahead.sort((a, b) => direction * compare(a.start, b.start))[0];
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}
