// How it is told that there is a new model, and whether it suggests: one that the settings name goes before it.
import * as vscode from 'vscode';
import { namedModel, openSetting } from './config.ts';

/**
 * Says what a training came to, and whether its model suggests from now on.
 * @param model its folder
 * @param buttons beside the message
 * @returns the button that was pressed
 */
export async function tellTrained(
  message: string,
  model: vscode.Uri,
  ...buttons: string[]
): Promise<string | undefined> {
  const text = withUse(message, model);
  if (overruling(model) === undefined) return vscode.window.showInformationMessage(text, ...buttons);
  const setting = openSetting('model', model);
  const answer = await vscode.window.showWarningMessage(text, setting.title, ...buttons);
  if (answer !== setting.title) return answer;
  await vscode.commands.executeCommand(setting.command, ...setting.arguments!);
  return undefined;
}

/** A message about a model, and whether it suggests. */
export function withUse(message: string, model: vscode.Uri): string {
  const named = overruling(model);
  return named === undefined
    ? vscode.l10n.t('{0} The model is in use.', message)
    : vscode.l10n.t('{0} It is not in use: the setting crosstag.model names {1}.', message, named);
}

/** The other model that the settings name where this one lies; undefined: none, or this very one. */
export function overruling(model: vscode.Uri): string | undefined {
  const named = namedModel(model);
  if (named === '') return undefined;
  const folder = vscode.workspace.getWorkspaceFolder(model);
  const places = [vscode.Uri.file(named), ...(folder ? [vscode.Uri.joinPath(folder.uri, named)] : [])];
  return places.some(({ path }) => path === model.path) ? undefined : named;
}
