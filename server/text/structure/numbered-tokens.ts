// Words with ids become two, or one. Ids, multiword tokens, empty nodes, HEAD and DEPS follow.
//   Split: the first part keeps everything; the second hangs on it as `dep` and has only its tag and the white space after
//   it. What pointed to the word points to its first part.
//   Join: the word has the lemma, the features and the head of the part that the others hang on.
import type { PieceDocument } from '../document.ts';
import { type Sentence, type TextEdit, UNDECIDED } from '../types.ts';
import { COLUMN, formOf, type Row, rowsOf, type Surface, surfacesOf } from './numbered-rows.ts';
import { mapGraph, type Renumbering, renumbered } from './references.ts';
import { inDocument, lineEndOf, withoutLine } from './rows.ts';
import { joinedMisc, spacingOf, withSpacing } from './spacing.ts';
import { placesIn, textComment, withText } from './text-comment.ts';
import { NotPossible, type TokenJoin, type TokenSplit } from './types.ts';
import { cutWord, type Parts } from './words.ts';

/** The column of the label: UPOS, or that of Universal NER. */
function labelColumn({ format }: PieceDocument): number {
  return format === 'conllu' ? COLUMN.upos : 2;
}

export function splitToken(document: PieceDocument, { sentence, token, at, tags }: TokenSplit): TextEdit[] {
  const piece = document.sentences[sentence]!;
  const rows = rowsOf(piece);
  const target = wordRows(rows)[token]!;
  const { id } = target;
  const renumbering: Renumbering = {
    word: (other) => (other <= id ? other : other + 1),
    empty: (word, number) => [word < id ? word : word + 1, number],
  };
  const parts = cutWord(formOf(target), at);
  const isCovered = rows.some((row) => row.kind === 'range' && row.id <= id && row.to >= id);
  return changedRows(document, sentence, rows, (row) => {
    if (row === target) return twoWords(renumbered(row, renumbering), parts, tags, labelColumn(document), isCovered);
    const cells = renumbered(row, renumbering);
    // The last word of a range is followed by its second part.
    if (row.kind === 'range' && row.to === id) cells[COLUMN.id] = `${row.id}-${id + 1}`;
    return [cells];
  });
}

function twoWords(
  cells: readonly string[],
  { first, second, apart }: Parts,
  tags: TokenSplit['tags'],
  label: number,
  isCovered: boolean,
): string[][] {
  const id = Number(cells[COLUMN.id]);
  const one = replaced(cells, { [COLUMN.form]: first, [label]: tags[0] ?? UNDECIDED });
  const two = replaced(cells, {
    [COLUMN.id]: String(id + 1),
    [COLUMN.form]: second,
    [label]: tags[1] ?? UNDECIDED,
  });
  if (cells.length <= COLUMN.misc) return [one, two];
  const [lemma, head, graph, misc] = [COLUMN.lemma, COLUMN.head, COLUMN.graph, COLUMN.misc].map((at) => cells[at]!);
  const isLemma = lemma === cells[COLUMN.form];
  const isRooted = head !== UNDECIDED;
  const spaced = isCovered || apart ? spacingOf(misc!) : ['SpaceAfter=No'];
  return [
    replaced(one, { [COLUMN.lemma]: isLemma ? first : lemma!, [COLUMN.misc]: withSpacing(misc!, spaced) }),
    [
      ...[String(id + 1), second, isLemma ? second : UNDECIDED, two[COLUMN.upos]!, UNDECIDED, UNDECIDED],
      ...[isRooted ? String(id) : UNDECIDED, isRooted ? 'dep' : UNDECIDED],
      graph === UNDECIDED ? UNDECIDED : `${id}:dep`,
      isCovered ? UNDECIDED : withSpacing(UNDECIDED, spacingOf(misc!)),
    ],
  ];
}

export function joinTokens(document: PieceDocument, { sentence, start, end, tag }: TokenJoin): TextEdit[] {
  const piece = document.sentences[sentence]!;
  const rows = rowsOf(piece);
  const joined = wordRows(rows).slice(start, end);
  const [from, to] = [joined[0]!.id, joined.at(-1)!.id];
  const surfaces = surfacesOf(rows);
  const whole = surfaces.filter(({ first, last }) => first >= from && last <= to);
  const around = surfaces.find(({ first, last }) => first <= from && last >= to && first < last);
  requireWhole(surfaces, from, to, around);
  const words = around === undefined || whole.includes(around) ? whole.map(({ row }) => row) : joined;
  const renumbering = joining(rows, from, to);
  const cells = oneWord(joined, words, renumbering, tag, labelColumn(document));
  const edits = changedRows(document, sentence, rows, (row) => {
    if (row === joined[0]) return [cells];
    const isGone = joined.includes(row) || whole.some((surface) => surface.row === row && row.kind === 'range');
    return isGone ? [] : [renumbered(row, renumbering)];
  });
  return words === joined && around !== undefined
    ? edits
    : [...edits, ...joinedText(document, sentence, piece, surfaces, whole, cells[COLUMN.form]!)];
}

