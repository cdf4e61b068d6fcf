// What the client decorates in the visible lines.
import type { Range } from 'vscode-languageserver-protocol';
import type { ShownLabel, ShownSentence } from '../protocol.ts';
import { isAnnotated, type Token } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { positionsIn, sentencesIn } from '../workspace/positions.ts';
import { labelsOfSentence, type SentenceLabel } from './sentence-labels.ts';

/** A line of raw text can be a whole book; nobody sees so many sentences at once. */
const MOST_SENTENCES = 1000;

interface Sentences {
  readonly first: number;
  readonly end: number;
}

/**
 * Sentences [first, end) of the visible lines, and of as many above and below as are not too many.
 * @param margin lines on either side
 */
export function visibleSentences({ text }: OpenDocument, range: Range, margin = 0): Sentences {
  const seen = sentencesIn(text, range);
  const above = { line: Math.max(0, range.start.line - margin), character: 0 };
  const below = { line: range.end.line + margin + 1, character: 0 };
  const reach = sentencesIn(text, { start: above, end: below });
  const spare = Math.max(0, MOST_SENTENCES - (seen.end - seen.first));
  const first = Math.max(reach.first, seen.first - Math.floor(spare / 2));
  return { first, end: Math.min(reach.end, first + MOST_SENTENCES) };
}

export function shownLabels(document: OpenDocument, { first, end }: Sentences): ShownLabel[] {
  const shown: ShownLabel[] = [];
  for (let i = first; i < end; i++) shown.push(...shownInSentence(document, i, labelsOfSentence(document, i)));
  return shown;
}

/** Labels of a sentence where its words stand. */
export function shownInSentence({ text }: OpenDocument, index: number, labels: readonly SentenceLabel[]): ShownLabel[] {
  const { source, tokens } = text.sentences[index]!;
  const positionOf = positionsIn(text, index);
  const annotated = isAnnotated(text);
  const isRunning = (start: number, end: number) => annotated || standTogether(source, tokens.slice(start, end));
  return labels.map(({ start, end, label, origin, probability }) => {
    const parts = tokens
      .slice(start, end)
      .map((token) => ({ start: positionOf(token.start), end: positionOf(token.end) }));
    return {
      range: { start: parts[0]!.start, end: parts.at(-1)!.end },
      ...(!isRunning(start, end) && { parts }),
      label,
      origin,
      ...(probability !== undefined && { probability }),
    };
  });
}

/** Whether nothing but blanks of one line is between tokens, as in the "text" of a JSON line. */
function standTogether(source: string, tokens: readonly Token[]): boolean {
  return tokens.every(({ start }, i) => i === 0 || /^[^\S\n\r]*$/.test(source.slice(tokens[i - 1]!.end, start)));
}

/** From the first word of a sentence to its last. */
export function rangeOfSentence({ text }: OpenDocument, index: number): Range {
  const { tokens } = text.sentences[index]!;
  const positionOf = positionsIn(text, index);
  return { start: positionOf(tokens[0]!.start), end: positionOf(tokens.at(-1)!.end) };
}

/** The sentences that have tokens, with their state. */
export function shownSentences(document: OpenDocument, { first, end }: Sentences): ShownSentence[] {
  const { text } = document;
  const shown: ShownSentence[] = [];
  for (let i = first; i < end; i++) {
    if (text.sentences[i]!.tokens.length === 0) continue;
    const state = document.journal?.reviewed(i) === undefined ? 'open' : 'reviewed';
    shown.push({ range: rangeOfSentence(document, i), state });
  }
  return shown;
}
