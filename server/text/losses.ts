// What gets lost on the way from one format to another.
import { Fields } from './fields.ts';
import { lineEnd, nextLine, trimmed } from './lines.ts';
import { type Format, isAnnotated, type Sentence, type TextDocument } from './types.ts';

/** Columns beside word and label that the other formats cannot hold. */
const OTHER_COLUMNS: Partial<Record<Format, string>> = {
  conll2003: 'parts of speech and chunks (columns 2 and 3)',
  conll2002: 'parts of speech (column 2)',
  conll: 'the columns between word and label',
  uner: 'second annotation and annotator (columns 4 and 5)',
  conllu: 'lemmas, XPOS, features, heads, relations, DEPS and MISC',
};

/** The formats with the part of speech in their second column; it moves between them. */
export const HAVE_PARTS: ReadonlySet<Format> = new Set<Format>(['conll2002', 'conll2003']);

/** Spans of characters that tokens could not show as they are, by the finding that the reader made of them. */
const SPANS: Readonly<Record<string, string>> = {
  'format.span-overlap': 'spans that overlap another',
  'format.span-without-token': 'spans without a word',
  'format.span-inside-token': 'ends of spans inside a word (they are widened to the word), in spans',
  'format.span-across-sentences': 'spans over the end of a sentence (they are cut in two)',
};

export class Losses {
  private readonly document: TextDocument;
  private readonly to: Format;

  constructor(document: TextDocument, to: Format) {
    this.document = document;
    this.to = to;
  }

  /** One line for each kind of thing that `to` cannot hold and that the document has. */
  list(): string[] {
    const { document, to } = this;
    const raw = to === 'txt' || to === 'standoff';
    const ids = to === 'conllu' || to === 'uner';
    const fromIds = document.format === 'conllu' || document.format === 'uner';
    const lost: string[] = [];
    const note = (count: number, what: string) => {
      if (count > 0) lost.push(`${what}: ${count}`);
    };
    const count = (of: (sentence: Sentence) => number) =>
      document.sentences.reduce((sum, sentence) => sum + of(sentence), 0);
    const tokens = (holds: (label: string | undefined) => boolean) =>
      count((sentence) => sentence.tokens.filter((token) => holds(token.label)).length);

    if (!ids)
      note(
        count((sentence) => sentence.comments.length),
        'comments',
      );
    if (fromIds) {
      note(
        count((sentence) => nonTokenLines(sentence, true).length),
        'multiword tokens, empty nodes and other lines without a token',
      );
    } else if (document.format.startsWith('conll') && (ids || raw || to === 'jsonl')) {
      note(
        count((sentence) => nonTokenLines(sentence, false).length),
        '-DOCSTART- lines',
      );
    }
    const columns =
      document.format === 'conll2003' && this.keepsParts() ? 'chunks (column 3)' : OTHER_COLUMNS[document.format];
    note(
      count((sentence) => this.cellsLost(sentence)),
      `cells of other columns (${columns})`,
    );
    if (document.task === 'ner' && to === 'conllu') {
      note(
        tokens((label) => label !== undefined),
        'entity labels (the UPOS column is for parts of speech)',
      );
    }
    if (document.task === 'pos' && raw)
      note(
        tokens((label) => label !== undefined),
        'part-of-speech labels',
      );
    if (document.task === 'ner' && raw && tokens((label) => label !== undefined) > 0) {
      note(
        tokens((label) => label === undefined),
        'undecided labels (what no span covers counts as O)',
      );
    }
    if (document.task === 'ner' && raw)
      note(
        tokens((label) => label !== undefined && /\s/.test(label)),
        'blanks in labels (written as _), in tokens',
      );
    if (raw)
      note(
        count((sentence) => (sentence.tokens.length > 0 ? 1 : 0)),
        'token and sentence boundaries (raw text is cut anew), in sentences',
      );
    for (const [code, what] of Object.entries(SPANS)) {
      note(
        count((sentence) => sentence.findings.filter((finding) => finding.code === code).length),
        what,
      );
    }
    if (isAnnotated(document)) {
      note(
        document.annotations.split(/\r\n|\n|\r/).filter((line) => /^(?:[^T\s]|T\S*\t\S+ [\d ]+;)/.test(line)).length,
        'annotation lines other than spans',
      );
    }
    if (document.format === 'txt' || document.format === 'standoff') {
      lost.push('blanks and line breaks between the words');
    }
    if (document.format === 'jsonl') lost.push('members of the objects other than words and labels');
    return lost;
  }

  /** CoNLL-2002 and 2003 share the part of speech, in column 2. */
  private keepsParts(): boolean {
    const { format } = this.document;
    return HAVE_PARTS.has(format) && HAVE_PARTS.has(this.to);
  }

  /** Filled cells of a sentence that have no place in the other format. */
  private cellsLost({ tokens, source }: Sentence): number {
    const { format } = this.document;
    if (OTHER_COLUMNS[format] === undefined) return 0;
    const ids = format === 'conllu' || format === 'uner';
    const kept = this.keepsParts() ? 1 : -1;
    let cells = 0;
    for (const token of tokens) {
      const start = ids ? source.lastIndexOf('\n', token.start) + 1 : token.start;
      const end = lineEnd(source, token.start);
      if (ids || source.slice(start, end).includes('\t')) fields.splitAtTabs(source, start, end);
      else fields.splitAtBlanks(source, start, end);
      const [form, label] = format === 'conllu' ? [1, 3] : format === 'uner' ? [1, 2] : [0, fields.count - 1];
      for (let at = ids ? 1 : 0; at < Math.min(fields.count, 10); at++) {
        if (at === form || at === label || at === kept) continue;
        const cell = source.slice(fields.starts[at], fields.ends[at]);
        if (cell !== '' && cell !== '_' && cell !== '-') cells++;
      }
    }
    return cells;
  }
}

const fields = new Fields();

/** Lines that hold something but no token: multiword tokens, empty nodes, `-DOCSTART-`, malformed lines. */
export function nonTokenLines({ source, tokens }: Sentence, comments: boolean): string[] {
  const lines: string[] = [];
  let next = 0;
  for (let at = 0; at < source.length; ) {
    const end = lineEnd(source, at);
    const [from, to] = trimmed(source, at, end);
    if (next < tokens.length && tokens[next]!.start < end) next++;
    else if (from < to && !(comments && source[at] === '#')) lines.push(source.slice(from, to).replace(/^\ufeff/, ''));
    at = nextLine(source, end);
  }
  return lines.filter((line) => line !== '');
}
