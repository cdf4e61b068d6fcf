// Edits of labels in several files: one undo step in each.
import * as vscode from 'vscode';
import type { BulkScope } from '../server/protocol.ts';
import { isOurs, isReview } from './documents.ts';
import { applyLabels, type Labels } from './edits.ts';
import type { LabelEdit } from './label-edit.ts';
import { requireTrust } from './refusal.ts';

let groups = 0;

/** Names the edits of one action. */
export function nextGroup(): string {
  return `${Date.now().toString(36)}-${++groups}`;
}

/** The review view shows the whole project, whatever a line is from. */
export function scopeIn(document: vscode.TextDocument, scope: BulkScope): BulkScope {
  return isReview(document) ? 'project' : scope;
}

/**
 * Applies an edit to each of some files. Those that have no tab are saved, as nobody would see that they wait for it.
 * @param from where it was asked for: what is done from the review view is undone there as a whole
 * @throws Error where a file cannot be edited; those before it keep their labels
 */
export async function applyToFiles(
  labels: Labels,
  from: vscode.TextDocument,
  files: readonly vscode.Uri[],
  compute: (file: vscode.Uri) => Promise<LabelEdit>,
): Promise<void> {
  requireTrust();
  const documents: vscode.TextDocument[] = [];
  for (const file of files) {
    const document = await vscode.workspace.openTextDocument(file);
    // The server knows such a file only from the disk.
    if (document.isDirty && !isOurs(document)) {
      throw new Error(vscode.l10n.t('{0} has unsaved changes; save it first.', vscode.workspace.asRelativePath(file)));
    }
    documents.push(document);
  }
  if (isReview(from)) {
    await labels.standoff.inTurn(() => labels.review.applyToAll(documents, compute));
    return;
  }
  for (const document of documents) {
    const waits = document.isDirty || hasTab(document.uri);
    const selection = new vscode.Range(0, 0, 0, 0);
    await applyLabels(labels, { document, selection }, () => compute(document.uri));
    if (!waits && document.isDirty) await document.save();
  }
}

function hasTab(file: vscode.Uri): boolean {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === file.toString());
}
