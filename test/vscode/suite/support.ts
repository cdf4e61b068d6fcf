// What the suites share: files of the workspace, waiting, and what Crosstag shows.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CrosstagApi } from '../../../extension/extension.ts';
import { toRange } from '../../../extension/ranges.ts';
import type { ShownLabel } from '../../../server/protocol.ts';

/** Milliseconds until a state that should come counts as missing. */
const PATIENCE = 30_000;

export function file(name: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
}

export function extension(): vscode.Extension<CrosstagApi> {
  const found = vscode.extensions.getExtension<CrosstagApi>('crosstag.crosstag');
  assert(found, 'Crosstag is not installed');
  return found;
}

export async function api(): Promise<CrosstagApi> {
  return await extension().activate();
}

/** Opens a file of the workspace in an editor. */
export async function show(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file(name)));
}

/** Waits until `probe` gives something that is neither undefined nor false. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Thenable<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Waits for labels of an editor that satisfy `enough`. */
export async function labels(
  editor: vscode.TextEditor,
  enough: (labels: readonly ShownLabel[]) => boolean = (all) => all.length > 0,
): Promise<readonly ShownLabel[]> {
  const crosstag = await api();
  return until(`labels in ${editor.document.uri.path}`, () => {
    const all = crosstag.labels(editor);
    return enough(all) && all;
  });
}

/** The text under a label with its name and origin, as `PER محمد` (file) or `PER? Soares` (model). */
export function describeLabel(editor: vscode.TextEditor, { range, parts, label, origin }: ShownLabel): string {
  const texts = (parts ?? [range]).map((part) => editor.document.getText(toRange(part)));
  return `${label}${origin === 'model' ? '?' : ''} ${texts.join(' ')}`;
}

/** Selects the first place where `text` stands. */
export function select(editor: vscode.TextEditor, text: string): void {
  const at = editor.document.getText().indexOf(text);
  assert(at >= 0, `${text} is not in ${editor.document.uri.path}`);
  const { document } = editor;
  editor.selection = new vscode.Selection(document.positionAt(at), document.positionAt(at + text.length));
}

/** Bytes of a file on disk, as text that shows every one of them. */
export async function bytes(name: string): Promise<string> {
  return Buffer.from(await vscode.workspace.fs.readFile(file(name))).toString('latin1');
}

export function closeAll(): Thenable<unknown> {
  return vscode.commands
    .executeCommand('workbench.action.revertAndCloseActiveEditor')
    .then(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
}
