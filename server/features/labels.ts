// What the client decorates in the visible lines.
import type { Range } from 'vscode-languageserver-protocol';
import type { ShownLabel } from '../protocol.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { positionsIn, sentencesIn } from '../workspace/positions.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** A line of raw text can be a whole book; nobody sees so many labels at once. */
const MOST_LABELS = 5000;

export function shownLabels(document: OpenDocument, range: Range): ShownLabel[] {
  const { text } = document;
  const { first, end } = sentencesIn(text, range);
  const shown: ShownLabel[] = [];
  for (let i = first; i < end && shown.length < MOST_LABELS; i++) {
    const { tokens } = text.sentences[i]!;
    const positionOf = positionsIn(text, i);
    for (const { start, end, label, origin, probability } of labelsOfSentence(document, i)) {
      const place = { start: positionOf(tokens[start]!.start), end: positionOf(tokens[end - 1]!.end) };
      shown.push({ range: place, label, origin, ...(probability !== undefined && { probability }) });
    }
  }
  return shown;
}
