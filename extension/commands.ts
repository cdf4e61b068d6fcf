// The commands of package.json, each with what it does.
import * as vscode from 'vscode';
import { acceptAll } from './accept-all.ts';
import type { Dashboards } from './dashboard.ts';
import { isOurs, isReview } from './documents.ts';
import type { Labels } from './edits.ts';
import { APPLY_FIX, applyFix, type Fix } from './fixes.ts';
import { KEYS } from './label-keys.ts';
import { pauseRetraining, restoreVersion, retrain } from './learning.ts';
import { showProgress } from './long-work.ts';
import { useModel } from './model.ts';
import { labelOccurrences } from './occurrences.ts';
import { pretrain, trainWithEncoder } from './pretrain.ts';
import { setUpProject } from './project.ts';
import { unlessDismissed } from './questions.ts';
import { Refusal } from './refusal.ts';
import { relabel, setLabel, setLabelOfKey, UNDECIDED } from './relabel.ts';
import type { Reports } from './report.ts';
import { searchAndRelabel } from './search.ts';
import { goToSentence, reopenSentence, reviewSentence } from './sentences.ts';
import type { Server } from './server.ts';
import { resize } from './spans.ts';
import { restructure } from './structure.ts';
import { accept, goToSuggestion, reject } from './suggestions.ts';
import { train } from './train.ts';

type EditorCommand = (labels: Labels, editor: vscode.TextEditor) => Promise<void>;

/** Commands that work on the tokens at the cursor or in the selection. */
const EDITOR_COMMANDS: Readonly<Record<string, EditorCommand>> = {
  'crosstag.relabel': relabel,
  'crosstag.clearLabel': (labels, editor) => setLabel(labels, editor, null),
  'crosstag.undecide': (labels, editor) => setLabel(labels, editor, UNDECIDED),
  'crosstag.acceptSuggestion': (labels, editor) => accept(labels, editor, 'touched'),
  'crosstag.acceptSentence': (labels, editor) => accept(labels, editor, 'sentence'),
  'crosstag.rejectSuggestion': reject,
  'crosstag.nextSuggestion': (labels, editor) => goToSuggestion(labels, editor, 1),
  'crosstag.previousSuggestion': (labels, editor) => goToSuggestion(labels, editor, -1),
  'crosstag.growStart': (labels, editor) => resize(labels, editor, 'start', -1),
  'crosstag.shrinkStart': (labels, editor) => resize(labels, editor, 'start', 1),
  'crosstag.growEnd': (labels, editor) => resize(labels, editor, 'end', 1),
  'crosstag.shrinkEnd': (labels, editor) => resize(labels, editor, 'end', -1),
  'crosstag.reviewSentence': reviewSentence,
  'crosstag.reopenSentence': reopenSentence,
  'crosstag.nextSentence': (labels, editor) => goToSentence(labels, editor, 1),
  'crosstag.previousSentence': (labels, editor) => goToSentence(labels, editor, -1),
  'crosstag.acceptFile': (labels, editor) => acceptAll(labels, editor, 'file'),
  'crosstag.acceptProject': (labels, editor) => acceptAll(labels, editor, 'project'),
  'crosstag.labelOccurrences': (labels, editor) => labelOccurrences(labels, editor, 'file'),
  'crosstag.labelOccurrencesInProject': (labels, editor) => labelOccurrences(labels, editor, 'project'),
  'crosstag.search': (labels, editor) => searchAndRelabel(labels, editor, 'file'),
  'crosstag.searchProject': (labels, editor) => searchAndRelabel(labels, editor, 'project'),
  'crosstag.splitToken': (labels, editor) => restructure(labels, editor, 'splitToken'),
  'crosstag.joinTokens': (labels, editor) => restructure(labels, editor, 'joinTokens'),
  'crosstag.splitSentence': (labels, editor) => restructure(labels, editor, 'splitSentence'),
  'crosstag.joinSentences': (labels, editor) => restructure(labels, editor, 'joinSentences'),
  'crosstag.undoLabel': ({ standoff, review }, editor) => (isReview(editor.document) ? review : standoff).undo(editor),
  'crosstag.redoLabel': ({ standoff, review }, editor) => (isReview(editor.document) ? review : standoff).redo(editor),
  ...Object.fromEntries(
    Array.from({ length: KEYS }, (_, i): [string, EditorCommand] => [
      `crosstag.label${i + 1}`,
      (labels, editor) => setLabelOfKey(labels, editor, i + 1),
    ]),
  ),
};

