// Tokens and spans by a query.
import type { Hit } from '../protocol.ts';
import { labelOf } from '../tags/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { hitOf } from './hits.ts';
import type { Query, QueryToken, Step } from './search-query.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** The hits of a query in sentence `index`, from left to right, none within another. */
export function searchIn(document: OpenDocument, index: number, query: Query): Hit[] {
  const sentence = document.text.sentences[index]!;
  const scheme = document.task === 'pos' ? 'pos' : undefined;
  // What is no entity in raw text stands in the journal.
  const tags = document.tagsOf(index);
  const tokens = sentence.tokens.map(({ form }, i): QueryToken => {
    return { form, label: tags[i] === undefined ? undefined : (labelOf(tags[i], scheme) ?? null) };
  });
  // Only queries for whole spans need to know where those end.
  const ends = query.steps.some(({ isSpan }) => isSpan) ? spanEnds(document, index) : NO_SPANS;
  const hits: Hit[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const bounds = matchAt(tokens, ends, query.steps, at);
    if (bounds === undefined) continue;
    const [start, end] = [bounds[query.first]!, bounds[query.end]!];
    hits.push(hitOf(document, index, start, end, true));
    at = Math.max(at, end - 1);
  }
  return hits;
}

const NO_SPANS: ReadonlyMap<number, number> = new Map();

/** Where the spans of a sentence end, by their starts. */
function spanEnds(document: OpenDocument, index: number): Map<number, number> {
  const labels = labelsOfSentence(document, index).filter(({ origin }) => origin !== 'model');
  return new Map(labels.map(({ start, end }) => [start, end]));
}

/** Where each step starts, and where the last one ends; undefined where the query does not match. */
function matchAt(
  tokens: readonly QueryToken[],
  ends: ReadonlyMap<number, number>,
  steps: readonly Step[],
  start: number,
): number[] | undefined {
  const bounds = [start];
  for (const { condition, isSpan } of steps) {
    const at = bounds.at(-1)!;
    const end = isSpan ? ends.get(at) : at + 1;
    if (end === undefined || end > tokens.length || !tokens.slice(at, end).every(condition)) return undefined;
    bounds.push(end);
  }
  return bounds;
}
