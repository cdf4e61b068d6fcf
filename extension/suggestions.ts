// Walking through the suggestions of the model and accepting them.
import * as vscode from 'vscode';
import type { ShownLabel } from '../server/protocol.ts';
import { minimumProbability } from './config.ts';
import { applyLabels, type Labels } from './edits.ts';
import { reveal, toRange } from './ranges.ts';
import type { Server } from './server.ts';

/** Lines that one question covers when the next suggestion is looked for outside the window. */
const STEP = 200;
/** Lines that are searched before the search gives up. */
const REACH = 5000;

export async function accept(labels: Labels, editor: vscode.TextEditor, what: 'touched' | 'sentence'): Promise<void> {
  const { document, selection } = editor;
  const least = minimumProbability(document.uri);
  await applyLabels(labels, editor, () => labels.server.accept(document, selection, what, least));
}

/** The tokens of the suggestions at the cursor or in the selection are no entity. */
export async function reject(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  const { document, selection } = editor;
  await applyLabels(labels, editor, () => labels.server.reject(document, selection));
}

/** Selects the next suggestion after the cursor (`direction` 1) or the one before it (-1). */
export async function goToSuggestion({ server }: Labels, editor: vscode.TextEditor, direction: 1 | -1): Promise<void> {
  const found = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window }, (_progress, token) =>
    search(server, editor, direction, token),
  );
  if (found === undefined) {
    const message =
      direction === 1
        ? vscode.l10n.t('No suggestion below the cursor.')
        : vscode.l10n.t('No suggestion above the cursor.');
    vscode.window.setStatusBarMessage(message, 4000);
    return;
  }
  reveal(editor, found);
}

async function search(
  server: Server,
  { document, selection }: vscode.TextEditor,
  direction: 1 | -1,
  token: vscode.CancellationToken,
): Promise<vscode.Range | undefined> {
  const least = minimumProbability(document.uri);
  const lastLine = document.lineCount - 1;
  const isSuggestion = ({ origin, probability }: ShownLabel) => origin === 'model' && (probability ?? 1) >= least;
  const isAhead = (range: vscode.Range) =>
    direction === 1 ? range.start.isAfter(selection.start) : range.start.isBefore(selection.start);
  for (let done = 0; done < REACH; done += STEP) {
    const from = selection.start.line + direction * done;
    if (from < 0 || from > lastLine) return undefined;
    const to = Math.min(lastLine, Math.max(0, from + direction * STEP));
    const lines = new vscode.Range(Math.min(from, to), 0, Math.max(from, to) + 1, 0);
    const { labels } = await server.labels(document, document.validateRange(lines), token);
    const ahead = labels
      .filter(isSuggestion)
      .map(({ range }) => toRange(range))
      .filter(isAhead);
    ahead.sort((a, b) => direction * a.start.compareTo(b.start));
    if (ahead.length > 0) return ahead[0];
  }
  return undefined;
}
