// What splitting and joining is asked for, and what it gives.
import type { PieceDocument } from '../document.ts';
import type { TextEdit } from '../types.ts';

type Tag = string | undefined;

/** Token `token` of a sentence becomes two. */
export interface TokenSplit {
  readonly sentence: number;
  readonly token: number;
  /** Where the second starts, in UTF-16 units of the word. */
  readonly at: number;
  /** The tags of the two; undefined: undecided. */
  readonly tags: readonly [Tag, Tag];
}

/** Tokens [start, end) of a sentence become one. */
export interface TokenJoin {
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
  readonly tag: Tag;
}

/** How a format splits and joins. All edits are of the document; labels beside those of new tokens stay as they are. */
export interface Structure {
  splitToken(document: PieceDocument, split: TokenSplit): TextEdit[];
  joinTokens(document: PieceDocument, join: TokenJoin): TextEdit[];
  /** Token `token` starts a sentence. */
  splitSentence(document: PieceDocument, sentence: number, token: number): TextEdit[];
  /** The sentence goes on with the next one. */
  joinSentences(document: PieceDocument, sentence: number): TextEdit[];
}

/** What was asked for is not possible here; the message says why and what to do. */
export class NotPossible extends Error {}
