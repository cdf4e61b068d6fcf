// The requests of the review view, and what requests for labels mean there.
import type { Connection } from 'vscode-languageserver/node';
import type { Range } from 'vscode-languageserver-protocol';
import { answer } from './custom-messages.ts';
import { nearest } from './features/next-suggestion.ts';
import { isOpenSentence, tokensToDecide } from './features/open-sentences.ts';
import { labelsOfSentence } from './features/sentence-labels.ts';
import type { LanguageServer } from './language-server.ts';
import {
  type LabelsResult,
  type NextSuggestionParams,
  type OpenSentenceParams,
  ReviewLinesRequest,
  ReviewNextRequest,
  ReviewPlaceRequest,
  type ShownLabel,
  type ShownSentence,
} from './protocol.ts';
import { type FoundLine, rangeOfTokens } from './review-views.ts';

export function listenToReviewRequests(connection: Connection, server: LanguageServer): void {
  answer(connection, ReviewNextRequest, ({ count, shown }) => server.review.next(count, shown));
  answer(connection, ReviewLinesRequest, ({ uri, lines }) => server.showView(uri, lines));
  answer(connection, ReviewPlaceRequest, async ({ uri, range }) => {
    const place = await server.place(uri, range);
    return { uri: place.document.uri, range: place.range };
  });
}

/** What is shown in lines of a view; the server tags these sentences first. */
export function labelsOfView(server: LanguageServer, uri: string, range: Range): LabelsResult {
  const lines = server.views.lines(uri, range.start.line, range.end.line);
  server.models.look(uri, lines);
  return {
    version: server.views.revision(uri),
    labels: lines.flatMap(labelsOfLine),
    sentences: lines.map(sentenceOfLine),
  };
}

/** The next suggestion in the lines of a view, or the one before. */
export function suggestionInView(server: LanguageServer, { uri, ...wanted }: NextSuggestionParams): Range | undefined {
  return nearest(server.views.lines(uri, 0, Infinity).flatMap(labelsOfLine), wanted);
}

function labelsOfLine({ document, index, reading, line }: FoundLine): ShownLabel[] {
  return labelsOfSentence(document, index).map(({ start, end, label, origin, probability }) => ({
    ...{ range: rangeOfTokens(reading, line, start, end), label, origin },
    ...(probability !== undefined && { probability }),
  }));
}

function sentenceOfLine({ document, index, reading, line }: FoundLine): ShownSentence {
  const range = { start: { line, character: 0 }, end: { line, character: reading.text.length } };
  return { range, state: isOpenSentence(document, index) ? 'open' : 'reviewed' };
}

/**
 * The next line of a view in which something is undecided, as `openSentence` finds it in a file.
 */
export function openLine(
  server: LanguageServer,
  uri: string,
  { position: { line }, direction, here = false }: Omit<OpenSentenceParams, 'uri'>,
): Range | undefined {
  const from = here ? line : line + direction;
  const lines = server.views.lines(uri, direction === 1 ? from : 0, direction === 1 ? Infinity : from);
  if (direction === -1) lines.reverse();
  const next = lines.find(({ document, index }) => isOpenSentence(document, index));
  if (next === undefined) return undefined;
  const wanted = tokensToDecide(next.document, next.index);
  return wanted && rangeOfTokens(next.reading, next.line, wanted.start, wanted.end);
}
