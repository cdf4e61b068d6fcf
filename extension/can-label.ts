// What the `when` clauses of package.json look at: can labels be set in the active editor?
import * as vscode from 'vscode';
import { Disposable } from './disposable.ts';
import { isOurs } from './documents.ts';

const CAN_LABEL = 'crosstag.canLabel';

export class CanLabel extends Disposable {
  constructor() {
    super();
    this._register(vscode.window.onDidChangeActiveTextEditor(update));
    // The language of a document changes by closing and opening it.
    this._register(vscode.workspace.onDidOpenTextDocument(update));
    this._register(vscode.workspace.onDidChangeConfiguration(update));
    update();
  }
}

function update(): void {
  const editor = vscode.window.activeTextEditor;
  void vscode.commands.executeCommand('setContext', CAN_LABEL, editor !== undefined && isOurs(editor.document));
}
