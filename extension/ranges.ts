import * as vscode from 'vscode';
import type { ShownLabel } from '../server/protocol.ts';

/** A range of the protocol as one of the editor; both count UTF-16 units. */
export function toRange(range: ShownLabel['range']): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

/** Selects a range and shows it. */
export function reveal(editor: vscode.TextEditor, range: vscode.Range): void {
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
