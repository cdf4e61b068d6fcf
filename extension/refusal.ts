// What cannot be done as things are, with a button that leads to what would change them.
import * as vscode from 'vscode';

export class Refusal extends Error {
  /** @param remedy what the button of the message does */
  constructor(
    message: string,
    readonly remedy: vscode.Command,
  ) {
    super(message);
  }
}

/** @throws Refusal in a workspace that is not trusted, where files are only shown and checked */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new Refusal(
    vscode.l10n.t(
      'Labels are set, and models loaded and trained, in trusted workspaces only. This one is not trusted.',
    ),
    { command: 'workbench.trust.manage', title: vscode.l10n.t('Manage Trust') },
  );
}
