// What the client decorates in the visible lines.
import type { Range } from 'vscode-languageserver-protocol';
import type { ShownLabel, ShownSentence } from '../protocol.ts';
import { isAnnotated } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { positionsIn, sentencesIn } from '../workspace/positions.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** A line of raw text can be a whole book; nobody sees so many sentences at once. */
const MOST_SENTENCES = 1000;

/** Sentences [first, end) of the visible lines. */
export function visibleSentences(document: OpenDocument, range: Range): { first: number; end: number } {
  const { first, end } = sentencesIn(document.text, range);
  return { first, end: Math.min(end, first + MOST_SENTENCES) };
}

export function shownLabels(document: OpenDocument, range: Range): ShownLabel[] {
  const { text } = document;
  const { first, end } = visibleSentences(document, range);
  const columns = !isAnnotated(text);
  const shown: ShownLabel[] = [];
  for (let i = first; i < end; i++) {
    const { tokens } = text.sentences[i]!;
    const positionOf = positionsIn(text, i);
    for (const { start, end, label, origin, probability } of labelsOfSentence(document, i)) {
      const parts = tokens
        .slice(start, end)
        .map((token) => ({ start: positionOf(token.start), end: positionOf(token.end) }));
      shown.push({
        range: { start: parts[0]!.start, end: parts.at(-1)!.end },
        ...(columns && parts.length > 1 && { parts }),
        label,
        origin,
        ...(probability !== undefined && { probability }),
      });
    }
  }
  return shown;
}

/** The visible sentences that have tokens, with their state. */
export function shownSentences(document: OpenDocument, range: Range): ShownSentence[] {
  const { text } = document;
  const { first, end } = visibleSentences(document, range);
  const shown: ShownSentence[] = [];
  for (let i = first; i < end; i++) {
    const { tokens } = text.sentences[i]!;
    if (tokens.length === 0) continue;
    const positionOf = positionsIn(text, i);
    const words = { start: positionOf(tokens[0]!.start), end: positionOf(tokens.at(-1)!.end) };
    shown.push({ range: words, state: document.journal?.reviewed(i) === undefined ? 'open' : 'reviewed' });
  }
  return shown;
}
