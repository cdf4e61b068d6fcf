// New tags for tokens, as an edit that the client applies and can undo.
import type { TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { TextDocument as PlainText } from 'vscode-languageserver-textdocument';
import { relabel, type Scheme } from '../tags/index.ts';
import { isAnnotated, type TextEdit } from '../text/index.ts';
import { editedAnnotations, type OpenDocument } from '../workspace/documents.ts';
import { rangeOf } from '../workspace/positions.ts';

/** A label for tokens [start, end) of a sentence: null takes it away (`O`), undefined makes it undecided. */
export interface Labelling {
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
  readonly label: string | null | undefined;
}

/**
 * The edit that gives tokens these labels; the cells that change, and nothing else.
 * @param scheme how the file writes its tags
 */
export function labelEdit(document: OpenDocument, labellings: readonly Labelling[], scheme: Scheme): WorkspaceEdit {
  return tagEdit(document, tagsAfter(document, labellings, scheme));
}

/** The tags of the sentences that get labels. */
export function tagsAfter(
  document: OpenDocument,
  labellings: readonly Labelling[],
  scheme: Scheme,
): Map<number, readonly (string | undefined)[]> {
  const tags = new Map<number, readonly (string | undefined)[]>();
  for (const { sentence, start, end, label } of labellings) {
    const before = tags.get(sentence) ?? document.tagsOf(sentence);
    tags.set(sentence, relabel(before, start, end, label, scheme));
  }
  return tags;
}

/** The edit that gives sentences these tags, in the text or in the annotation file beside it. */
export function tagEdit(
  document: OpenDocument,
  tags: ReadonlyMap<number, readonly (string | undefined)[]>,
): WorkspaceEdit {
  const edits = document.tagEdits(tags);
  if (edits.length === 0) return { documentChanges: [] };
  return isAnnotated(document.text) ? annotationEdit(document, edits) : textEdit(document, edits);
}

/** An edit of the text of a document itself. */
export function textEdit(document: OpenDocument, edits: readonly TextEdit[]): WorkspaceEdit {
  const ranges = edits.map(({ start, end, text }) => ({ range: rangeOf(document.text, start, end), newText: text }));
  return { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: ranges }] };
}

/** An edit of the annotation file beside a raw text, which is created where there is none; none of one that cannot be read. */
export function annotationEdit(document: OpenDocument, edits: readonly TextEdit[]): WorkspaceEdit {
  const { uri, version, text, problem } = document.annotationFile;
  if (problem !== undefined) return { documentChanges: [] };
  const textDocument = { uri, version };
  const after = editedAnnotations(document, edits);
  const start = { line: 0, character: 0 };
  if (text === undefined) {
    const insert: TextDocumentEdit = { textDocument, edits: [{ range: { start, end: start }, newText: after }] };
    return { documentChanges: [{ kind: 'create', uri, options: { ignoreIfExists: true } }, insert] };
  }
  const plain = PlainText.create(uri, 'brat', version ?? 0, text);
  // Edits of the text have moved annotations since the file was written: it is written anew.
  const whole = [{ start: 0, end: text.length, text: after }];
  const ranges = (document.hasMovedAnnotations ? whole : edits).map((edit) => ({
    range: { start: plain.positionAt(edit.start), end: plain.positionAt(edit.end) },
    newText: edit.text,
  }));
  return { documentChanges: [{ textDocument, edits: ranges }] };
}
