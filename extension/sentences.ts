// Walking from sentence to sentence, and saying that one is done.
import * as vscode from 'vscode';
import { isReview } from './documents.ts';
import { atCursors, type Labels } from './edits.ts';
import { reveal } from './ranges.ts';

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
  const { document } = editor;
  await atCursors(labels, editor, (ranges) => labels.server.review(document, ranges, true), true);
  if (isReview(document)) await labels.view.goOn(editor);
  else await goToSentence(labels, editor, 1);
}

/** The sentence is to be looked at again; its labels stay. */
export async function reopenSentence(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  await atCursors(labels, editor, (ranges) => labels.server.review(editor.document, ranges, false), false);
}
