// The commands of package.json, each with what it does.
import * as vscode from 'vscode';
import { isOurs } from './documents.ts';
import { useModel } from './model.ts';
import { relabel, setLabel, undecide } from './relabel.ts';
import type { Server } from './server.ts';
import { accept, goToSuggestion } from './suggestions.ts';
import { train } from './train.ts';

type EditorCommand = (server: Server, editor: vscode.TextEditor) => Promise<void>;

/** Commands that work on the tokens at the cursor or in the selection. */
const EDITOR_COMMANDS: Readonly<Record<string, EditorCommand>> = {
  'crosstag.relabel': relabel,
  'crosstag.clearLabel': (server, editor) => setLabel(server, editor, null),
  'crosstag.undecide': undecide,
  'crosstag.acceptSuggestion': (server, editor) => accept(server, editor, 'touched'),
  'crosstag.acceptSentence': (server, editor) => accept(server, editor, 'sentence'),
  'crosstag.nextSuggestion': (server, editor) => goToSuggestion(server, editor, 1),
  'crosstag.previousSuggestion': (server, editor) => goToSuggestion(server, editor, -1),
};

export function registerCommands(server: Server): vscode.Disposable {
  const inEditor = Object.entries(EDITOR_COMMANDS).map(([id, command]) =>
    vscode.commands.registerCommand(id, () =>
      shown(async () => {
        const editor = vscode.window.activeTextEditor;
        if (editor === undefined || !isOurs(editor.document)) {
          throw new Error(vscode.l10n.t('Open a CoNLL, CoNLL-U or text file first.'));
        }
        await command(server, editor);
      }),
    ),
  );
  return vscode.Disposable.from(
    ...inEditor,
    vscode.commands.registerCommand('crosstag.train', (file?: vscode.Uri) => shown(() => train(server, file))),
    vscode.commands.registerCommand('crosstag.useModel', () => shown(() => useModel(server))),
    vscode.commands.registerCommand('crosstag.restartServer', () => shown(() => server.restart())),
    vscode.commands.registerCommand('crosstag.showLog', () => shown(() => server.showLog())),
  );
}

/** Runs a command; what goes wrong is one message for the user. */
async function shown(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    void vscode.window.showErrorMessage(`Crosstag: ${error instanceof Error ? error.message : String(error)}`);
  }
}
