// Choosing the model in use.
import * as vscode from 'vscode';
import { requireTrust } from './refusal.ts';
import { trained } from './registry.ts';
import type { Server } from './server.ts';

interface ModelItem extends vscode.QuickPickItem {
  /** Undefined: ask for a folder. */
  readonly folder: vscode.Uri | undefined;
}

/** Offers the models of the workspace, newest first, or any folder, and uses the one that is picked. */
export async function useModel(server: Server): Promise<void> {
  requireTrust();
  const browse: ModelItem = { label: vscode.l10n.t('$(folder-opened) Choose a folder…'), folder: undefined };
  const picked = await vscode.window.showQuickPick([...(await modelsOfWorkspace()), browse], {
    title: vscode.l10n.t('Model that suggests labels'),
    matchOnDetail: true,
  });
  if (picked === undefined) return;
  const folder = picked.folder ?? (await chooseFolder());
  if (folder === undefined) return;
  const status = await server.useModel(folder.fsPath);
  if (status.state === 'failed') throw new Error(status.message);
}

async function modelsOfWorkspace(): Promise<ModelItem[]> {
  const models = await trained('**/.crosstag/models/*/*/model.json');
  return models.map(({ folder, name, modified }) => ({
    label: name,
    description: new Date(modified).toLocaleString(),
    detail: vscode.workspace.asRelativePath(folder),
    folder,
  }));
}

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Folder of a model (it holds model.json)'),
      openLabel: vscode.l10n.t('Use This Model'),
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri,
    })) ?? [];
  return folder;
}
