import type * as vscode from 'vscode';

/** An edit of labels, and the journal lines that it stands in: they count for nothing if it is not applied. */
export interface LabelEdit {
  readonly edit: vscode.WorkspaceEdit;
  readonly journal: readonly string[];
}
