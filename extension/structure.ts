// Splitting and joining tokens and sentences.
import * as vscode from 'vscode';
import type { StructureParams } from '../server/protocol.ts';
import { applyLabels, type Labels, requireOneCursor } from './edits.ts';
import type { LabelEdit } from './label-edit.ts';

/** Splits or joins at the cursor, or what is selected; where that is not possible the status bar says why. */
export async function restructure(
  labels: Labels,
  editor: vscode.TextEditor,
  what: StructureParams['what'],
): Promise<void> {
  const { document } = editor;
  requireOneCursor(editor);
  await applyLabels(labels, editor, async (): Promise<LabelEdit> => {
    const answer = await labels.server.ask(({ bulk }) => bulk.structure(document, editor.selection, what));
    if (!('refused' in answer)) return answer;
    vscode.window.setStatusBarMessage(answer.refused, 8000);
    return { edit: new vscode.WorkspaceEdit(), journal: [] };
  });
}
