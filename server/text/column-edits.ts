// Edits that write labels into the cells of a column format.
import type { Layout } from './columns.ts';
import type { PieceDocument } from './document.ts';
import { Fields } from './fields.ts';
import { lineEnd, trimmed } from './lines.ts';
import { type Sentence, type TextEdit, type Token, UNDECIDED } from './types.ts';

/**
 * See TextDocument.setLabels. The first label of a file without a label column writes the whole column.
 * @param columns how many columns the format has.
 */
export function labelEdits(
  layout: Layout,
  columns: number,
  document: PieceDocument,
  sentence: number,
  start: number,
  labels: readonly (string | undefined)[],
): TextEdit[] {
  const piece = document.sentences[sentence]!;
  if (layout.columns === 1) return columnEdits(layout, columns, document, sentence, start, labels);
  const base = document.offsetOf(sentence);
  const edits: TextEdit[] = [];
  for (const [index, label] of labels.entries()) {
    const edit = cellEdit(layout, piece, piece.tokens[start + index]!, base, label);
    if (edit !== undefined) edits.push(edit);
  }
  return edits;
}

/** Gives every token of the document a cell: the new labels, and `_` for all others. */
function columnEdits(
  layout: Layout,
  columns: number,
  document: PieceDocument,
  sentence: number,
  start: number,
  labels: readonly (string | undefined)[],
): TextEdit[] {
  const edits: TextEdit[] = [];
  const between = `${layout.separator}${UNDECIDED}`.repeat(columns - 2);
  for (const [index, piece] of document.sentences.entries()) {
    const base = document.offsetOf(index);
    for (const [position, token] of piece.tokens.entries()) {
      const chosen = index === sentence && position >= start && position < start + labels.length;
      const label = chosen ? labels[position - start] : undefined;
      if (token.labelStart < 0) {
        const at = base + token.end;
        edits.push({ start: at, end: at, text: `${between}${layout.separator}${label ?? UNDECIDED}` });
      } else if (chosen) {
        const edit = cellEdit(layout, piece, token, base, label);
        if (edit !== undefined) edits.push(edit);
      }
    }
  }
  return edits;
}

/** The edit of one cell, or of the end of the line where the cell is missing; undefined where nothing changes. */
function cellEdit(
  layout: Layout,
  piece: Sentence,
  token: Token,
  base: number,
  label: string | undefined,
): TextEdit | undefined {
  const text = label ?? UNDECIDED;
  if (token.labelStart >= 0) {
    if (piece.source.slice(token.labelStart, token.labelEnd) === text) return undefined;
    return { start: base + token.labelStart, end: base + token.labelEnd, text };
  }
  const [from, to] = trimmed(piece.source, lineStart(piece.source, token.start), lineEnd(piece.source, token.end));
  const fields = new Fields();
  if (layout.separator === '\t') fields.splitAtTabs(piece.source, from, to);
  else fields.splitAtBlanks(piece.source, from, to);
  const column = layout.label === -1 ? layout.columns - 1 : layout.label;
  const filler = `${layout.separator}${UNDECIDED}`.repeat(Math.max(column - fields.count, 0));
  return { start: base + to, end: base + to, text: `${filler}${layout.separator}${text}` };
}

function lineStart(source: string, at: number): number {
  let start = at;
  while (start > 0 && source[start - 1] !== '\n' && source[start - 1] !== '\r') start--;
  return start;
}
