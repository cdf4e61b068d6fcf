// Formats with one token a line and its label in a column: CoNLL-2002, CoNLL-2003, two-column CoNLL, UNER, CoNLL-U.
import { characterFinding } from './characters.ts';
import { labelEdits } from './column-edits.ts';
import type { PieceDocument, Reader } from './document.ts';
import { Fields } from './fields.ts';
import { Ids } from './ids.ts';
import { BYTE_ORDER_MARK, detached, isBlank, isSpace, Labels, lineEnd, nextLine, trimmed } from './lines.ts';
import { type Finding, type Format, type Sentence, type TextEdit, type Token, UNDECIDED } from './types.ts';

export type ColumnFormat = Extract<Format, 'conll2003' | 'conll2002' | 'conll' | 'uner' | 'conllu'>;

/** Where things stand in the lines of a column format. */
export interface Layout {
  readonly format: ColumnFormat;
  /** Expected number of columns; 1: words without labels. */
  readonly columns: number;
  readonly separator: '\t' | ' ';
  /** 0-based columns; `label` is -1 where the last column is the label. */
  readonly form: number;
  readonly label: number;
  /** Lines start with an id, and `#` starts a comment; otherwise `-DOCSTART-` lines part documents. */
  readonly ids: boolean;
}

/** A line longer than this is no token: nothing in a language is, and models would choke on it. */
export const LONGEST_LINE = 65_536;

/** How many lines without a label at the start of a file make it a file without labels. */
const LAYOUT_LINES = 100;
const DOCUMENT_START = '-DOCSTART-';
const HASH = 0x23;
const NONE: readonly never[] = Object.freeze([]);

const FIXED: Record<ColumnFormat, Layout> = {
  conll2003: { format: 'conll2003', columns: 4, separator: ' ', form: 0, label: -1, ids: false },
  conll2002: { format: 'conll2002', columns: 3, separator: ' ', form: 0, label: -1, ids: false },
  conll: { format: 'conll', columns: 2, separator: ' ', form: 0, label: -1, ids: false },
  uner: { format: 'uner', columns: 5, separator: '\t', form: 1, label: 2, ids: true },
  conllu: { format: 'conllu', columns: 10, separator: '\t', form: 1, label: 3, ids: true },
};

export function columnReader(format: ColumnFormat): Reader {
  return new ColumnReader(FIXED[format]);
}

export function isColumnFormat(format: Format): format is ColumnFormat {
  return format in FIXED;
}

class ColumnReader implements Reader {
  readonly layout: Layout;
  private readonly labels = new Labels();
  private readonly fields = new Fields();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  get format(): ColumnFormat {
    return this.layout.format;
  }

  get blanks(): boolean {
    return this.layout.separator === '\t';
  }

  read(text: string, atStart: boolean): Sentence[] {
    const pieces: Sentence[] = [];
    const skip = atStart && text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    let start = 0;
    let lines = 0;
    let wasBlank = false;
    for (let at = skip; at < text.length; ) {
      const end = lineEnd(text, at);
      const blank = isBlank(text, at, end);
      const cut = lines > 0 && ((wasBlank && !blank) || (!this.layout.ids && startsDocument(text, at, end)));
      if (cut) {
        pieces.push(this.parse(detached(text.slice(start, at)), lines, start === 0 ? skip : 0));
        start = at;
        lines = 0;
      }
      wasBlank = blank;
      at = nextLine(text, end);
      if (at > end) lines++;
    }
    if (start < text.length) pieces.push(this.parse(detached(text.slice(start)), lines, start === 0 ? skip : 0));
    return pieces;
  }

  adapted(pieces: readonly Sentence[]): Reader {
    if (this.layout.ids) return this;
    const layout = { ...this.layout, ...firstLayout(pieces, this.layout.format) };
    if (layout.separator === this.layout.separator && layout.columns === this.layout.columns) return this;
    return new ColumnReader(layout);
  }

  setLabels(
    document: PieceDocument,
    sentence: number,
    start: number,
    labels: readonly (string | undefined)[],
  ): TextEdit[] {
    return labelEdits(this.layout, FIXED[this.layout.format].columns, document, sentence, start, labels);
  }

  /** Parses one sentence with its comments and blank lines; `skip` is 1 where a byte order mark comes first. */
  private parse(source: string, lines: number, skip: number): Sentence {
    const tokens: Token[] = [];
    const comments: string[] = [];
    const findings: Finding[] = [];
    const ids = new Ids();
    for (let at = skip; at < source.length; ) {
      const end = lineEnd(source, at);
      const [from, to] = trimmed(source, at, end);
      if (from < to) {
        if (this.layout.ids && source.charCodeAt(at) === HASH) comments.push(source.slice(at, end));
        else if (this.layout.ids || !startsDocument(source, from, to))
          this.line(source, at, from, to, ids, tokens, findings);
      }
      at = nextLine(source, end);
    }
    return {
      tokens,
      length: source.length,
      lines,
      comments: comments.length === 0 ? NONE : comments,
      findings: findings.length === 0 ? NONE : findings,
      source,
    };
  }

