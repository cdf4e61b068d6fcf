// The client in VS Code: it shows things and never blocks. Activation only registers; the server starts by itself.
import * as vscode from 'vscode';
import type { ModelStatus, ShownLabel } from '../server/protocol.ts';
import { CanLabel } from './can-label.ts';
import { registerCommands } from './commands.ts';
import { needsRestart } from './config.ts';
import { Dashboards } from './dashboard.ts';
import { Decorations } from './decorations.ts';
import { LabelKeys } from './label-keys.ts';
import { Learning } from './learning.ts';
import { Names } from './names.ts';
import { Reports } from './report.ts';
import { Review } from './review.ts';
import { ReviewDocument } from './review-document.ts';
import { ReviewEdits } from './review-edits.ts';
import { ReviewLook } from './review-look.ts';
import { Server } from './server.ts';
import { Standoff } from './standoff.ts';
import { Status } from './status.ts';

/** What other extensions (and our tests) can ask. */
export interface CrosstagApi {
  /** Labels and suggestions shown in an editor now. */
  labels(editor: vscode.TextEditor): readonly ShownLabel[];
  modelStatus(): ModelStatus;
}

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): CrosstagApi {
  const standoff = new Standoff();
  const started = new Server(context, standoff);
  server = started;
  const reviewDocument = new ReviewDocument(started);
  const decorations = new Decorations(started, reviewDocument);
  const keys = new LabelKeys(started);
  const review = new ReviewEdits(started, standoff);
  const view = new Review(started, reviewDocument);
  const reports = new Reports(context, started);
  const dashboards = new Dashboards(context, started);
  context.subscriptions.push(
    decorations,
    new Names(decorations),
    standoff,
    keys,
    review,
    reviewDocument,
    view,
    new ReviewLook(context, decorations, reviewDocument),
    new CanLabel(),
    new Status(started),
    reports,
    dashboards,
    new Learning(started),
    registerCommands({ server: started, standoff, keys, review, view, decorations }, reports, dashboards),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (needsRestart(change)) void offerRestart(started);
    }),
    started,
  );
  // Not within the activation: other extensions wait for it.
  setImmediate(() => started.wakeForOpenDocuments());
  return { labels: (editor) => decorations.labels(editor), modelStatus: () => started.status };
}

export async function deactivate(): Promise<void> {
  await server?.close();
}

async function offerRestart(running: Server): Promise<void> {
  const restart = vscode.l10n.t('Restart');
  const message = vscode.l10n.t('This setting takes effect when the Crosstag language server starts again.');
  if ((await vscode.window.showInformationMessage(message, restart)) === restart) await running.restart();
}
