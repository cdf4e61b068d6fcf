// The settings that the client itself reads, and those that the server asks for (`workspace/configuration`).
import * as vscode from 'vscode';

export const SECTION = 'crosstag';

/** Settings that the server reads only when it starts. */
const NEEDS_RESTART = ['rawText.enabled', 'engine', 'threads'];

/** Is a change among these that takes effect only with a new server? */
export function needsRestart(change: vscode.ConfigurationChangeEvent): boolean {
  return NEEDS_RESTART.some((name) => change.affectsConfiguration(`${SECTION}.${name}`));
}

/** Does a change touch what the decorations show? */
export function changesDecorations(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration(`${SECTION}.suggestions`) || change.affectsConfiguration(`${SECTION}.format`);
}

export function rawTextEnabled(): boolean {
  return vscode.workspace.getConfiguration(SECTION).get('rawText.enabled', true);
}

/**
 * All settings, for the server.
 * @param uri the file that they are for: where it is open, what is set for its language counts; undefined: they hold everywhere
 */
export function settingsFor(uri: vscode.Uri | undefined): unknown {
  const document = uri && vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  return vscode.workspace.getConfiguration(undefined, document ?? uri).get(SECTION);
}

/** Does “label other occurrences” take words that differ in case for the same? */
export function ignoresCase(document: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration(SECTION, document).get('occurrences.ignoreCase', false);
}

/** Are files saved after each edit from the review view? */
export function savesReviewed(uri: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration(SECTION, uri).get('review.save', true);
}

/** Folder of the model that suggests in this place whatever is trained; empty: the newest that is no worse. */
export function namedModel(place: vscode.Uri): string {
  return vscode.workspace.getConfiguration(SECTION, place).get('model', '');
}

/** Shows one of our settings: the user's, or the workspace's where that has it for this place. */
export function openSetting(name: string, place: vscode.ConfigurationScope | undefined): vscode.Command {
  const { workspaceValue, workspaceLanguageValue, workspaceFolderValue, workspaceFolderLanguageValue } =
    vscode.workspace.getConfiguration(SECTION, place).inspect(name) ?? {};
  const values = [workspaceValue, workspaceLanguageValue, workspaceFolderValue, workspaceFolderLanguageValue];
  return {
    command: `workbench.action.open${values.some((value) => value !== undefined) ? 'Workspace' : ''}Settings`,
    arguments: [`@id:${SECTION}.${name}`],
    title: vscode.l10n.t('Open Setting'),
  };
}

/** Sentences that the review view asks for at a time. */
export function reviewBatch(): number {
  return vscode.workspace.getConfiguration(SECTION).get('review.batch', 20);
}
