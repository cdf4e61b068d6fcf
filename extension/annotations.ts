// The annotation file beside a raw text.
import * as vscode from 'vscode';
import { isOurs, isRawText } from './documents.ts';

/** Where the labels of a raw text stand. */
function annotationsOf({ uri }: vscode.TextDocument): vscode.Uri {
  return uri.with({ path: uri.path.replace(/(\.[^./]*)?$/, '.ann') });
}

/** The text of a file, unsaved changes included; empty where there is none. */
export async function contents(file: vscode.Uri): Promise<string> {
  try {
    return (await vscode.workspace.openTextDocument(file)).getText();
  } catch {
    return '';
  }
}

/** Opens the annotation file of a raw text, so that the server knows it as the editor has it. */
export async function openAnnotations(text: vscode.TextDocument): Promise<void> {
  if (isRawText(text)) await contents(annotationsOf(text));
}

/** Where the text itself waits to be saved, its labels wait too. */
export async function save(text: vscode.TextDocument, file: vscode.Uri): Promise<void> {
  if (!text.isDirty) await (await vscode.workspace.openTextDocument(file)).save();
}

/** What edits make of an annotation file, which need not be there yet. */
export async function edited(file: vscode.Uri, edits: readonly vscode.TextEdit[]): Promise<string> {
  const before = await contents(file);
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString());
  const offset = (position: vscode.Position) => document?.offsetAt(position) ?? 0;
  return [...edits]
    .sort((a, b) => b.range.start.compareTo(a.range.start))
    .reduce(
      (text, { range, newText }) => text.slice(0, offset(range.start)) + newText + text.slice(offset(range.end)),
      before,
    );
}

/** The open text whose labels stand in this file. */
export function textOf(file: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(
    (text) => isRawText(text) && isOurs(text) && annotationsOf(text).toString() === file.toString(),
  );
}

/** Whether the text is not saved yet whose labels stand in this file: their offsets are those of the unsaved text. */
export function isAhead(file: vscode.Uri): boolean {
  return textOf(file)?.isDirty === true;
}

/** A text was saved: so are the labels that waited for it. */
export async function saveAnnotations(text: vscode.TextDocument): Promise<void> {
  if (!isRawText(text) || !isOurs(text)) return;
  const file = annotationsOf(text).toString();
  const waiting = vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.toString() === file);
  if (waiting !== undefined) await save(text, waiting.uri);
}
