// The sentences in which something is still to be decided.
import type { Position, Range } from 'vscode-languageserver-protocol';
import type { Sentence } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { offsetAt, positionsIn } from '../workspace/positions.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** Whether nobody has decided some token of a sentence. */
export function isOpen({ tokens, unlabelled }: Sentence): boolean {
  // Raw text is cut into words only when someone asks for them.
  return unlabelled === true || tokens.some(({ label }) => label === undefined);
}

/**
 * The next sentence after the one at `position` (`direction` 1), or the one before it (-1), that is open.
 * @param isReviewed sentences that a person is done with, whatever stands in them
 * @returns where to go on in it: its first suggestion, or else its first undecided token; undefined: there is none
 */
export function openSentence(
  document: OpenDocument,
  position: Position,
  direction: 1 | -1,
  isReviewed: (index: number) => boolean,
): Range | undefined {
  const { text } = document;
  const { sentences } = text;
  if (sentences.length === 0) return undefined;
  const from = text.sentenceAt(offsetAt(text, position));
  for (let index = from + direction; index >= 0 && index < sentences.length; index += direction) {
    if (!isOpen(sentences[index]!) || isReviewed(index)) continue;
    const place = placeIn(document, index);
    if (place !== undefined) return place;
  }
  return undefined;
}

function placeIn(document: OpenDocument, index: number): Range | undefined {
  const { tokens } = document.text.sentences[index]!;
  const suggestion = labelsOfSentence(document, index).find(({ origin }) => origin === 'model');
  const start = suggestion?.start ?? tokens.findIndex(({ label }) => label === undefined);
  if (start < 0) return undefined;
  const positionOf = positionsIn(document.text, index);
  return { start: positionOf(tokens[start]!.start), end: positionOf(tokens[(suggestion?.end ?? start + 1) - 1]!.end) };
}
