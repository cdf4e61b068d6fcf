// What the client decorates in the visible lines.
import type { Range } from 'vscode-languageserver-protocol';
import type { ShownLabel, ShownSentence } from '../protocol.ts';
import { isAnnotated } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { positionsIn, sentencesIn } from '../workspace/positions.ts';
import { labelsOfSentence, type SentenceLabel } from './sentence-labels.ts';

/** A line of raw text can be a whole book; nobody sees so many sentences at once. */
const MOST_SENTENCES = 1000;

/** Sentences [first, end) of the visible lines. */
export function visibleSentences(document: OpenDocument, range: Range): { first: number; end: number } {
  const { first, end } = sentencesIn(document.text, range);
  return { first, end: Math.min(end, first + MOST_SENTENCES) };
}

export function shownLabels(document: OpenDocument, range: Range): ShownLabel[] {
  const { first, end } = visibleSentences(document, range);
  const shown: ShownLabel[] = [];
  for (let i = first; i < end; i++) shown.push(...shownInSentence(document, i, labelsOfSentence(document, i)));
  return shown;
}

/** Labels of a sentence where its words stand. */
export function shownInSentence({ text }: OpenDocument, index: number, labels: readonly SentenceLabel[]): ShownLabel[] {
  const { tokens } = text.sentences[index]!;
  const positionOf = positionsIn(text, index);
  const columns = !isAnnotated(text);
  return labels.map(({ start, end, label, origin, probability }) => {
    const parts = tokens
      .slice(start, end)
      .map((token) => ({ start: positionOf(token.start), end: positionOf(token.end) }));
    return {
      range: { start: parts[0]!.start, end: parts.at(-1)!.end },
      ...(columns && parts.length > 1 && { parts }),
      label,
      origin,
      ...(probability !== undefined && { probability }),
    };
  });
}

/** From the first word of a sentence to its last. */
export function rangeOfSentence({ text }: OpenDocument, index: number): Range {
  const { tokens } = text.sentences[index]!;
  const positionOf = positionsIn(text, index);
  return { start: positionOf(tokens[0]!.start), end: positionOf(tokens.at(-1)!.end) };
}

/** The visible sentences that have tokens, with their state. */
export function shownSentences(document: OpenDocument, range: Range): ShownSentence[] {
  const { text } = document;
  const { first, end } = visibleSentences(document, range);
  const shown: ShownSentence[] = [];
  for (let i = first; i < end; i++) {
    if (text.sentences[i]!.tokens.length === 0) continue;
    const state = document.journal?.reviewed(i) === undefined ? 'open' : 'reviewed';
    shown.push({ range: rangeOfSentence(document, i), state });
  }
  return shown;
}
