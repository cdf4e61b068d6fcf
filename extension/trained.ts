// How it is told that there is a new model.
import * as vscode from 'vscode';
import { namedModel, openSetting } from './config.ts';

/**
 * Says what a training came to, and whether its model suggests from now on: one that the settings name goes before it.
 * @param buttons beside the message
 * @returns the button that was pressed
 */
export async function tellTrained(message: string, ...buttons: string[]): Promise<string | undefined> {
  const named = namedModel();
  if (named === '') {
    return vscode.window.showInformationMessage(vscode.l10n.t('{0} The model is in use.', message), ...buttons);
  }
  const setting = openSetting('model');
  const kept = vscode.l10n.t('{0} It is not in use: the setting crosstag.model names {1}.', message, named);
  const answer = await vscode.window.showWarningMessage(kept, setting.title, ...buttons);
  if (answer !== setting.title) return answer;
  await vscode.commands.executeCommand(setting.command, ...setting.arguments!);
  return undefined;
}
