// The documents that are open in the editor, kept up to date edit by edit.
import { fileURLToPath } from 'node:url';
import type { TextDocumentContentChangeEvent, TextDocumentItem } from 'vscode-languageserver-protocol';
import { differing } from '../tags/index.ts';
import {
  annotationFileOf,
  applyEdits,
  detectFormat,
  type Format,
  isAnnotated,
  type LabelChange,
  parseDocument,
  type Task,
  type TextDocument,
  type TextEdit,
} from '../text/index.ts';
import type { DocumentJournal } from './journal/document-journal.ts';
import { offsetAt } from './positions.ts';
import type { Settings } from './settings.ts';
import type { Suggestions } from './suggestions.ts';

/** What an edit did to the sentences: `removed` of them from `first` on became `inserted` others. */
export interface SentenceEdit {
  readonly first: number;
  readonly removed: number;
  readonly inserted: number;
}

/** The annotation file of a raw text, as the editor or the disk has it. */
export interface AnnotationFile {
  readonly uri: string;
  /** Version in the editor; null where it is not open there. */
  readonly version: number | null;
  /** Undefined while there is no such file. */
  readonly text: string | undefined;
  /** Why the file that is there cannot be read: nothing may be written to it then. */
  readonly problem?: string;
}

/** Path of a `file:` URI; other URIs as they are. */
export function pathOf(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}

export class OpenDocument {
  readonly uri: string;
  readonly languageId: string;
  version: number;
  text: TextDocument;
  /** The answers of the model that fits it; undefined while there is none. */
  suggestions: Suggestions | undefined;
  /** What the journal says of it; undefined where it is no file, and before that is known. */
  journal: DocumentJournal | undefined;
  #settings: Settings;
  #annotationFile: AnnotationFile;

  constructor({ uri, languageId, version, text }: TextDocumentItem, settings: Settings) {
    this.uri = uri;
    this.languageId = languageId;
    this.version = version;
    this.#settings = settings;
    this.#annotationFile = { uri: annotationFileOf(uri), version: null, text: undefined };
    this.text = this.#parse(text, '');
  }

  get path(): string {
    return pathOf(this.uri);
  }

