import * as vscode from 'vscode';
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

/** The error for an edit that the editor refuses: it names the files of the edit, which may lie beside the text. */
export function notChanged({ edit }: LabelEdit): Error {
  const files = edit.entries().map(([uri]) => uri.fsPath);
  return new Error(vscode.l10n.t('The editor does not let {0} be changed; is it read-only?', files.join(', ')));
}
