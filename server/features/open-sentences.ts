// The sentences in which something is still to be decided.
import type { Range } from 'vscode-languageserver-protocol';
import type { OpenSentenceParams } from '../protocol.ts';
import { isAnnotated } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { offsetAt, positionsIn } from '../workspace/positions.ts';
import { isUndecided } from '../workspace/undecided.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** Whether somebody has still to look at a sentence: it is not reviewed, and something in it is undecided. */
export function isOpenSentence(document: OpenDocument, index: number): boolean {
  if (!isUndecided(document.text.sentences[index]!) || document.journal?.reviewed(index) !== undefined) return false;
  // What is no entity in raw text stands in the journal.
  return !isAnnotated(document.text) || document.tagsOf(index).includes(undefined);
}

/**
 * The next sentence after the one at `position` (`direction` 1), or the one before it (-1), that is open; `here`: or that one.
 * @returns where to go on in it: its first suggestion, or else its first undecided token; undefined: there is none
 */
export function openSentence(
  document: OpenDocument,
  { position, direction, here = false }: Omit<OpenSentenceParams, 'uri'>,
): Range | undefined {
  const { text } = document;
  const { sentences } = text;
  if (sentences.length === 0) return undefined;
  const from = text.sentenceAt(offsetAt(text, position));
  for (let index = here ? from : from + direction; index >= 0 && index < sentences.length; index += direction) {
    if (!isOpenSentence(document, index)) continue;
    const wanted = tokensToDecide(document, index);
    if (wanted === undefined) continue;
    const { tokens } = sentences[index]!;
    const positionOf = positionsIn(text, index);
    return { start: positionOf(tokens[wanted.start]!.start), end: positionOf(tokens[wanted.end - 1]!.end) };
  }
  return undefined;
}

/** The tokens [start, end) at which to go on in a sentence: its first suggestion, or else its first undecided token. */
export function tokensToDecide(document: OpenDocument, index: number): { start: number; end: number } | undefined {
  const suggestion = labelsOfSentence(document, index).find(({ origin }) => origin === 'model');
  const start = suggestion?.start ?? document.tagsOf(index).indexOf(undefined);
  return start < 0 ? undefined : { start, end: suggestion?.end ?? start + 1 };
}
