// The commands of package.json, each with what it does.
import * as vscode from 'vscode';
import { isOurs } from './documents.ts';
import { useModel } from './model.ts';
import { pretrain, trainWithEncoder } from './pretrain.ts';
import { setUpProject } from './project.ts';
import { unlessDismissed } from './questions.ts';
import { relabel, setLabel, UNDECIDED } from './relabel.ts';
import type { Reports } from './report.ts';
import type { Server } from './server.ts';
import type { Standoff } from './standoff.ts';
import { accept, goToSuggestion } from './suggestions.ts';
import { train } from './train.ts';

type EditorCommand = (server: Server, standoff: Standoff, editor: vscode.TextEditor) => Promise<void>;

/** Commands that work on the tokens at the cursor or in the selection. */
const EDITOR_COMMANDS: Readonly<Record<string, EditorCommand>> = {
  'crosstag.relabel': relabel,
  'crosstag.clearLabel': (server, standoff, editor) => setLabel(server, standoff, editor, null),
  'crosstag.undecide': (server, standoff, editor) => setLabel(server, standoff, editor, UNDECIDED),
  'crosstag.acceptSuggestion': (server, standoff, editor) => accept(server, standoff, editor, 'touched'),
  'crosstag.acceptSentence': (server, standoff, editor) => accept(server, standoff, editor, 'sentence'),
  'crosstag.nextSuggestion': (server, _standoff, editor) => goToSuggestion(server, editor, 1),
  'crosstag.previousSuggestion': (server, _standoff, editor) => goToSuggestion(server, editor, -1),
  'crosstag.undoLabel': (_server, standoff, editor) => standoff.undo(editor),
  'crosstag.redoLabel': (_server, standoff, editor) => standoff.redo(editor),
};

export function registerCommands(server: Server, standoff: Standoff, reports: Reports): vscode.Disposable {
  const inEditor = Object.entries(EDITOR_COMMANDS).map(([id, command]) =>
    vscode.commands.registerCommand(id, () =>
      shown(server, async () => {
        const editor = vscode.window.activeTextEditor;
        if (editor === undefined || !isOurs(editor.document)) {
          throw new Error(vscode.l10n.t('Open a CoNLL, CoNLL-U or text file first.'));
        }
        await command(server, standoff, editor);
      }),
    ),
  );
  return vscode.Disposable.from(
    ...inEditor,
    vscode.commands.registerCommand('crosstag.train', (file?: vscode.Uri) => shown(server, () => train(server, file))),
    vscode.commands.registerCommand('crosstag.setUpProject', () => shown(server, () => setUpProject(server))),
    vscode.commands.registerCommand('crosstag.pretrain', () => shown(server, () => pretrain(server))),
    vscode.commands.registerCommand('crosstag.trainWithEncoder', () => shown(server, () => trainWithEncoder(server))),
    vscode.commands.registerCommand('crosstag.showEncoderReport', (folder?: vscode.Uri) =>
      shown(server, () => reports.show(folder)),
    ),
    vscode.commands.registerCommand('crosstag.useModel', () => shown(server, () => useModel(server))),
    vscode.commands.registerCommand('crosstag.restartServer', () => shown(server, () => server.restart())),
    vscode.commands.registerCommand('crosstag.showLog', () => shown(server, () => server.showLog())),
  );
}

/** Runs a command; what goes wrong is one message for the user, and a question that is dismissed ends it without one. */
async function shown(server: Server, command: () => Promise<unknown>): Promise<void> {
  try {
    await unlessDismissed(command);
  } catch (error) {
    // Nobody waits for the answer: the command has ended.
    void report(server, `Crosstag: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function report(server: Server, message: string): Promise<void> {
  const log = vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(message, log)) === log) await server.showLog();
}