export function registerCommands(labels: Labels, reports: Reports, dashboards: Dashboards): vscode.Disposable {
  const { server, view } = labels;
  const inEditor = Object.entries(EDITOR_COMMANDS).map(([id, command]) =>
    vscode.commands.registerCommand(id, () =>
      shown(server, async () => {
        const editor = vscode.window.activeTextEditor;
        if (editor === undefined || !isOurs(editor.document)) {
          throw new Error(vscode.l10n.t('Open a CoNLL, CoNLL-U or text file first.'));
        }
        await command(labels, editor);
      }),
    ),
  );
  return vscode.Disposable.from(
    ...inEditor,
    vscode.commands.registerCommand(APPLY_FIX, (fix: Fix) => shown(server, () => applyFix(labels, fix))),
    // From the Explorer: the file that was clicked, and all that are selected with it.
    vscode.commands.registerCommand('crosstag.train', (file?: vscode.Uri, files = file && [file]) =>
      shown(server, () => train(server, files)),
    ),
    vscode.commands.registerCommand('crosstag.setUpProject', () => shown(server, () => setUpProject(server))),
    vscode.commands.registerCommand('crosstag.pretrain', (fate?: unknown) =>
      shown(server, () => pretrain(server, fate === 'goOn' || fate === 'finish' ? fate : undefined)),
    ),
    vscode.commands.registerCommand('crosstag.trainWithEncoder', () => shown(server, () => trainWithEncoder(server))),
    vscode.commands.registerCommand('crosstag.showEncoderReport', (at?: vscode.Uri) =>
      shown(server, () => reports.show(at)),
    ),
    vscode.commands.registerCommand('crosstag.showDashboard', (at?: vscode.Uri) =>
      shown(server, () => dashboards.show(at)),
    ),
    vscode.commands.registerCommand('crosstag.retrain', () => shown(server, () => retrain(server))),
    vscode.commands.registerCommand('crosstag.pauseRetraining', () =>
      shown(server, () => pauseRetraining(server, true)),
    ),
    vscode.commands.registerCommand('crosstag.resumeRetraining', () =>
      shown(server, () => pauseRetraining(server, false)),
    ),
    vscode.commands.registerCommand('crosstag.restoreVersion', () => shown(server, () => restoreVersion(server))),
    vscode.commands.registerCommand('crosstag.useModel', () => shown(server, () => useModel(server))),
    vscode.commands.registerCommand('crosstag.restartServer', () => shown(server, () => server.restart())),
    vscode.commands.registerCommand('crosstag.review', () => shown(server, () => view.open())),
    vscode.commands.registerCommand('crosstag.reviewMore', () => shown(server, () => view.more())),
    vscode.commands.registerCommand('crosstag.reviewRefresh', () => shown(server, () => view.refresh())),
    vscode.commands.registerCommand('crosstag.showKeys', () =>
      vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', 'crosstag'),
    ),
    vscode.commands.registerCommand('crosstag.showProgress', () =>
      shown(server, async () => {
        if (showProgress()) return;
        // What trains by itself is on the dashboard.
        if (server.status.state === 'training') await dashboards.show(undefined);
        else void vscode.window.showInformationMessage(vscode.l10n.t('Nothing is being trained.'));
      }),
    ),
    vscode.commands.registerCommand('crosstag.showLog', () => shown(server, () => server.showLog())),
  );
}

/** Runs a command; what goes wrong is one message for the user, and a question that is dismissed ends it without one. */
async function shown(server: Server, command: () => Promise<unknown>): Promise<void> {
  try {
    await unlessDismissed(command);
  } catch (error) {
    // Nobody waits for the answer: the command has ended.
    void report(server, error);
  }
}

async function report(server: Server, error: unknown): Promise<void> {
  const message = `Crosstag: ${error instanceof Error ? error.message : String(error)}`;
  const remedy = error instanceof Refusal ? error.remedy : undefined;
  const button = remedy?.title ?? vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(message, button)) !== button) return;
  if (remedy === undefined) await server.showLog();
  else await vscode.commands.executeCommand(remedy.command, ...(remedy.arguments ?? []));
}
