import * as vscode from 'vscode';

/**
 * Applies an edit that the server computes for a document: one undo step. When the document changes while the server
 * thinks, it is asked once more.
 * @throws Error when the text keeps changing or the editor refuses the edit.
 */
export async function applyLabels(
  document: vscode.TextDocument,
  compute: () => Promise<vscode.WorkspaceEdit>,
): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const { version } = document;
    const edit = await compute();
    if (edit.size === 0) return;
    if (document.version !== version) continue;
    if (!(await vscode.workspace.applyEdit(edit))) break;
    await saveStandoff(document, edit);
    return;
  }
  throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
}

/** The labels of raw text stand in a file beside it that nobody looks at: it follows the text's own saved state. */
async function saveStandoff(document: vscode.TextDocument, edit: vscode.WorkspaceEdit): Promise<void> {
  if (document.isDirty) return;
  for (const [uri] of edit.entries()) {
    if (uri.toString() === document.uri.toString()) continue;
    const other = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    await other?.save();
  }
}