/** @throws NotPossible where only some of the words of a multiword token would be joined with words outside it */
function requireWhole(surfaces: readonly Surface[], from: number, to: number, around: Surface | undefined): void {
  const cut = surfaces.find(
    (surface) =>
      surface !== around && surface.first <= to && surface.last >= from && (surface.first < from || surface.last > to),
  );
  if (cut === undefined) return;
  throw new NotPossible(
    `word ${Math.max(cut.first, from)} belongs to the multiword token ${cut.first}-${cut.last}; join all of its words`,
  );
}

function joining(rows: readonly Row[], from: number, to: number): Renumbering {
  const inside = rows.filter(({ kind, id }) => kind === 'empty' && id >= from && id <= to);
  const word = (id: number) => (id <= from ? id : id <= to ? from : id - (to - from));
  return {
    word,
    empty: (id, number) => {
      const at = inside.findIndex((row) => row.id === id && row.to === number);
      return at < 0 ? [word(id), number] : [from, at + 1];
    },
  };
}

/** @param words the rows whose forms make up the word: those of multiword tokens instead of those of their words */
function oneWord(
  joined: readonly Row[],
  words: readonly Row[],
  renumbering: Renumbering,
  tag: string | undefined,
  label: number,
): string[] {
  const [from, to] = [joined[0]!.id, joined.at(-1)!.id];
  const form = words.map(formOf).join('');
  const basics = { [COLUMN.form]: form, [label]: tag ?? UNDECIDED };
  if (joined[0]!.cells.length <= COLUMN.misc) return replaced(renumbered(joined[0]!, renumbering), basics);
  const hangsOutside = ({ cells }: Row) => {
    const head = cells[COLUMN.head]!;
    return /^\d+$/.test(head) && (Number(head) < from || Number(head) > to);
  };
  const top = joined.find(hangsOutside) ?? joined[0]!;
  const cells = renumbered({ ...top, id: from }, renumbering);
  const head = cells[COLUMN.head] === String(from) ? UNDECIDED : cells[COLUMN.head]!;
  const areLemmas = joined.every((row) => row.cells[COLUMN.lemma] === row.cells[COLUMN.form]);
  const misc = [...new Set([...words, ...joined])].map((row) => row.cells[COLUMN.misc]!);
  const spacing = spacingOf(words.at(-1)!.cells[COLUMN.misc]!);
  return replaced(cells, {
    ...basics,
    [COLUMN.lemma]: areLemmas ? form : top.cells[COLUMN.lemma]!,
    [COLUMN.head]: head,
    [COLUMN.relation]: head === UNDECIDED ? UNDECIDED : cells[COLUMN.relation]!,
    [COLUMN.graph]: mapGraph(cells[COLUMN.graph]!, (id, number) =>
      number !== undefined ? `${id}.${number}` : id === from ? undefined : String(id),
    ),
    [COLUMN.misc]: withSpacing(joinedMisc(misc), spacing),
  });
}

/** The running text without the white space that stood within the new word. */
function joinedText(
  document: PieceDocument,
  sentence: number,
  piece: Sentence,
  surfaces: readonly Surface[],
  whole: readonly Surface[],
  form: string,
): TextEdit[] {
  const comment = textComment(rowsOf(piece));
  const places =
    comment &&
    placesIn(
      comment.text,
      surfaces.map(({ row }) => formOf(row)),
    );
  if (places === undefined || whole.length < 2) return [];
  const start = places[surfaces.indexOf(whole[0]!)]![0];
  const end = places[surfaces.indexOf(whole.at(-1)!)]![1];
  const text = `${comment!.text.slice(0, start)}${form}${comment!.text.slice(end)}`;
  if (text === comment!.text) return [];
  const { row } = comment!;
  return inDocument(document, sentence, [{ start: row.start, end: row.end, text: withText(comment!, text) }]);
}

function wordRows(rows: readonly Row[]): Row[] {
  return rows.filter(({ kind }) => kind === 'word');
}

function replaced(cells: readonly string[], by: Readonly<Record<number, string>>): string[] {
  return cells.map((cell, i) => by[i] ?? cell);
}

/** Edits of the rows that change; `change` gives the cells of what stands in the place of a row. */
function changedRows(
  document: PieceDocument,
  sentence: number,
  rows: readonly Row[],
  change: (row: Row) => string[][],
): TextEdit[] {
  const eol = lineEndOf(document, document.sentences[sentence]!);
  const edits = rows.flatMap((row, index) => {
    if (row.kind === 'comment' || row.kind === 'other') return [];
    const lines = change(row).map((cells) => cells.join('\t'));
    if (lines.length === 0) return [withoutLine(rows, index)];
    const text = lines.join(eol);
    return text === row.text ? [] : [{ start: row.start, end: row.end, text }];
  });
  return inDocument(document, sentence, edits);
}
