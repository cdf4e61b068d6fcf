// Edits of labels in several files: one undo step in each.
import * as vscode from 'vscode';
import { isOurs } from './documents.ts';
import { applyLabels, type Labels } from './edits.ts';
import type { LabelEdit } from './label-edit.ts';

let groups = 0;

/** Names the edits of one action. */
export function nextGroup(): string {
  return `${Date.now().toString(36)}-${++groups}`;
}

/**
 * Applies an edit to each of some files. Those that have no tab are saved, as nobody would see that they wait for it.
 * @throws Error where a file cannot be edited; those before it keep their labels
 */
export async function applyToFiles(
  labels: Labels,
  files: readonly vscode.Uri[],
  compute: (file: vscode.Uri) => Promise<LabelEdit>,
): Promise<void> {
  for (const file of files) {
    const document = await vscode.workspace.openTextDocument(file);
    // The server knows such a file only from the disk.
    if (document.isDirty && !isOurs(document)) {
      throw new Error(vscode.l10n.t('{0} has unsaved changes; save it first.', vscode.workspace.asRelativePath(file)));
    }
    const waits = document.isDirty || hasTab(file);
    await applyLabels(labels, { document, selection: new vscode.Range(0, 0, 0, 0) }, () => compute(file));
    if (!waits && document.isDirty) await document.save();
  }
}

function hasTab(file: vscode.Uri): boolean {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === file.toString());
}
