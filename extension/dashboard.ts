// The dashboard of a workspace folder: what labelling has brought, kept up to date while people label and models learn.
import * as vscode from 'vscode';
import { Disposable } from './disposable.ts';
import { isOurs } from './documents.ts';
import { debounced, Pages } from './pages.ts';
import { hasProject, isProjectFile } from './project.ts';
import { answered } from './questions.ts';
import type { Server } from './server.ts';

/** Milliseconds without a change before the dashboard is asked for again: whoever labels is not to wait for it. */
const PAUSE = 1500;

export class Dashboards extends Disposable {
  private readonly pages: Pages;

  constructor(context: vscode.ExtensionContext, server: Server) {
    super();
    this.pages = this._register(
      new Pages(context, {
        viewType: 'crosstag.dashboard',
        title: vscode.l10n.t('Crosstag Dashboard'),
        titleOf: (name) => vscode.l10n.t('Dashboard: {0}', name),
        content: (folder) => server.ask((connection) => connection.dashboard(folder.fsPath)),
        follow: (folder, changed) => follow(server, folder, changed),
      }),
    );
  }

  /**
   * Shows the dashboard of a workspace folder, which is asked for where several could be meant.
   * @param at the folder, or its crosstag.json
   * @throws Dismissed
   */
  async show(at?: vscode.Uri): Promise<void> {
    const folder = at !== undefined && isProjectFile(at) ? vscode.Uri.joinPath(at, '..') : at;
    await this.pages.show(folder ?? (await chooseFolder()));
  }
}

/** Calls back a moment after labels were edited, a line was written into the journal, or retraining stands elsewhere. */
function follow(server: Server, folder: vscode.Uri, changed: () => void): vscode.Disposable {
  const later = debounced(PAUSE, changed);
  const watched = ['.crosstag/{journal,learning}/*.jsonl', '.crosstag/models/**/*.json', 'crosstag.json'];
  const watchers = watched.map((pattern) => {
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, pattern));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) event(() => later.call());
    return watcher;
  });
  const edited = vscode.workspace.onDidChangeTextDocument(({ document }) => {
    if (isOurs(document) || document.uri.path.endsWith('.ann')) later.call();
  });
  const learning = server.onLearningChanged((status) => {
    if (status.folder === folder.fsPath) later.call();
  });
  return vscode.Disposable.from(...watchers, edited, learning, later);
}

/** That of the file at hand, else the only one, else the one that a person names. */
async function chooseFolder(): Promise<vscode.Uri> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const document = vscode.window.activeTextEditor?.document;
  const own = document && vscode.workspace.getWorkspaceFolder(document.uri);
  if (own !== undefined && (await hasProject(own))) return own.uri;
  const projects: vscode.WorkspaceFolder[] = [];
  for (const folder of folders) if (await hasProject(folder)) projects.push(folder);
  const candidates = projects.length > 0 ? projects : folders;
  const [first, ...others] = candidates;
  if (first === undefined) throw new Error(vscode.l10n.t('Open a folder first: the dashboard is about its files.'));
  if (others.length === 0) return first.uri;
  const items = candidates.map(({ name, uri }) => ({ label: name, uri }));
  const title = vscode.l10n.t('Which project?');
  return (await answered(vscode.window.showQuickPick(items, { title }))).uri;
}
