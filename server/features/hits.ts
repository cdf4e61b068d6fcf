// Places that a person may want to relabel, as the client lists them, and the way back from them to tokens.

import type { Hit, HitPlace } from '../protocol.ts';
import { labelOf } from '../tags/index.ts';
import { UNDECIDED } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { sentenceHash } from '../workspace/journal/index.ts';
import { positionsIn } from '../workspace/positions.ts';
import type { Labelling } from './edits.ts';

/** Words before and after a hit that the client shows with it. */
const AROUND = 8;

/** Tokens [start, end) of a sentence as a hit. */
export function hitOf(document: OpenDocument, sentence: number, start: number, end: number, wanted: boolean): Hit {
  const piece = document.text.sentences[sentence]!;
  const { tokens } = piece;
  const words = tokens.map(({ form }) => form);
  const positionOf = positionsIn(document.text, sentence);
  return {
    uri: document.uri,
    sentence,
    start,
    end,
    hash: sentenceHash(piece),
    range: { start: positionOf(tokens[start]!.start), end: positionOf(tokens[end - 1]!.end) },
    words: words.slice(start, end).join(' '),
    before: words.slice(Math.max(0, start - AROUND), start).join(' '),
    after: words.slice(end, end + AROUND).join(' '),
    labels: labelsNow(document, sentence, start, end),
    wanted,
  };
}

/** The labels of tokens, each once, as people read them. */
function labelsNow(document: OpenDocument, sentence: number, start: number, end: number): string {
  const scheme = document.task === 'pos' ? 'pos' : undefined;
  const tags = document.tagsOf(sentence).slice(start, end);
  const names = tags.map((tag) => (tag === undefined ? UNDECIDED : (labelOf(tag, scheme) ?? 'O')));
  return [...new Set(names)].join(', ');
}

/**
 * Hits as labels to write.
 * @returns undefined where the words of one of them are others now
 */
export function labellingsOf(
  document: OpenDocument,
  hits: readonly HitPlace[],
  label: string | null,
): Labelling[] | undefined {
  const isThere = ({ sentence, hash }: HitPlace) => {
    const there = document.text.sentences[sentence];
    return there !== undefined && sentenceHash(there) === hash;
  };
  if (!hits.every(isThere)) return undefined;
  const wanted = label === UNDECIDED ? undefined : label;
  return hits.map(({ sentence, start, end }) => ({ sentence, start, end, label: wanted }));
}
