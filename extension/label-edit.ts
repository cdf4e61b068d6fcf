import type * as vscode from 'vscode';
import type { SentenceShown } from '../server/protocol.ts';

/** An edit of labels, and the journal lines that it stands in: they count for nothing if it is not applied. */
export interface LabelEdit {
  readonly edit: vscode.WorkspaceEdit;
  readonly journal: readonly string[];
}

/** What sentences of a document will show once an edit is applied. */
export interface WillBeShown {
  /** Of the document, as a string. */
  readonly uri: string;
  readonly sentences: readonly SentenceShown[];
}
