// Training a tagger on labelled files, chosen in the editor's own pickers.
import * as vscode from 'vscode';
import type { TrainParams } from '../server/protocol.ts';
import type { Server } from './server.ts';

interface PartsItem extends vscode.QuickPickItem {
  readonly parts: TrainParams['parts'];
}

/** Asks what to train on, trains with progress that can be cancelled, and says how good the new model is. */
export async function train(server: Server, labelled?: vscode.Uri): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new Error(
      vscode.l10n.t('Training needs a trusted workspace. Trust it with “Workspaces: Manage Workspace Trust”.'),
    );
  }
  const params = await ask(labelled);
  if (params === undefined) return;
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Crosstag: training'), cancellable: true },
    async (progress, token) => {
      try {
        return await server.train(params, progress, token);
      } catch (error) {
        if (token.isCancellationRequested) return undefined;
        throw error;
      }
    },
  );
  if (result === undefined) return;
  const seconds = Math.round(result.seconds);
  const message =
    params.dev === undefined
      ? vscode.l10n.t(
          'Trained in {0} s; the model is in use: {1}',
          seconds,
          vscode.workspace.asRelativePath(result.model),
        )
      : vscode.l10n.t(
          'Trained in {0} s: {1} on the development file; the model is in use.',
          seconds,
          result.dev.toFixed(1),
        );
  void vscode.window.showInformationMessage(message);
}

async function ask(labelled: vscode.Uri | undefined): Promise<TrainParams | undefined> {
  const files =
    labelled === undefined
      ? await chooseFiles(vscode.l10n.t('Labelled files to train on'), vscode.l10n.t('Train on These'), true)
      : [labelled];
  if (files === undefined) return undefined;
  const withDev = await chooseDev();
  if (withDev === undefined) return undefined;
  const dev = withDev
    ? await chooseFiles(
        vscode.l10n.t('Labelled file to choose the best model by'),
        vscode.l10n.t('Measure on This'),
        false,
      )
    : [];
  if (dev === undefined) return undefined;
  const parts = await chooseParts();
  if (parts === undefined) return undefined;
  return { train: files.map(path), ...(dev[0] === undefined ? {} : { dev: path(dev[0]) }), parts };
}

function chooseFiles(title: string, openLabel: string, many: boolean): Thenable<vscode.Uri[] | undefined> {
  const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
  const filters = {
    [vscode.l10n.t('Labelled text')]: 'conll conll2002 conll2003 iob iob1 iob2 bio conllu conllup ann jsonl'.split(' '),
    [vscode.l10n.t('All files')]: ['*'],
  };
  return vscode.window.showOpenDialog({ title, openLabel, canSelectMany: many, filters, defaultUri });
}

async function chooseDev(): Promise<boolean | undefined> {
  const yes = {
    label: vscode.l10n.t('Choose a development file…'),
    description: vscode.l10n.t('training stops when it gets no better there'),
  };
  const no = {
    label: vscode.l10n.t('Without a development file'),
    description: vscode.l10n.t('nothing is measured'),
  };
  const picked = await vscode.window.showQuickPick([yes, no], { title: vscode.l10n.t('Measure while training?') });
  return picked === undefined ? undefined : picked === yes;
}

async function chooseParts(): Promise<TrainParams['parts'] | undefined> {
  const items: PartsItem[] = [
    { parts: 'wide', label: vscode.l10n.t('Wide'), description: vscode.l10n.t('seconds; best with few labels') },
    {
      parts: 'both',
      label: vscode.l10n.t('Wide and deep'),
      description: vscode.l10n.t('minutes; best with many labels'),
    },
    { parts: 'deep', label: vscode.l10n.t('Deep'), description: vscode.l10n.t('minutes; the neural part alone') },
  ];
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which tagger?') }))?.parts;
}

function path(uri: vscode.Uri): string {
  return uri.fsPath;
}
