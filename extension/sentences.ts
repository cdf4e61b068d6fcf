// Walking from sentence to sentence, and saying that one is done.
import * as vscode from 'vscode';
import { isReview } from './documents.ts';
import { atCursors, type Labels } from './edits.ts';
import { answered } from './questions.ts';
import { reveal } from './ranges.ts';

/** Goes on in the next open sentence after the cursor (`direction` 1) or the one before it (-1). */
export async function goToSentence(labels: Labels, editor: vscode.TextEditor, direction: 1 | -1): Promise<void> {
  const found = await labels.server.ask((connection) =>
    connection.openSentence(editor.document, editor.selection.active, direction),
  );
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

/**
 * The sentence is done: what is undecided in it becomes `O`, which is said of suggestions, and the next open one comes. A
 * selection may hold more sentences than are on the screen: it is asked before their suggestions go. @throws Dismissed
 */
export async function reviewSentence(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  const { document, selections } = editor;
  const { sentences, suggestions } = await labels.server.ask((connection) =>
    connection.reviewCount(document, selections),
  );
  if (sentences > 1 && suggestions > 0) await confirm(sentences, suggestions);
  await atCursors(
    labels,
    editor,
    (ranges) => labels.server.ask((connection) => connection.review(document, ranges, true)),
    true,
  );
  if (isReview(document)) await labels.view.goOn(editor);
  else await goToSentence(labels, editor, 1);
  if (suggestions === 0) return;
  const message =
    suggestions === 1
      ? vscode.l10n.t('1 suggestion became O (undo takes it back).')
      : vscode.l10n.t('{0} suggestions became O (undo takes it back).', suggestions);
  vscode.window.setStatusBarMessage(message, 4000);
}

async function confirm(sentences: number, suggestions: number): Promise<void> {
  const mark = vscode.l10n.t('Mark as Reviewed');
  const message = vscode.l10n.t('Mark {0} sentences as reviewed?', sentences);
  const detail = vscode.l10n.t('Suggestions in them that become O: {0}.', suggestions);
  await answered(vscode.window.showInformationMessage(message, { modal: true, detail }, mark));
}

/** The sentence is to be looked at again; its labels stay. */
export async function reopenSentence(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  await atCursors(
    labels,
    editor,
    (ranges) => labels.server.ask((connection) => connection.review(editor.document, ranges, false)),
    false,
  );
}
