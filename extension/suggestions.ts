// Walking through the suggestions of the model and accepting them.
import * as vscode from 'vscode';
import { openSetting, SECTION } from './config.ts';
import { isReview } from './documents.ts';
import { atCursors, type Labels } from './edits.ts';
import { reveal } from './ranges.ts';
import { Refusal } from './refusal.ts';

/** The setting that switches them on and off. */
export const SUGGESTIONS = 'suggestions.enabled';

/** Lowest probability of a suggestion that is shown in this file, 0 to 1; above 1 when suggestions are off. */
export function minimumProbability(document: vscode.TextDocument): number {
  // Each line has what is set for its file, which the server knows.
  if (isReview(document)) return 0;
  if (areSuggestionsOff(document)) return 2;
  return vscode.workspace.getConfiguration(SECTION, document).get('suggestions.minimumProbability', 0);
}

/** Has somebody switched suggestions off for this file? */
export function areSuggestionsOff(document: vscode.TextDocument): boolean {
  return !vscode.workspace.getConfiguration(SECTION, document).get(SUGGESTIONS, true);
}

/** @throws Refusal where suggestions are off: that there is no model would be the wrong answer */
export function requireSuggestions(document: vscode.TextDocument): void {
  if (areSuggestionsOff(document))
    throw new Refusal(vscode.l10n.t('Suggestions are off for this file.'), openSetting(SUGGESTIONS, document));
}

export async function accept(labels: Labels, editor: vscode.TextEditor, what: 'touched' | 'sentence'): Promise<void> {
  const { document } = editor;
  const least = minimumProbability(document);
  await atCursors(labels, editor, (ranges) =>
    labels.server.ask((connection) => connection.accept(document, ranges, what, least)),
  );
}

/** The tokens of the suggestions at the cursor or in the selection are no entity. */
export async function reject(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  await atCursors(labels, editor, (ranges) =>
    labels.server.ask((connection) => connection.reject(editor.document, ranges)),
  );
}

/** Selects the next suggestion after the cursor (`direction` 1) or the one before it (-1). */
export async function goToSuggestion({ server }: Labels, editor: vscode.TextEditor, direction: 1 | -1): Promise<void> {
  const { document, selection } = editor;
  requireSuggestions(document);
  const least = minimumProbability(document);
  const found = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window }, (_progress, token) =>
    server.ask((connection) => connection.nextSuggestion(document, selection.start, direction, least, token)),
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
