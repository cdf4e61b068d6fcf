// Tokens and sentences are split and joined in place, and their labels follow.
import type { Range } from 'vscode-languageserver-protocol';
import type { StructureParams } from '../protocol.ts';
import { concatenatedTags, cutTags, joinedTags, type Scheme, splitTag } from '../tags/index.ts';
import type { TextEdit } from '../text/index.ts';
import {
  joinSentences,
  joinTokens,
  NotPossible,
  placeInWord,
  splitSentence,
  splitToken,
} from '../text/structure/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { offsetAt } from '../workspace/positions.ts';
import { type TouchedTokens, tokensIn } from './relabel.ts';

type Tags = readonly (string | undefined)[];

/** What becomes of some sentences. */
export interface Restructured {
  /** Edits of the text. */
  readonly edits: readonly TextEdit[];
  /** The sentences [first, end) that it changes. */
  readonly first: number;
  readonly end: number;
  /** The tags of what stands there then, sentence by sentence. */
  readonly tags: readonly Tags[];
}

/**
 * What a split or a join does. A join of tokens takes those that `range` touches, or the one at the cursor and the next.
 * @param scheme how the file writes its tags
 * @throws NotPossible with a message for people
 */
export function restructured(
  document: OpenDocument,
  { range, what }: Omit<StructureParams, 'uri'>,
  scheme: Scheme,
): Restructured {
  const touched = tokensIn(document, range);
  const [at] = touched;
  if (at === undefined) throw new NotPossible('no token stands here; put the cursor on one');
  if (what === 'splitToken') return tokenSplit(document, at, range, scheme);
  if (what === 'joinTokens') return tokenJoin(document, touched, scheme);
  const { sentence } = at;
  const tags = document.tagsOf(sentence);
  if (what === 'splitSentence') {
    const edits = splitSentence(document.text, sentence, at.start);
    return { edits, first: sentence, end: sentence + 1, tags: cutTags(tags, at.start, scheme) };
  }
  const edits = joinSentences(document.text, sentence);
  const joined = concatenatedTags(tags, document.tagsOf(sentence + 1), scheme);
  return { edits, first: sentence, end: sentence + 2, tags: [joined] };
}

function tokenSplit(document: OpenDocument, at: TouchedTokens, range: Range, scheme: Scheme): Restructured {
  const { sentence, start: token } = at;
  const tags = document.tagsOf(sentence);
  const split = splitTag(tags[token], scheme);
  const offset = offsetAt(document.text, range.start) - document.text.offsetOf(sentence);
  const place = placeInWord(document.text, sentence, token, offset);
  const edits = splitToken(document.text, { sentence, token, at: place, tags: split });
  return { edits, first: sentence, end: sentence + 1, tags: [tags.toSpliced(token, 1, ...split)] };
}

function tokenJoin(document: OpenDocument, touched: readonly TouchedTokens[], scheme: Scheme): Restructured {
  const [{ sentence, start, end }] = touched as [TouchedTokens];
  if (touched.length > 1) {
    throw new NotPossible('the tokens stand in several sentences; join the sentences first, or select within one');
  }
  const tags = document.tagsOf(sentence);
  const stop = end - start > 1 ? end : end + 1;
  if (stop > tags.length) throw new NotPossible('no token comes after this one in its sentence');
  const joined = joinedTags(tags, start, stop, scheme);
  const edits = joinTokens(document.text, { sentence, start, end: stop, tag: joined[start] });
  return { edits, first: sentence, end: sentence + 1, tags: [joined] };
}
