// Sentences with ids become two, or one.
//   Split: comments stay with the first; `# text` is cut, and the second gets a `# sent_id` of its own. A head in the other
//   sentence cannot be: its word becomes the root where there is none, and else hangs on the root.
//   Join: the first keeps its `# sent_id`, `# text` goes on, other comments are kept; the root of the second hangs on that of
//   the first as `parataxis`.
import type { PieceDocument } from '../document.ts';
import type { TextEdit } from '../types.ts';
import { COLUMN, formOf, type Row, rowsOf, surfacesOf } from './numbered-rows.ts';
import { mapGraph, type Renumbering, renumbered, rerooted } from './references.ts';
import { blankTail, inDocument, lineEndOf } from './rows.ts';
import { gap, placesIn, textComment, textOf, withText } from './text-comment.ts';
import { NotPossible } from './types.ts';

const SENTENCE_ID = /^(#\s*sent_id\s*=\s*)(.*)$/s;

const hasId = ({ kind }: Row) => kind !== 'comment' && kind !== 'other';

export function splitSentence(document: PieceDocument, sentence: number, token: number): TextEdit[] {
  const piece = document.sentences[sentence]!;
  const rows = rowsOf(piece);
  const { id } = rows.filter(({ kind }) => kind === 'word')[token]!;
  const around = rows.find((row) => row.kind === 'range' && row.id < id && row.to >= id);
  if (around !== undefined) {
    throw new NotPossible(`the multiword token ${around.id}-${around.to} is not cut; join its words first`);
  }
  const first = rows.filter((row) => hasId(row) && row.id < id);
  const second = rows.filter((row) => hasId(row) && row.id >= id);
  const cut = second[0]!;
  const eol = lineEndOf(document, piece);
  const { kept, added } = cutComments(document, rows, id);
  return inDocument(document, sentence, [
    ...kept,
    ...changed(first, { word: (n) => (n < id ? n : undefined), empty: (n, k) => (n < id ? [n, k] : undefined) }),
    { start: cut.start, end: cut.start, text: `${eol}${added.map((comment) => `${comment}${eol}`).join('')}` },
    ...changed(second, {
      word: (n) => (n < id ? undefined : n - id + 1),
      empty: (n, k) => (n < id ? undefined : [n - id + 1, k]),
    }),
  ]);
}

function changed(rows: readonly Row[], renumbering: Renumbering): TextEdit[] {
  return rewritten(rows, rerooted(rows.map((row) => renumbered(row, renumbering))));
}

function rewritten(rows: readonly Row[], cells: readonly (readonly string[])[]): TextEdit[] {
  return rows.flatMap(({ start, end, text: before }, i) => {
    const text = cells[i]!.join('\t');
    return text === before ? [] : [{ start, end, text }];
  });
}

/** Edits of the comments of the first sentence, and the comments of the second. */
function cutComments(document: PieceDocument, rows: readonly Row[], id: number): { kept: TextEdit[]; added: string[] } {
  const kept: TextEdit[] = [];
  const added: string[] = [];
  for (const { kind, text } of rows) {
    const [, prefix, name] = (kind === 'comment' && SENTENCE_ID.exec(text)) || [];
    if (name !== undefined) added.push(`${prefix}${freeId(document, name.trimEnd())}`);
  }
  const comment = textComment(rows);
  if (comment !== undefined) {
    const surfaces = surfacesOf(rows);
    const [before, after] = [surfaces.filter(({ first }) => first < id), surfaces.filter(({ first }) => first >= id)];
    const places = placesIn(
      comment.text,
      surfaces.map(({ row }) => formOf(row)),
    );
    const one = places ? comment.text.slice(0, places[before.length - 1]![1]) : textOf(before);
    const two = places ? comment.text.slice(places[before.length]![0]) : textOf(after);
    kept.push({ start: comment.row.start, end: comment.row.end, text: withText(comment, one) });
    added.push(withText(comment, two));
  }
  return { kept, added };
}

/** An id that no sentence of the document has. */
function freeId(document: PieceDocument, id: string): string {
  const taken = new Set(
    document.sentences.flatMap(({ comments }) => comments.map((comment) => SENTENCE_ID.exec(comment)?.[2]?.trimEnd())),
  );
  let number = 2;
  while (taken.has(`${id}-${number}`)) number++;
  return `${id}-${number}`;
}

export function joinSentences(document: PieceDocument, sentence: number): TextEdit[] {
  const piece = document.sentences[sentence]!;
  const next = document.sentences[sentence + 1]!;
  requireJoinable(document, sentence);
  const [first, second] = [rowsOf(piece), rowsOf(next)];
  const words = piece.tokens.length;
  const empties = first.filter(({ kind, id }) => kind === 'empty' && id === words).length;
  const renumbering: Renumbering = {
    word: (id) => id + words,
    empty: (id, number) => (id === 0 ? [words, number + empties] : [id + words, number]),
  };
  const numbered = second.filter(hasId);
  const root = first.find(({ kind, cells }) => kind === 'word' && cells[COLUMN.head] === '0')?.id;
  const cells = numbered.map((row) => underRoot(renumbered(row, renumbering), root));
  const { edits, kept } = joinedComments(first, second);
  const eol = lineEndOf(document, piece);
  const lastComment = first.findLast(({ kind }) => kind === 'comment');
  const place = lastComment?.next ?? first[0]!.start;
  return [
    ...inDocument(document, sentence, [
      ...edits,
      ...(kept.length > 0 ? [{ start: place, end: place, text: kept.map((text) => `${text}${eol}`).join('') }] : []),
      blankTail(piece.source, first),
    ]),
    ...inDocument(document, sentence + 1, [
      ...second.filter(({ kind }) => kind === 'comment').map(({ start, next: end }) => ({ start, end, text: '' })),
      ...rewritten(numbered, cells),
    ]),
  ];
}

/** @throws NotPossible where a document or a paragraph ends */
function requireJoinable(document: PieceDocument, sentence: number): void {
  const next = document.sentences[sentence + 1]!;
  if (next.comments.some((comment) => /^#\s*new(doc|par)\b/.test(comment))) {
    throw new NotPossible('a document or a paragraph ends here; take out the comment that starts the next one first');
  }
}

function underRoot(cells: string[], root: number | undefined): string[] {
  if (root === undefined || cells.length <= COLUMN.graph) return cells;
  const out = [...cells];
  if (out[COLUMN.head] === '0') {
    out[COLUMN.head] = String(root);
    out[COLUMN.relation] = 'parataxis';
  }
  out[COLUMN.graph] = out[COLUMN.graph]!.replace(/(^|\|)0:[^|]+/, `$1${root}:parataxis`);
  out[COLUMN.graph] = mapGraph(out[COLUMN.graph]!, (id, number) =>
    number === undefined ? `${id}` : `${id}.${number}`,
  );
  return out;
}

/** The running text of both, and what else the comments of the second say. */
function joinedComments(first: readonly Row[], second: readonly Row[]): { edits: TextEdit[]; kept: string[] } {
  const kept = second.filter(({ kind }) => kind === 'comment').map(({ text }) => text);
  const hasSentenceId = first.some(({ kind, text }) => kind === 'comment' && SENTENCE_ID.test(text));
  const [one, two] = [textComment(first), textComment(second)];
  const others = kept.filter((text) => text !== two?.row.text && !(hasSentenceId && SENTENCE_ID.test(text)));
  if (one === undefined) return { edits: [], kept: others };
  const rest = two?.text ?? textOf(surfacesOf(second));
  const text = `${one.text}${gap(surfacesOf(first).at(-1)!.row, rest)}${rest}`;
  return { edits: [{ start: one.row.start, end: one.row.end, text: withText(one, text) }], kept: others };
}
