// Training a tagger on labelled files, chosen in the editor's own pickers.
import * as vscode from 'vscode';
import type { TrainParams } from '../server/protocol.ts';
import { inBackground } from './long-work.ts';
import { choose, chooseFiles, chooseWhetherFiles } from './questions.ts';
import { requireTrust } from './refusal.ts';
import type { Server } from './server.ts';
import { tellTrained } from './trained.ts';

/**
 * Asks what to train on, trains with progress that can be cancelled, and says how good the new model is.
 * @param labelled the files; undefined: they are asked for
 */
export async function train(server: Server, labelled?: readonly vscode.Uri[]): Promise<void> {
  requireTrust();
  const params = await ask(labelled);
  const result = await inBackground(vscode.l10n.t('Crosstag: training'), (progress, token) =>
    server.ask((connection) => connection.train(params, progress, token)),
  );
  if (result === undefined) return;
  const seconds = Math.round(result.seconds);
  const message =
    params.dev === undefined
      ? vscode.l10n.t('Trained in {0} s: {1}.', seconds, vscode.workspace.asRelativePath(result.model))
      : vscode.l10n.t('Trained in {0} s: {1} on the development file.', seconds, result.dev.toFixed(1));
  void tellTrained(message, vscode.Uri.file(result.model));
}

async function ask(labelled: readonly vscode.Uri[] | undefined): Promise<TrainParams> {
  const files =
    labelled ??
    (await chooseFiles({
      title: vscode.l10n.t('Labelled files to train on'),
      openLabel: vscode.l10n.t('Train on These'),
      kind: 'labelled',
      many: true,
    }));
  const dev = await chooseDev(vscode.l10n.t('Measure while training?'));
  const parts = await chooseParts();
  return { train: files.map(({ fsPath }) => fsPath), ...(dev !== undefined && { dev: dev.fsPath }), parts };
}

/** Asks for a development file, or to do without. @throws Dismissed */
export async function chooseDev(title: string): Promise<vscode.Uri | undefined> {
  const files = await chooseWhetherFiles(title, [
    {
      value: {
        title: vscode.l10n.t('Labelled file to choose the best model by'),
        openLabel: vscode.l10n.t('Measure on This'),
        kind: 'labelled',
      },
      label: vscode.l10n.t('Choose a development file…'),
      description: vscode.l10n.t('training stops when it gets no better there'),
    },
    {
      value: undefined,
      label: vscode.l10n.t('Without a development file'),
      description: vscode.l10n.t('nothing is measured'),
    },
  ]);
  return files?.[0];
}

function chooseParts(): Promise<TrainParams['parts']> {
  return choose<TrainParams['parts']>(vscode.l10n.t('Which tagger?'), [
    { value: 'wide', label: vscode.l10n.t('Wide'), description: vscode.l10n.t('seconds; best with few labels') },
    {
      value: 'both',
      label: vscode.l10n.t('Wide and deep'),
      description: vscode.l10n.t('minutes; best with many labels'),
    },
    { value: 'deep', label: vscode.l10n.t('Deep'), description: vscode.l10n.t('minutes; the neural part alone') },
  ]);
}