  get task(): Task {
    return this.text.task;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Where the labels of a raw text stand. */
  get annotationFile(): AnnotationFile {
    return this.#annotationFile;
  }

  /** Whether edits of the text have moved its annotations since their file was read or written. */
  get hasMovedAnnotations(): boolean {
    const { text } = this.#annotationFile;
    return isAnnotated(this.text) && text !== undefined && this.text.annotations !== text;
  }

  /** The tags of a sentence as the file has them; undefined where nobody has decided. `O` of raw text is in the journal. */
  tagsOf(index: number): (string | undefined)[] {
    const tags = this.text.sentences[index]!.tokens.map((token) => token.label);
    return isAnnotated(this.text) && this.journal !== undefined ? this.journal.withOutside(index, tags) : tags;
  }

  /** Whether the text is parsed anew with other settings. */
  isParsedAnew(settings: Settings): boolean {
    return (['format', 'language', 'task'] as const).some((part) => this.#settings[part] !== settings[part]);
  }

  configure(settings: Settings): void {
    const isParsedAnew = this.isParsedAnew(settings);
    this.#settings = settings;
    if (isParsedAnew) this.#parseAgain(this.text.text);
  }

  /** Applies what the editor reports. @returns what happened to the sentences; undefined: the whole text was replaced */
  change(change: TextDocumentContentChangeEvent): SentenceEdit | undefined {
    if (!('range' in change)) {
      this.#parseAgain(change.text);
      return undefined;
    }
    const start = offsetAt(this.text, change.range.start);
    const end = offsetAt(this.text, change.range.end);
    const edit = this.text.edit([{ start, end, text: change.text }]);
    this.journal?.edited(edit);
    return edit;
  }

  /**
   * The annotation file was read, edited or deleted. A file that is still as it was known changes nothing: edits of the
   * text since have moved the annotations, which its offsets would put back.
   * @returns whether labels may have changed
   */
  annotate(file: Omit<AnnotationFile, 'uri'>): boolean {
    const isKnown = file.text === this.#annotationFile.text;
    this.#annotationFile = { ...file, uri: this.#annotationFile.uri };
    const text = file.text ?? '';
    if (isKnown || !isAnnotated(this.text) || this.text.annotations === text) return false;
    this.text.editAnnotations([{ start: 0, end: this.text.annotations.length, text }]);
    return true;
  }

  /** The annotation file cannot be read; what was known of it stays. */
  annotationsFailed(problem: string): void {
    this.#annotationFile = { ...this.#annotationFile, problem };
  }

  /** The annotation file was written; whoever typed meanwhile has moved the annotations on, and they stay so. */
  annotationsSaved(text: string): void {
    this.#annotationFile = { ...this.#annotationFile, version: null, text };
  }

  /**
   * Edits that give sentences these tags: of the text itself, or of its annotations where it has such.
   * @param tags sentence -> all its tags
   */
  tagEdits(tags: ReadonlyMap<number, readonly (string | undefined)[]>): TextEdit[] {
    const changes = [...tags].flatMap(([sentence, wanted]) => changedTags(sentence, this.tagsOf(sentence), wanted));
    if (isAnnotated(this.text)) return this.text.setLabelsOf(changes);
    const setAll = (document: TextDocument, some: readonly LabelChange[]) =>
      some.flatMap(({ sentence, start, labels }) => document.setLabels(sentence, start, labels));
    if (changes.length < 2 || changes.every(({ sentence }) => this.#hasLabelCells(sentence))) {
      return setAll(this.text, changes);
    }
    // The first label of a file without a label column writes the column: the others are written into that.
    const scratch = this.#parse(this.text.text, '');
    for (const some of [changes.slice(0, 1), changes.slice(1)]) scratch.edit(setAll(scratch, some));
    return [difference(this.text.text, scratch.text)];
  }

  /**
   * Edits of the text that change sentences, and then give what stands there these tags.
   * @param first the first of those sentences
   * @param tags of the sentences from `first` on, after the edits
   */
  structureEdits(
    edits: readonly TextEdit[],
    first: number,
    tags: readonly (readonly (string | undefined)[])[],
  ): TextEdit[] {
    const scratch = this.#parse(this.text.text, '');
    scratch.edit(edits);
    const before = scratch.text;
    for (const [i, wanted] of tags.entries()) {
      const sentence = first + i;
      const now = scratch.sentences[sentence]!.tokens.map(({ label }) => label);
      for (const change of changedTags(sentence, now, wanted)) {
        scratch.edit(scratch.setLabels(sentence, change.start, change.labels));
      }
    }
    return scratch.text === before ? [...edits] : [difference(this.text.text, scratch.text)];
  }

  /** A copy of the text as it is, to try out what edits make of it. */
  copy(): TextDocument {
    return this.#parse(this.text.text, isAnnotated(this.text) ? this.text.annotations : '');
  }

  /** The one edit that makes the text this one. */
  editsTo(text: string): TextEdit[] {
    return text === this.text.text ? [] : [difference(this.text.text, text)];
  }

  #hasLabelCells(sentence: number): boolean {
    return this.text.sentences[sentence]!.tokens.every((token) => token.labelStart >= 0);
  }

  #parseAgain(text: string): void {
    const annotations = isAnnotated(this.text) ? this.text.annotations : (this.#annotationFile.text ?? '');
    this.text = this.#parse(text, annotations);
  }

  #parse(text: string, annotations: string): TextDocument {
    const { language, task } = this.#settings;
    // What no annotation covers has not been decided: brat has no way to say `O`.
    const raw = { annotations, outside: null, ...(language !== '' && { language }) };
    return parseDocument(text, { format: this.#format(text), ...raw, ...(task && { undecided: task }) });
  }

  #format(text: string): Format {
    if (this.#settings.format !== 'auto') return this.#settings.format;
    if (this.languageId === 'conllu' || this.languageId === 'jsonl') return this.languageId;
    const format = detectFormat(this.path, text);
    return this.languageId === 'conll' && format === 'txt' ? 'conll' : format;
  }
}

/** From the first to the last tag that differs; none where nothing does. */
function changedTags(
  sentence: number,
  before: readonly (string | undefined)[],
  after: readonly (string | undefined)[],
): LabelChange[] {
  const range = differing(before, after);
  return range === undefined ? [] : [{ sentence, start: range.start, labels: after.slice(range.start, range.end) }];
}

/**
 * One edit from one text to another, without what they have in common at both ends. It parts no surrogate pair and no
 * `\r\n`: there is no position between the two in an editor.
 */
function difference(before: string, after: string): TextEdit {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  if (start > 0 && OPEN.test(before[start - 1]!)) start--;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  if (end > 0 && CLOSING.test(before[before.length - end]!)) end--;
  return { start, end: before.length - end, text: after.slice(start, after.length - end) };
}

const OPEN = /[\ud800-\udbff\r]/;
const CLOSING = /[\udc00-\udfff\n]/;

/** The annotation file of a raw text after edits of its annotations as the document has them. */
export function editedAnnotations(document: OpenDocument, edits: readonly TextEdit[]): string {
  return applyEdits(isAnnotated(document.text) ? document.text.annotations : '', edits);
}

/** Documents by their URI. */
export class Documents {
  readonly #open = new Map<string, OpenDocument>();

  add(document: OpenDocument): void {
    this.#open.set(document.uri, document);
  }

  /** @returns the document that was closed */
  remove(uri: string): OpenDocument | undefined {
    const document = this.#open.get(uri);
    this.#open.delete(uri);
    return document;
  }

  get(uri: string): OpenDocument | undefined {
    return this.#open.get(uri);
  }

  all(): Iterable<OpenDocument> {
    return this.#open.values();
  }
}
