import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { bytes, closeAll, file, labels, select, show, until } from './support.ts';

const write = (name: string, text: string) => vscode.workspace.fs.writeFile(file(name), new TextEncoder().encode(text));

/** Accepts the quick pick that a command shows, as soon as it has changed the text. */
async function acceptPicks(command: string, changed: () => boolean | Promise<boolean>): Promise<void> {
  const done = vscode.commands.executeCommand(command);
  await until(`the edit of ${command}`, async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return changed();
  });
  await done;
}

describe('other occurrences of a label', () => {
  const text = 'Lagos B-LOC\n\nem O\nLagos O\n\nLagos _\n\nLagos B-ORG\n\n';
  const project = { task: 'ner', languages: [{ language: 'pt', documents: ['bulk-tab.conll', 'bulk-closed.conll'] }] };
  // Each test has files of its own: what the journal says of a file outlives the file.
  const files = { 'bulk-here.conll': text, 'bulk-tab.conll': text, 'bulk-closed.conll': 'de O\nLagos _\n\n' };

  beforeEach(async () => {
    for (const [name, content] of Object.entries(files)) await write(name, content);
    await write('crosstag.json', JSON.stringify(project));
  });
  afterEach(async () => {
    await closeAll();
    for (const name of [...Object.keys(files), 'crosstag.json']) await vscode.workspace.fs.delete(file(name));
  });

  it('are ticked in a list, those labelled otherwise are not; one undo step takes all back', async () => {
    const { document } = await show('bulk-here.conll');
    await labels(vscode.window.activeTextEditor!);
    select(vscode.window.activeTextEditor!, 'Lagos');
    await acceptPicks('crosstag.labelOccurrences', () => document.getText() !== text);
    assert.equal(document.getText(), text.replace('Lagos O', 'Lagos B-LOC').replace('Lagos _', 'Lagos B-LOC'));
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), text);
  });

  it('are found in closed files of the project, which are saved', async () => {
    const { document } = await show('bulk-tab.conll');
    await labels(vscode.window.activeTextEditor!);
    select(vscode.window.activeTextEditor!, 'Lagos');
    await acceptPicks(
      'crosstag.labelOccurrencesInProject',
      async () => (await bytes('bulk-closed.conll')) === 'de O\nLagos B-LOC\n\n',
    );
    assert.equal(document.getText(), text.replace('Lagos O', 'Lagos B-LOC').replace('Lagos _', 'Lagos B-LOC'));
  });
});

describe('splitting and joining', () => {
  afterEach(closeAll);

  it('takes labels along, numbers anew, and is undone in one step', async () => {
    const editor = await show('amharic.conllu');
    const { document } = editor;
    const original = document.getText();
    await labels(editor);
    select(editor, 'በሶ\tበሶ');
    const inWord = editor.selection.start.translate(0, 1);
    editor.selection = new vscode.Selection(inWord, inWord);
    await vscode.commands.executeCommand('crosstag.splitToken');
    const ids = (whole: string) => [...whole.matchAll(/^(\d+)\t/gm)].map(([, id]) => Number(id));
    assert.equal(ids(document.getText()).length, ids(original).length + 1);
    assert.match(document.getText(), /^2\tበ\t.*\n3\tሶ\t/m);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), original);
  });

  it('joins what is selected, over right-to-left text', async () => {
    const editor = await show('arabic.conll');
    const { document } = editor;
    const original = document.getText();
    await labels(editor);
    select(editor, 'محمد B-PER\nالسادس');
    await vscode.commands.executeCommand('crosstag.joinTokens');
    assert.equal(document.getText(), original.replace('محمد B-PER\nالسادس I-PER', 'محمدالسادس B-PER'));
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), original);
  });
});
