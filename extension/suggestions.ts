// Walking through the suggestions of the model and accepting them.
import * as vscode from 'vscode';
import { minimumProbability } from './config.ts';
import { atCursors, type Labels } from './edits.ts';
import { reveal } from './ranges.ts';

export async function accept(labels: Labels, editor: vscode.TextEditor, what: 'touched' | 'sentence'): Promise<void> {
  const { document } = editor;
  const least = minimumProbability(document);
  await atCursors(labels, editor, (ranges) => labels.server.accept(document, ranges, what, least));
}

/** The tokens of the suggestions at the cursor or in the selection are no entity. */
export async function reject(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  await atCursors(labels, editor, (ranges) => labels.server.reject(editor.document, ranges));
}

/** Selects the next suggestion after the cursor (`direction` 1) or the one before it (-1). */
export async function goToSuggestion({ server }: Labels, editor: vscode.TextEditor, direction: 1 | -1): Promise<void> {
  const { document, selection } = editor;
  const least = minimumProbability(document);
  const found = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window }, (_progress, token) =>
    server.nextSuggestion(document, selection.start, direction, least, token),
  );
  if (found !== undefined) {
    reveal(editor, found);
    return;
  }
  const message =
    direction === 1
      ? vscode.l10n.t('No suggestion below the cursor.')
      : vscode.l10n.t('No suggestion above the cursor.');
  vscode.window.setStatusBarMessage(message, 4000);
}
