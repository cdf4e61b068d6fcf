// Labels the other places where the words of a label stand.
import * as vscode from 'vscode';
import type { BulkScope } from '../server/protocol.ts';
import { ignoresCase } from './config.ts';
import { type Labels, requireOneCursor } from './edits.ts';
import { labelHits, pickHits } from './hits.ts';
import { withProgress } from './progress.ts';

export async function labelOccurrences(labels: Labels, editor: vscode.TextEditor, scope: BulkScope): Promise<void> {
  const { document, selection } = editor;
  requireOneCursor(editor);
  const found = await withProgress(vscode.l10n.t('Crosstag: searching'), (_progress, token) =>
    labels.server.ask(({ bulk }) => bulk.occurrences(document, selection, scope, ignoresCase(document), token)),
  );
  if (found === undefined) return;
  if ('refused' in found) {
    vscode.window.setStatusBarMessage(found.refused, 4000);
    return;
  }
  if (found.hits.length === 0) {
    vscode.window.setStatusBarMessage(
      vscode.l10n.t('“{0}” stands nowhere else without this label.', found.words),
      4000,
    );
    return;
  }
  const picked = await pickHits(vscode.l10n.t('Label “{0}” as {1} here too', found.words, found.label), found);
  if (picked.length > 0) await labelHits(labels, document, picked, found.label);
}
