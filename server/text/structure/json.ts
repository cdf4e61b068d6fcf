// Splitting and joining in JSON lines with lists of tokens and tags. Other lists that are as long as that of the tokens go
// with them: a second part has a copy, words that are joined keep the first. What else a line says is copied to both of two
// sentences; one that two become keeps what the first says.
import type { PieceDocument } from '../document.ts';
import { elementsOf, membersOf, type Place, unitsOf } from '../json-places.ts';
import type { JsonSentence } from '../jsonl.ts';
import { trimmed } from '../lines.ts';
import { type TextEdit, UNDECIDED } from '../types.ts';
import { inDocument, lineEndOf, linesOf } from './rows.ts';
import { NotPossible, type Structure, type TokenJoin, type TokenSplit } from './types.ts';
import { cutWord } from './words.ts';

/** A list of the line, an element for each token. */
interface List {
  readonly kind: 'words' | 'tags' | 'other';
  readonly key: string;
  readonly place: Place;
  readonly elements: readonly Place[];
}

export const json: Structure = {
  splitToken(document, { sentence, token, at, tags }: TokenSplit): TextEdit[] {
    const { source, record, lists } = recordOf(document, sentence);
    const edits = lists.map(({ kind, place, elements }): TextEdit => {
      const { start, end } = elements[token]!;
      const text = source.slice(start, end);
      const [one, two] =
        kind === 'words'
          ? cutLiteral(text, at)
          : kind === 'tags'
            ? tags.map((tag) => tagText(tag, record.nulls.has(token)))
            : [text, text];
      return { start, end, text: `${one}${separator(source, place, elements)}${two}` };
    });
    return inDocument(document, sentence, edits);
  },

  joinTokens(document, { sentence, start, end, tag }: TokenJoin): TextEdit[] {
    const { source, record, lists } = recordOf(document, sentence);
    const edits = lists.map(({ kind, elements }): TextEdit => {
      const literals = elements.slice(start, end).map((place) => source.slice(place.start, place.end));
      const text =
        kind === 'words'
          ? `"${literals.map((literal) => literal.slice(1, -1)).join('')}"`
          : kind === 'tags'
            ? tagText(tag, record.nulls.has(start))
            : literals[0]!;
      return { start: elements[start]!.start, end: elements[end - 1]!.end, text };
    });
    return inDocument(document, sentence, edits);
  },

  splitSentence(document, sentence, token): TextEdit[] {
    const piece = document.sentences[sentence]!;
    const { source, lists } = recordOf(document, sentence);
    const line = linesOf(source)[0]!;
    const [from, to] = trimmed(source, line.start, line.end);
    const parts = [true, false].map((isFirst) =>
      spliced(
        source.slice(from, to),
        lists.map(({ elements }) => ({
          start: (isFirst ? elements[token - 1]!.end : elements[0]!.start) - from,
          end: (isFirst ? elements.at(-1)!.end : elements[token]!.start) - from,
          text: '',
        })),
      ),
    );
    return inDocument(document, sentence, [{ start: from, end: to, text: parts.join(lineEndOf(document, piece)) }]);
  },

  joinSentences(document, sentence): TextEdit[] {
    const piece = document.sentences[sentence]!;
    const next = document.sentences[sentence + 1]!;
    if (next.tokens.length === 0) throw new NotPossible('the next line has no tokens; take it out');
    const [one, two] = [recordOf(document, sentence), recordOf(document, sentence + 1)];
    if ((one.record.rejected === undefined) !== (two.record.rejected === undefined)) {
      throw new NotPossible('the "answer" of one of the two lines rejects its labels; answer both alike first');
    }
    const edits = one.lists.flatMap(({ kind, key, place, elements }): TextEdit[] => {
      const other = two.lists.find((list) => list.key === key) ?? two.lists.find((list) => list.kind === kind);
      const rest =
        other !== undefined
          ? two.source.slice(other.elements[0]!.start, other.elements.at(-1)!.end)
          : next.tokens
              .map(() => (kind === 'tags' ? `"${UNDECIDED}"` : 'null'))
              .join(separator(one.source, place, elements));
      const { end } = elements.at(-1)!;
      return [{ start: end, end, text: `${separator(one.source, place, elements)}${rest}` }];
    });
    const hasTags = one.lists.some(({ kind }) => kind === 'tags');
    const tags = two.lists.find(({ kind }) => kind === 'tags');
    if (!hasTags && tags !== undefined) {
      const undecided = piece.tokens.map(() => `"${UNDECIDED}", `).join('');
      const text = `, "tags": [${undecided}${two.source.slice(tags.elements[0]!.start, tags.elements.at(-1)!.end)}]`;
      edits.push({ start: one.record.close, end: one.record.close, text });
    }
    const tail = { start: linesOf(one.source)[0]!.next, end: one.source.length, text: '' };
    const line = linesOf(two.source)[0]!;
    const isLast = line.next === line.end;
    const [, end] = trimmed(one.source, 0, linesOf(one.source)[0]!.end);
    return [
      ...inDocument(document, sentence, [...edits, isLast ? { ...tail, start: end } : tail]),
      ...inDocument(document, sentence + 1, [{ start: line.start, end: line.next, text: '' }]),
    ];
  },
};

/** @throws NotPossible for lines with a text, whose words are found by its language */
function recordOf(document: PieceDocument, sentence: number) {
  const piece = document.sentences[sentence]! as JsonSentence;
  const { record, source } = piece;
  if (record === undefined || record.spans !== undefined) {
    throw new NotPossible(
      'the words of a "text" are found by its language and are not split or joined; write "tokens"',
    );
  }
  const start = source.indexOf('{');
  const words = piece.tokens[0]!.start - 1;
  const lists = [...membersOf(source, start)].flatMap(([key, place]): List[] => {
    if (source[place.start] !== '[') return [];
    const elements = elementsOf(source, place.start);
    if (elements.length !== piece.tokens.length) return [];
    if (elements.some((element) => /[[{]/.test(source[element.start]!))) return [];
    const isTags = place.start === record.labels?.start;
    const kind = elements[0]!.start === words ? 'words' : isTags ? 'tags' : 'other';
    return [{ kind, key, place, elements }];
  });
  return { source, record, lists };
}

/** The two halves of a string literal, escapes as they stand. */
function cutLiteral(literal: string, at: number): [string, string] {
  const { first, second } = cutWord(JSON.parse(literal), at);
  const units = unitsOf(literal);
  return [
    `"${literal.slice(1, units[first.length])}"`,
    `"${literal.slice(units[units.length - 1 - second.length], -1)}"`,
  ];
}

function tagText(tag: string | undefined, wasNull: boolean): string {
  return tag === undefined && wasNull ? 'null' : JSON.stringify(tag ?? UNDECIDED);
}

/** What stands between two elements of the line. */
function separator(source: string, place: Place, elements: readonly Place[]): string {
  if (elements.length > 1) return source.slice(elements[0]!.end, elements[1]!.start);
  return /,\s/.test(source.slice(0, place.start)) || /,\s/.test(source.slice(place.end)) ? ', ' : ',';
}

function spliced(text: string, edits: readonly TextEdit[]): string {
  let out = text;
  for (const { start, end } of [...edits].sort((a, b) => b.start - a.start)) out = out.slice(0, start) + out.slice(end);
  return out;
}
