// The settings that the client itself reads. The server asks for its own (`workspace/configuration`, section `crosstag`).
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

/** Does “label other occurrences” take words that differ in case for the same? */
export function ignoresCase(uri: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration(SECTION, uri).get('occurrences.ignoreCase', false);
}

/** Lowest probability of a suggestion that is shown in this file, 0 to 1; above 1 when suggestions are off. */
export function minimumProbability(uri: vscode.Uri): number {
  const settings = vscode.workspace.getConfiguration(SECTION, uri);
  if (!settings.get('suggestions.enabled', true)) return 2;
  return settings.get('suggestions.minimumProbability', 0);
}

/** Are files saved after each edit from the review view? */
export function savesReviewed(uri: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration(SECTION, uri).get('review.save', true);
}

/** Sentences that the review view asks for at a time. */
export function reviewBatch(): number {
  return vscode.workspace.getConfiguration(SECTION).get('review.batch', 20);
}
