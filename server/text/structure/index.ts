// Splitting and joining tokens and sentences in place, format by format. Everything else in the file stays as it is.
import { isColumnFormat } from '../columns.ts';
import { PieceDocument } from '../document.ts';
import { unitsOf } from '../json-places.ts';
import type { Sentence, TextDocument, TextEdit } from '../types.ts';
import { json } from './json.ts';
import { numbered } from './numbered.ts';
import { plain } from './plain.ts';
import { NotPossible, type Structure, type TokenJoin, type TokenSplit } from './types.ts';

export { NotPossible, type TokenJoin, type TokenSplit };

/** @throws NotPossible where the format has no tokens of its own, or the word cannot be cut there */
export function splitToken(document: TextDocument, split: TokenSplit): TextEdit[] {
  const pieces = piecesOf(document, 'token');
  requireTokens(document, split.sentence, split.token, split.token + 1);
  return structureOf(pieces).splitToken(pieces, split);
}

/** @throws NotPossible where the format has no tokens of its own, or the tokens cannot be one */
export function joinTokens(document: TextDocument, join: TokenJoin): TextEdit[] {
  const pieces = piecesOf(document, 'token');
  requireTokens(document, join.sentence, join.start, join.end);
  if (join.end - join.start < 2) throw new NotPossible('one token alone is not joined; select two or more');
  return structureOf(pieces).joinTokens(pieces, join);
}

/** Token `token` starts a sentence. @throws NotPossible where it cannot */
export function splitSentence(document: TextDocument, sentence: number, token: number): TextEdit[] {
  const pieces = piecesOf(document, 'sentence');
  requireTokens(document, sentence, token, token + 1);
  if (token === 0) throw new NotPossible('a sentence starts here already; put the cursor on a later token');
  return structureOf(pieces).splitSentence(pieces, sentence, token);
}

/** The sentence goes on with the next one. @throws NotPossible where it cannot */
export function joinSentences(document: TextDocument, sentence: number): TextEdit[] {
  const pieces = piecesOf(document, 'sentence');
  requireTokens(document, sentence, 0, 1);
  const next = document.sentences[sentence + 1];
  if (next === undefined) throw new NotPossible('no sentence comes after this one');
  requireWellFormed(next, 'the next sentence');
  return structureOf(pieces).joinSentences(pieces, sentence);
}

/**
 * Where in a word a place of its sentence is, in UTF-16 units of the word.
 * @param offset in the sentence; in JSON a character may be written as several
 */
export function placeInWord(document: TextDocument, sentence: number, token: number, offset: number): number {
  const { source, tokens } = document.sentences[sentence]!;
  const { start, end } = tokens[token]!;
  if (document.format !== 'jsonl') return offset - start;
  const units = unitsOf(source.slice(start - 1, end + 1));
  return units.findIndex((unit) => start - 1 + unit >= offset);
}

function piecesOf(document: TextDocument, what: 'token' | 'sentence'): PieceDocument {
  if (document instanceof PieceDocument && document.format !== 'txt' && document.format !== 'standoff') return document;
  throw new NotPossible(
    what === 'token'
      ? 'the words of raw text are found by its language and are not split or joined; label from the character on that you mean, or convert the text to CoNLL'
      : 'the sentences of raw text end at line ends and by its language; start a new line in the text, or convert it to CoNLL',
  );
}

function structureOf({ format }: PieceDocument): Structure {
  if (format === 'conllu' || format === 'uner') return numbered;
  return isColumnFormat(format) ? plain : json;
}

function requireTokens({ sentences }: TextDocument, sentence: number, start: number, end: number): void {
  const piece = sentences[sentence];
  if (piece === undefined || start < 0 || start >= end || end > piece.tokens.length) {
    throw new NotPossible('no token stands here; put the cursor on one');
  }
  requireWellFormed(piece, 'the sentence');
}

function requireWellFormed({ findings }: Sentence, name: string): void {
  if (findings.some(({ severity }) => severity === 'error')) {
    throw new NotPossible(`${name} has malformed lines; repair them first`);
  }
}
