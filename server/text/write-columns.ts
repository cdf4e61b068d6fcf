// Writes the lines of a column format for a document that comes from another format.
import { type ColumnFormat, isColumnFormat } from './columns.ts';
import { Fields } from './fields.ts';
import { lineEnd } from './lines.ts';
import { HAVE_PARTS, nonTokenLines } from './losses.ts';
import { type Sentence, type TextDocument, UNDECIDED } from './types.ts';

/** The text of `document` in a column format; `tagsOf` gives the tags of a sentence. */
export function writeColumns(
  document: TextDocument,
  format: ColumnFormat,
  tagsOf: (sentence: Sentence) => readonly (string | undefined)[],
): string {
  // The label column of CoNLL-U is for parts of speech.
  const labels = format !== 'conllu' || document.task === 'pos';
  const ids = format === 'conllu' || format === 'uner';
  const parts = HAVE_PARTS.has(format) && HAVE_PARTS.has(document.format);
  const starts = !ids && isColumnFormat(document.format) && document.format !== 'conllu' && document.format !== 'uner';
  // A word or a label with a blank in it asks for tabs.
  const blanks = document.sentences.some(({ tokens }) =>
    tokens.some(({ form, label = '' }) => BLANK.test(form) || BLANK.test(label)),
  );
  const separator = ids || blanks ? '\t' : ' ';
  const out: string[] = [];
  for (const sentence of document.sentences) {
    const { source, tokens, comments } = sentence;
    if (starts)
      for (const line of nonTokenLines(sentence, false)) out.push(line, '\n', ...(tokens.length === 0 ? ['\n'] : []));
    if (tokens.length === 0) continue;
    if (ids) for (const comment of comments) out.push(comment, '\n');
    const tags = tagsOf(sentence);
    for (const [index, token] of tokens.entries()) {
      const tag = oneCell((labels ? tags[index] : undefined) ?? UNDECIDED);
      const form = oneCell(token.form);
      const part = parts ? secondColumn(source, token.start) : UNDECIDED;
      out.push(cells(format, index + 1, form, part, tag).join(separator), '\n');
    }
    out.push('\n');
  }
  return out.join('');
}

const BLANK = /[\s\x85]/;

/** Without what would end a cell of a file of tabs. */
function oneCell(text: string): string {
  return /[\t\r\n]/.test(text) ? text.replace(/[\t\r\n]/g, ' ') : text;
}

function cells(format: ColumnFormat, id: number, form: string, part: string, tag: string): string[] {
  const none = UNDECIDED;
  if (format === 'conll') return [form, tag];
  if (format === 'conll2002') return [form, part, tag];
  if (format === 'conll2003') return [form, part, none, tag];
  if (format === 'uner') return [String(id), form, tag, '-', '-'];
  return [String(id), form, none, tag, none, none, none, none, none, none];
}

const fields = new Fields();

/** The second cell of the line whose word starts at `start`. */
function secondColumn(source: string, start: number): string {
  const end = lineEnd(source, start);
  if (source.slice(start, end).includes('\t')) fields.splitAtTabs(source, start, end);
  else fields.splitAtBlanks(source, start, end);
  return fields.count > 2 ? source.slice(fields.starts[1], fields.ends[1]) : UNDECIDED;
}
