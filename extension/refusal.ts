// What cannot be done as things are, with a button that leads to what would change them.
import type * as vscode from 'vscode';

export class Refusal extends Error {
  /** @param remedy what the button of the message does */
  constructor(
    message: string,
    readonly remedy: vscode.Command,
  ) {
    super(message);
  }
}
