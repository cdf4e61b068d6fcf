import * as vscode from 'vscode';
import type { ShownLabel } from '../server/protocol.ts';

/** A range of the protocol as one of the editor; both count UTF-16 units. */
export function toRange(range: ShownLabel['range']): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}
