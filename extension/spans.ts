// A span grows and shrinks by a token at either end.
import * as vscode from 'vscode';
import { applyLabels, type Labels, requireOneCursor } from './edits.ts';
import type { LabelEdit } from './label-edit.ts';
import { reveal } from './ranges.ts';

type Resized = LabelEdit & { readonly range: vscode.Range | undefined };

/**
 * Moves one end of the span at the cursor, and selects the span.
 * @param by tokens: 1 towards the end of the text, -1 towards its start
 */
export async function resize(
  labels: Labels,
  editor: vscode.TextEditor,
  end: 'start' | 'end',
  by: 1 | -1,
): Promise<void> {
  const { document } = editor;
  requireOneCursor(editor);
  const { range } = await applyLabels(labels, editor, async (): Promise<Resized> => {
    // Keys come fast: the selection is that of the moment, which the resizing before has set.
    const resized = await labels.server.ask((connection) => connection.resize(document, editor.selection, end, by));
    if (typeof resized !== 'string') return resized;
    vscode.window.setStatusBarMessage(resized, 4000);
    return { edit: new vscode.WorkspaceEdit(), journal: [], range: undefined };
  });
  if (range !== undefined) reveal(editor, range);
}
