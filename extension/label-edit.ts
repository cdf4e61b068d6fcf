import type * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { JournalledEdit } from '../server/protocol.ts';

/** An edit of labels, and the journal lines that it stands in: they count for nothing if it is not applied. */
export interface LabelEdit {
  readonly edit: vscode.WorkspaceEdit;
  readonly journal: readonly string[];
}

/** An edit of the server in terms of the editor. */
export async function labelEditOf(client: LanguageClient, edit: JournalledEdit): Promise<LabelEdit> {
  return { edit: await client.protocol2CodeConverter.asWorkspaceEdit(edit), journal: edit.journal ?? [] };
}
