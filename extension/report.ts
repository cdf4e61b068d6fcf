// The report of an encoder, kept up to date while it is trained.
import * as vscode from 'vscode';
import { Disposable } from './disposable.ts';
import { debounced, Pages } from './pages.ts';
import { isProjectFile } from './project.ts';
import { answered, type Choice } from './questions.ts';
import { trained } from './registry.ts';
import type { Server } from './server.ts';

const UNFINISHED = '.training';

/** Milliseconds without a change of the log before the report is asked for again. */
const PAUSE = 500;

export class Reports extends Disposable {
  private readonly pages: Pages;

  constructor(context: vscode.ExtensionContext, server: Server) {
    super();
    this.pages = this._register(
      new Pages(context, {
        viewType: 'crosstag.encoderReport',
        title: vscode.l10n.t('Encoder Report'),
        titleOf: (name) => vscode.l10n.t('Encoder {0}', name),
        content: (folder) => server.ask((connection) => connection.encoderReport(folder.fsPath)),
        follow,
      }),
    );
  }

  /**
   * Shows the report of an encoder, which is asked for where it is not named.
   * @param at its folder; a crosstag.json names none
   * @throws Dismissed
   */
  async show(at?: vscode.Uri): Promise<void> {
    const folder = at === undefined || isProjectFile(at) ? await chooseEncoder() : at;
    await this.pages.show(withoutSuffix(folder));
  }
}

/** Calls back a moment after the log of an encoder, or of its unfinished training, has changed. */
function follow(folder: vscode.Uri, changed: () => void): vscode.Disposable {
  // Both folders are replaced as a whole: what lies above them is watched.
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(folder, '..'), '*/log.jsonl');
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const later = debounced(PAUSE, changed);
  const soon = (file: vscode.Uri) => {
    if (withoutSuffix(vscode.Uri.joinPath(file, '..')).toString() === folder.toString()) later.call();
  };
  watcher.onDidChange(soon);
  watcher.onDidCreate(soon);
  return vscode.Disposable.from(watcher, later);
}

/** The folder of the encoder that is finished, or will be. */
function withoutSuffix(folder: vscode.Uri): vscode.Uri {
  return folder.path.endsWith(UNFINISHED) ? folder.with({ path: folder.path.slice(0, -UNFINISHED.length) }) : folder;
}

async function chooseEncoder(): Promise<vscode.Uri> {
  const encoders = await trained('**/.crosstag/encoders/*/*/log.jsonl');
  const items: Choice<vscode.Uri | undefined>[] = encoders.map(({ folder, name, modified }) => ({
    label: name.replace(UNFINISHED, ''),
    description: name.endsWith(UNFINISHED) ? vscode.l10n.t('not finished') : new Date(modified).toLocaleString(),
    detail: vscode.workspace.asRelativePath(folder),
    value: folder,
  }));
  const browse = { label: vscode.l10n.t('$(folder-opened) Choose a folder…'), value: undefined };
  const title = vscode.l10n.t('Encoder to report on');
  const { value } = await answered(vscode.window.showQuickPick([...items, browse], { title, matchOnDetail: true }));
  if (value !== undefined) return value;
  const chosen = vscode.window.showOpenDialog({
    title: vscode.l10n.t('Folder of an encoder (it holds log.jsonl)'),
    openLabel: vscode.l10n.t('Show Report'),
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri,
  });
  return (await answered(chosen))[0]!;
}
