// The document model that every reader produces and everything above `text/` works on.

/** The formats that can be read and written; the names are those of `--format` on the command line. */
export const FORMATS = ['conll2003', 'conll2002', 'conll', 'uner', 'conllu', 'txt', 'standoff', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** Named-entity recognition (spans) or part-of-speech tagging (one label a token). */
export type Task = 'ner' | 'pos';

/** The cell of a token whose label nobody has decided. It is neither `O` nor an entity. */
export const UNDECIDED = '_';

/** One token. Offsets are UTF-16 units relative to the start of its sentence, so that they survive edits elsewhere. */
export interface Token {
  /** The word as it stands in the file. */
  readonly form: string;
  readonly start: number;
  readonly end: number;
  /** The tag in the file (`B-PER`, `O`, `NOUN`); undefined where it is undecided (`_`) or there is no cell. */
  readonly label: string | undefined;
  /** Where the label's cell stands, relative to the sentence; -1 where the token has no such cell. */
  readonly labelStart: number;
  readonly labelEnd: number;
}

/** A mistake that a reader or the linter found, with offsets in the whole document (UTF-16). */
export interface Finding {
  /** A stable code: `format.*`, `tags.*`, `consistency.*`. */
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'information';
  /** What is wrong; what to do. */
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly fix?: Fix;
}

/** A repair: text edits that belong together. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** Replaces [start, end) of a document (UTF-16 offsets) by `text`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * In columns a run of lines that ends with its blank line(s): one sentence with its comments, or lines without a token.
 * In JSON lines a line; in raw text what ICU takes for a sentence, several of which may share a line.
 */
export interface Sentence {
  /** Its own text; those of all sentences, joined, are the text of the document. */
  readonly source: string;
  readonly tokens: readonly Token[];
  /** True where no token has a label, which is known of raw text before it is cut into words. */
  readonly unlabelled?: boolean;
  /** Length in UTF-16 units, and number of lines, comments, blank lines and line ends included. */
  readonly length: number;
  readonly lines: number;
  /** Comment lines (`# ...`) without their line end, in order. */
  readonly comments: readonly string[];
  /** What is wrong with its lines, or with the spans in it; offsets relative to the sentence. */
  readonly findings: readonly Finding[];
}

/**
 * A text in one of the formats, every character accounted for: the concatenated sentences are the text.
 * Immutable but for `edit`, which replaces the touched sentences and keeps the others, and `editAnnotations`.
 */
export interface TextDocument {
  readonly format: Format;
  readonly task: Task;
  readonly text: string;
  readonly sentences: readonly Sentence[];
  /** Whether a label may hold blanks ("Person Name"): not where blanks end it. */
  readonly blanks: boolean;
  /** UTF-16 offset of the start of sentence `index`. */
  offsetOf(index: number): number;
  /** Line (0-based) of the start of sentence `index`. */
  lineOf(index: number): number;
  /** Index of the sentence that holds `offset`, the last one for the end of the text; -1 in an empty document. */
  sentenceAt(offset: number): number;
  /** Findings of the format, offsets in the document. */
  findings(): Finding[];
  /**
   * Applies edits to the text and parses only the sentences that they touch; all of them where the edits change the
   * layout of the columns. Annotations beside the text move along, and an edit that is undone gives back those it took.
   * @returns the first changed sentence, how many were removed and how many stand there now.
   */
  edit(edits: readonly TextEdit[]): { first: number; removed: number; inserted: number };
  /**
   * Edits that set the labels of the tokens of a sentence from `start` on: those cells change and nothing else.
   * `undefined` writes `_`. A file without a label column gets one, full of `_`. For an `AnnotatedDocument` they are
   * edits of its annotations.
   */
  setLabels(sentence: number, start: number, labels: readonly (string | undefined)[]): TextEdit[];
}

/** New labels of the tokens of a sentence from `start` on. */
export interface LabelChange {
  readonly sentence: number;
  readonly start: number;
  readonly labels: readonly (string | undefined)[];
}

/**
 * Raw text (`txt`, `standoff`) with its labels in a brat annotation file beside it. `setLabels` gives edits of the
 * annotations there, not of the text.
 */
export interface AnnotatedDocument extends TextDocument {
  /** The annotation file. Edits of the text move its offsets along, so it is to be saved whenever the text is. */
  readonly annotations: string;
  /** `setLabels` of several sentences at once: new annotations have different ids. */
  setLabelsOf(changes: readonly LabelChange[]): TextEdit[];
  /** Applies edits to the annotations (those of `setLabels`, or others) and gives the tokens their labels anew. */
  editAnnotations(edits: readonly TextEdit[]): void;
  /** Findings of the annotation file, offsets in `annotations`. */
  annotationFindings(): Finding[];
}

/** True where `setLabels` of this document gives edits of its annotations. */
export function isAnnotated(document: TextDocument): document is AnnotatedDocument {
  return 'annotations' in document;
}

/** Bad input: one clear message with its place and remedy. Never shown as a stack trace. */
export class InputError extends Error {
  readonly path: string;
  /** 1-based; undefined where the whole file is meant. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What is wrong, without the place. */
  readonly what: string;
  readonly remedy: string;

  constructor(what: string, remedy: string, place: { path: string; line?: number; column?: number }) {
    const at = [place.path, place.line, place.line === undefined ? undefined : (place.column ?? 1)];
    super(`${at.filter((x) => x !== undefined).join(':')}: ${what}; ${remedy}`);
    this.name = 'InputError';
    this.what = what;
    this.remedy = remedy;
    this.path = place.path;
    this.line = place.line;
    this.column = place.column;
  }
}
