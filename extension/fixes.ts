// Quick fixes, and suggestions that are accepted from the list of fixes: in raw text they edit the file beside it, and undo in
// the text's editor is to reach that.
import * as vscode from 'vscode';
import { contents, edited } from './annotations.ts';
import type { Labels } from './edits.ts';

/** Command that applies a fix; nobody calls it by name. */
export const APPLY_FIX = 'crosstag.applyFix';

export interface Fix {
  readonly text: vscode.TextDocument;
  /** Of the text that the edit is for. */
  readonly version: number;
  readonly edit: vscode.WorkspaceEdit;
}

/** The same action, by our command where it edits another file than the text. */
export function undoable<A extends vscode.CodeAction | vscode.Command>(text: vscode.TextDocument, action: A): A {
  if (!(action instanceof vscode.CodeAction) || action.edit === undefined) return action;
  const { title, edit } = action;
  if (edit.entries().every(([file]) => file.toString() === text.uri.toString())) return action;
  const fix: Fix = { text, version: text.version, edit };
  action.command = { title, command: APPLY_FIX, arguments: [fix] };
  delete action.edit;
  return action;
}

/** @throws Error when the text has changed since */
export async function applyFix({ server, standoff }: Labels, { text, version, edit }: Fix): Promise<void> {
  await standoff.inTurn(async () => {
    const [file, edits] = edit.entries()[0]!;
    const after = await edited(file, edits);
    // Else undo would put back the offsets of before somebody typed.
    await server.ask((connection) => connection.moveAnnotations(text));
    const lines = (await contents(file)).split('\n').length;
    const whole = new vscode.WorkspaceEdit();
    whole.createFile(file, { ignoreIfExists: true });
    whole.replace(file, new vscode.Range(0, 0, lines, 0), after);
    if (text.version !== version || !(await standoff.apply(text, whole))) {
      throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
    }
  });
}
