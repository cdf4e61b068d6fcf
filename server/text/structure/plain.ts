// Splitting and joining in columns without ids: CoNLL-2002, CoNLL-2003 and two-column CoNLL. The second part of a word has
// copies of the other columns, where a B- goes on as I-; words that are joined keep those of the first.
import { type Sentence, type TextEdit, type Token, UNDECIDED } from '../types.ts';
import { blankTail, inDocument, lineEndOf, linesOf, withoutLine } from './rows.ts';
import { NotPossible, type Structure, type TokenJoin, type TokenSplit } from './types.ts';
import { cutWord } from './words.ts';

export const plain: Structure = {
  splitToken(document, { sentence, token: index, at, tags }: TokenSplit): TextEdit[] {
    const piece = document.sentences[sentence]!;
    const token = piece.tokens[index]!;
    const { first, second } = cutWord(token.form, at);
    const line = linesOf(piece.source)[lineOf(piece, token)]!;
    const { source } = piece;
    const stop = token.labelStart < 0 ? line.end : token.labelStart;
    const others = source.slice(token.end, stop).replace(/(?<=\s)B-(?=\S)/g, 'I-');
    const label = token.labelStart < 0 ? '' : (tags[1] ?? UNDECIDED);
    const rest = source.slice(token.labelStart < 0 ? line.end : token.labelEnd, line.end);
    const added = `${lineEndOf(document, piece)}${source.slice(line.start, token.start)}${second}${others}${label}${rest}`;
    return inDocument(document, sentence, [
      { start: token.start, end: token.end, text: first },
      ...relabelled(piece, token, tags[0]),
      { start: line.end, end: line.end, text: added },
    ]);
  },

  joinTokens(document, { sentence, start, end, tag }: TokenJoin): TextEdit[] {
    const piece = document.sentences[sentence]!;
    const tokens = piece.tokens.slice(start, end);
    const first = tokens[0]!;
    const lines = linesOf(piece.source);
    return inDocument(document, sentence, [
      { start: first.start, end: first.end, text: tokens.map(({ form }) => form).join('') },
      ...relabelled(piece, first, tag),
      ...tokens.slice(1).map((token) => withoutLine(lines, lineOf(piece, token))),
    ]);
  },

  splitSentence(document, sentence, token): TextEdit[] {
    const piece = document.sentences[sentence]!;
    const { start } = linesOf(piece.source)[lineOf(piece, piece.tokens[token]!)]!;
    return inDocument(document, sentence, [{ start, end: start, text: lineEndOf(document, piece) }]);
  },

  joinSentences(document, sentence): TextEdit[] {
    const piece = document.sentences[sentence]!;
    const next = document.sentences[sentence + 1]!;
    const [line] = linesOf(next.source);
    if (next.tokens.length === 0 || next.tokens[0]!.start > line!.end) {
      throw new NotPossible('a document ends here; take out the line that starts the next one first');
    }
    return inDocument(document, sentence, [blankTail(piece.source, linesOf(piece.source))]);
  },
};

function lineOf({ source }: Sentence, token: Token): number {
  return linesOf(source).findLastIndex(({ start }) => start <= token.start);
}

/** The edit of a label's cell, where there is one and it changes. */
function relabelled({ source }: Sentence, { labelStart, labelEnd }: Token, tag: string | undefined): TextEdit[] {
  const text = tag ?? UNDECIDED;
  if (labelStart < 0 || source.slice(labelStart, labelEnd) === text) return [];
  return [{ start: labelStart, end: labelEnd, text }];
}
