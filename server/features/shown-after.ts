// What sentences will show once an edit of their labels is applied: the client shows it before the edit has gone its way.
import type { Range } from 'vscode-languageserver-protocol';
import type { SentenceShown } from '../protocol.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { rangeOfSentence, shownInSentence } from './labels.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** Sentences that are shown at once; of more, whoever has chosen them all sees too few to miss it. */
const MOST_SENTENCES = 50;

/**
 * @returns undefined where an edit changes no sentence, or too many
 * @param tags sentence -> all the tags that it is about to get
 * @param back where a range of the document stands in what the client has asked about; undefined: nowhere
 */
export function shownAfter(
  document: OpenDocument,
  tags: ReadonlyMap<number, readonly (string | undefined)[]>,
  back: ((range: Range) => Range | undefined) | undefined,
): SentenceShown[] | undefined {
  if (tags.size === 0 || tags.size > MOST_SENTENCES) return undefined;
  return Array.from(tags).flatMap(([index, after]) => {
    const range = rangeOfSentence(document, index);
    const labels = shownInSentence(document, index, labelsOfSentence(document, index, { after }));
    if (back === undefined) return [{ range, labels }];
    const place = back(range);
    if (place === undefined) return [];
    // In a line the words of a span stand side by side.
    const placed = labels.flatMap(({ parts: _, ...label }) => {
      const there = back(label.range);
      return there === undefined ? [] : [{ ...label, range: there }];
    });
    return [{ range: place, labels: placed }];
  });
}
