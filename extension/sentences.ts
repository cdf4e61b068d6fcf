// Walking from sentence to sentence, and saying that one is done.
import * as vscode from 'vscode';
import { applyLabels, type Labels } from './edits.ts';

/** Goes on in the next open sentence after the cursor (`direction` 1) or the one before it (-1). */
export async function goToSentence(labels: Labels, editor: vscode.TextEditor, direction: 1 | -1): Promise<void> {
  const found = await labels.server.openSentence(editor.document, editor.selection.active, direction);
  if (found !== undefined) {
    reveal(editor, found);
    return;
  }
  const message =
    direction === 1
      ? vscode.l10n.t('No open sentence below the cursor.')
      : vscode.l10n.t('No open sentence above the cursor.');
  vscode.window.setStatusBarMessage(message, 4000);
}

/** The sentence is done: what is undecided in it becomes `O`, and the next open one comes. */
export async function reviewSentence(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  const { document, selection } = editor;
  await applyLabels(labels, document, () => labels.server.review(document, selection, true));
  await goToSentence(labels, editor, 1);
}

/** The sentence is to be looked at again; its labels stay. */
export async function reopenSentence(labels: Labels, { document, selection }: vscode.TextEditor): Promise<void> {
  await applyLabels(labels, document, () => labels.server.review(document, selection, false));
}

/** Selects a range and shows it. */
export function reveal(editor: vscode.TextEditor, range: vscode.Range): void {
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
