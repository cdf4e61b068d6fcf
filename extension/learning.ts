// Retraining on the labels of a project: asked for, paused, resumed; what came of it; going back to an older model.
import * as vscode from 'vscode';
import type { LearningStatus, ModelVersion, RetrainResult } from '../server/protocol.ts';
import { Disposable } from './disposable.ts';
import { inBackground } from './long-work.ts';
import { projectFolder } from './pretrain.ts';
import { answered } from './questions.ts';
import type { Server } from './server.ts';
import { overruling, tellTrained, withUse } from './trained.ts';

/** In some folder, and in all of them. */
const PAUSED = 'crosstag.retrainingPaused';
const ALL_PAUSED = 'crosstag.allRetrainingPaused';

/** Milliseconds that the status bar says that a new model is in use. */
const SHOWN = 10_000;

/** Trains on all labels with progress that can be cancelled, and says what came of it. @throws Dismissed */
export async function retrain(server: Server): Promise<void> {
  const folder = await projectFolder(server);
  if (folder === undefined) return;
  const result = await inBackground(vscode.l10n.t('Crosstag: training on your labels'), (progress, token) =>
    server.ask((connection) => connection.retrain(folder.uri.fsPath, progress, token)),
  );
  if (result !== undefined) void tell(result, folder.uri);
}

async function tell(result: RetrainResult, folder: vscode.Uri): Promise<void> {
  const show = vscode.l10n.t('Show Dashboard');
  const message = describe(result);
  const answer = await (result.accepted
    ? tellTrained(message, modelIn(folder, result), show)
    : vscode.window.showInformationMessage(message, show));
  if (answer === show) await vscode.commands.executeCommand('crosstag.showDashboard', folder);
}

const modelIn = (folder: vscode.Uri, { new: name = '' }: RetrainResult) =>
  vscode.Uri.joinPath(folder, '.crosstag', 'models', name);

/** Training by itself is paused, or goes on. @throws Dismissed */
export async function pauseRetraining(server: Server, paused: boolean): Promise<void> {
  const folder = await projectFolder(server);
  if (folder === undefined) return;
  await server.ask((connection) => connection.pauseTraining(folder.uri.fsPath, paused));
  const message = paused
    ? vscode.l10n.t('Crosstag does not train by itself until you resume it.')
    : vscode.l10n.t('Crosstag trains by itself again.');
  vscode.window.setStatusBarMessage(message, SHOWN);
}

/** Shows the models of the project with their scores on the same sentences, and goes back to the one that is picked. @throws Dismissed */
export async function restoreVersion(server: Server): Promise<void> {
  const folder = await projectFolder(server);
  if (folder === undefined) return;
  const versions = await inBackground(vscode.l10n.t('Crosstag: comparing models'), (progress, token) =>
    server.ask((connection) => connection.versions(folder.uri.fsPath, progress, token)),
  );
  if (versions === undefined) return;
  const title = vscode.l10n.t('Model to go back to');
  const placeHolder = vscode.l10n.t('It suggests until a later one is better on the held-out sentences.');
  const { version } = await answered(vscode.window.showQuickPick(versions.map(itemOf), { title, placeHolder }));
  await server.ask((connection) => connection.restoreVersion(version.folder));
  const model = vscode.Uri.file(version.folder);
  // What suggests now is seen in the status bar, but not why it is another one.
  if (overruling(model) !== undefined) void tellTrained(vscode.l10n.t('{0} is chosen.', version.name), model);
}

function itemOf(version: ModelVersion): vscode.QuickPickItem & { version: ModelVersion } {
  const { name, active, created, holdout, source, rejected } = version;
  const scores = [
    ...(holdout === undefined ? [] : [vscode.l10n.t('{0} on held-out sentences', holdout.toFixed(1))]),
    ...(source === undefined ? [] : [vscode.l10n.t('{0} on development data', source.toFixed(1))]),
  ];
  return {
    label: active ? `$(check) ${name}` : name,
    description: [...scores, new Date(created).toLocaleString(vscode.env.language)].join(', '),
    ...(rejected !== undefined && { detail: rejected }),
    version,
  };
}

function describe({ new: model, accepted, reason, seconds }: RetrainResult): string {
  if (model === undefined) return vscode.l10n.t('Nothing was trained: {0}.', reason);
  return accepted
    ? vscode.l10n.t('{0} is trained, in {1} s: {2}.', model, Math.round(seconds), reason)
    : vscode.l10n.t('{0} is not used: {1}.', model, reason);
}

/** Hears how retraining stands: for the `when` clauses of package.json, and to tell what came of runs that nobody asked for. */
export class Learning extends Disposable {
  private readonly paused = new Map<string, boolean>();
  private readonly told = new Map<string, string>();

  constructor(server: Server) {
    super();
    this._register(server.onLearningChanged((status) => this.update(status)));
  }

  private update({ folder, state, last }: LearningStatus): void {
    this.paused.set(folder, state === 'paused');
    const all = [...this.paused.values()];
    void vscode.commands.executeCommand('setContext', PAUSED, all.includes(true));
    void vscode.commands.executeCommand('setContext', ALL_PAUSED, !all.includes(false));
    const said = last && !('failed' in last) && last.byItself && last.new;
    if (!said || this.told.get(folder) === said) return;
    this.told.set(folder, said);
    const place = vscode.Uri.file(folder);
    if (!last.accepted) void tell(last, place);
    else vscode.window.setStatusBarMessage(`$(tag) ${withUse(describe(last), modelIn(place, last))}`, SHOWN);
  }
}