  /** Reads the token of the line that starts at `line` and holds something in [from, to). */
  private line(
    source: string,
    line: number,
    from: number,
    to: number,
    ids: Ids,
    tokens: Token[],
    findings: Finding[],
  ): void {
    const { layout, fields } = this;
    const problem = (code: string, message: string, edit?: TextEdit & { title: string }) =>
      findings.push({
        code,
        severity: 'error',
        message,
        start: from,
        end: to,
        ...(edit && { fix: { title: edit.title, edits: [{ start: edit.start, end: edit.end, text: edit.text }] } }),
      });
    if (to - from > LONGEST_LINE) {
      problem(
        'format.long-line',
        `a line of ${to - from} characters is no token; put one token on each line, or read the file as txt`,
      );
      return;
    }
    const character = characterFinding(source, from, to);
    if (character !== undefined) findings.push(character);
    this.split(source, line, from, to, problem);

    if (layout.ids) {
      const id = source.slice(fields.starts[0], fields.ends[0]);
      const kind = ids.check(id, (message) => problem('format.ids', message));
      if (kind !== 'token') return;
    }
    const { form } = layout;
    if (fields.count <= form || fields.starts[form] === fields.ends[form]) {
      problem('format.empty-form', 'the line has no word; write one, or delete the line');
      return;
    }
    const hasLabel = layout.label === -1 ? fields.count > 1 : fields.count > layout.label;
    if (fields.count !== layout.columns) this.wrongCount(source, to, hasLabel, problem);
    const [labelStart, labelEnd] = !hasLabel
      ? [-1, -1]
      : layout.label === -1
        ? [fields.lastStart, fields.lastEnd]
        : [fields.starts[layout.label]!, fields.ends[layout.label]!];
    if (hasLabel && labelStart === labelEnd) {
      const edit = { title: `Write ${UNDECIDED}`, start: labelStart, end: labelEnd, text: UNDECIDED };
      problem(
        'format.empty-label',
        `the label's cell is empty; write a label, or ${UNDECIDED} for one that is not known`,
        edit,
      );
    }
    const label = source.slice(Math.max(labelStart, 0), Math.max(labelEnd, 0));
    tokens.push({
      form: source.slice(fields.starts[form], fields.ends[form]),
      start: fields.starts[form]!,
      end: fields.ends[form]!,
      label: label === '' || label === UNDECIDED ? undefined : this.labels.get(label),
      labelStart,
      labelEnd,
    });
  }

  /** Splits at tabs or blanks, as the file does; a line of blanks in a file of tabs is read all the same, and noted. */
  private split(source: string, line: number, from: number, to: number, problem: Problem): void {
    const { layout, fields } = this;
    if (layout.separator === ' ') {
      fields.splitAtBlanks(source, from, to);
      return;
    }
    // A leading tab is an empty first cell; trailing blanks mean nothing where the last column is the label.
    fields.splitAtTabs(source, line, layout.ids ? lineEnd(source, line) : to);
    if (fields.count > 1 || layout.columns === 1) return;
    fields.splitAtBlanks(source, from, to);
    if (fields.count === layout.columns) {
      const cells = Array.from({ length: fields.count }, (_, i) => source.slice(fields.starts[i], fields.ends[i]));
      const edit = { title: 'Separate the columns by tabs', start: from, end: to, text: cells.join('\t') };
      problem(
        'format.separator',
        'the columns are separated by blanks, in a file of tabs; separate them by tabs',
        edit,
      );
    } else if (layout.ids || fields.count > layout.columns) {
      fields.splitAtTabs(source, from, to);
    }
  }

  private wrongCount(source: string, to: number, hasLabel: boolean, problem: Problem): void {
    const { layout, fields } = this;
    const found = `${fields.count} ${fields.count === 1 ? 'column' : 'columns'} instead of ${layout.columns}`;
    const missing = layout.columns - fields.count;
    if (hasLabel || missing < 0) {
      problem('format.columns', `${found}; give every line the same columns, or choose another format`);
      return;
    }
    const text = `${layout.separator}${UNDECIDED}`.repeat(missing);
    const edit = { title: `Add ${UNDECIDED} for what is missing`, start: to, end: lineEnd(source, to), text };
    problem(
      'format.columns',
      `${found}: the label is missing; add it, or ${UNDECIDED} for one that is not known`,
      edit,
    );
  }
}

type Problem = (code: string, message: string, edit?: TextEdit & { title: string }) => void;

function startsDocument(text: string, start: number, end: number): boolean {
  let at = start;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return text.startsWith(DOCUMENT_START, at);
}

/**
 * Separator and number of columns are those of the first token line with a label, among the first lines; only `conll`
 * leaves their number open.
 */
function firstLayout(pieces: readonly Sentence[], format: ColumnFormat): Pick<Layout, 'separator' | 'columns'> {
  const fields = new Fields();
  let lines = 0;
  let separator: Layout['separator'] = ' ';
  for (const [index, { source }] of pieces.entries()) {
    const skip = index === 0 && source.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    for (let at = skip; at < source.length; ) {
      const end = lineEnd(source, at);
      const [from, to] = trimmed(source, at, end);
      at = nextLine(source, end);
      if (from === to || to - from > LONGEST_LINE || startsDocument(source, from, to)) continue;
      separator = source.slice(from, to).includes('\t') ? '\t' : ' ';
      if (separator === '\t') fields.splitAtTabs(source, from, to);
      else fields.splitAtBlanks(source, from, to);
      if (fields.count > 1) return { separator, columns: format === 'conll' ? fields.count : FIXED[format].columns };
      if (++lines === LAYOUT_LINES) return { separator, columns: 1 };
    }
  }
  return { separator, columns: lines > 0 ? 1 : FIXED[format].columns };
}
