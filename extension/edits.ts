import * as vscode from 'vscode';
import { openAnnotations } from './annotations.ts';
import type { Standoff } from './standoff.ts';

/**
 * Applies an edit that the server computes for a document: one undo step. When the document changes while the server
 * thinks, it is asked once more.
 * @throws Error when the text keeps changing or the editor refuses the edit.
 */
export function applyLabels(
  document: vscode.TextDocument,
  standoff: Standoff,
  compute: () => Promise<vscode.WorkspaceEdit>,
): Promise<void> {
  return standoff.inTurn(async () => {
    await openAnnotations(document);
    for (let attempt = 0; attempt < 2; attempt++) {
      const { version } = document;
      const edit = await compute();
      if (edit.size === 0) return;
      if (document.version !== version) continue;
      if (await standoff.apply(document, edit)) return;
    }
    throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
  });
}
