// A span takes in the token beside it, or gives its outermost one back.
import type { Range } from 'vscode-languageserver-protocol';
import type { ResizeParams } from '../protocol.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { positionsIn } from '../workspace/positions.ts';
import type { Labelling } from './edits.ts';
import { tokensIn } from './relabel.ts';
import { labelsOfSentence } from './sentence-labels.ts';

export interface Resized {
  readonly labellings: readonly Labelling[];
  /** Where the span stands then. */
  readonly range: Range;
}

/**
 * The span that `range` touches, moved at one end by a token. A suggestion that is moved is a label from then on. A token
 * that is given back becomes `O`, or stays undecided where it was.
 * @returns why not, where there is no span, or nothing to take in or give back
 */
export function resized(document: OpenDocument, { range, end: at, by }: Omit<ResizeParams, 'uri'>): Resized | string {
  if (document.task === 'pos') return 'A part of speech belongs to one token: there is no span to resize';
  const [touched] = tokensIn(document, range);
  const span =
    touched &&
    labelsOfSentence(document, touched.sentence).find(({ start, end }) => start < touched.end && end > touched.start);
  if (touched === undefined || span === undefined) {
    return 'There is no entity at the cursor to resize; give its tokens a label first';
  }
  const { sentence } = touched;
  const start = span.start + (at === 'start' ? by : 0);
  const end = span.end + (at === 'end' ? by : 0);
  const { tokens } = document.text.sentences[sentence]!;
  if (start < 0 || end > tokens.length) return 'The entity reaches the end of its sentence there';
  if (start >= end) return 'The entity is one token long; set it to O to take it away';
  const labellings: Labelling[] = [{ sentence, start, end, label: span.label }];
  if (span.origin !== 'model') {
    if (start > span.start) labellings.push({ sentence, start: span.start, end: start, label: null });
    if (end < span.end) labellings.push({ sentence, start: end, end: span.end, label: null });
  }
  const positionOf = positionsIn(document.text, sentence);
  return {
    labellings,
    range: { start: positionOf(tokens[start]!.start), end: positionOf(tokens[end - 1]!.end) },
  };
}
