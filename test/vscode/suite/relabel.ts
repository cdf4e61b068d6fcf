import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, bytes, closeAll, describeLabel, file, labels, select, show, until } from './support.ts';

/** Lines of `after` that are not those of `before`. */
function changedLines(before: string, after: string): string[] {
  const lines = before.split('\n');
  return after.split('\n').filter((line, index) => line !== lines[index]);
}

describe('relabelling', () => {
  afterEach(closeAll);

  it('asks in a quick pick, most probable label first; undo restores every byte', async () => {
    const before = await bytes('portuguese.conll');
    const editor = await show('portuguese.conll');
    const { document } = editor;
    const original = document.getText();
    await labels(editor, (all) => all.some(({ origin }) => origin === 'model'));
    select(editor, 'Petrobras');
    const done = vscode.commands.executeCommand('crosstag.relabel');
    // The list comes when the server has answered: its first item is accepted as soon as it is there.
    await until('the label', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return document.getText() !== original;
    });
    await done;
    assert.deepEqual(
      changedLines(original, document.getText()).map((line) => line.replace(/-\w+$/, '-?')),
      ['Petrobras B-?'],
    );
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), original);
    await document.save();
    assert.equal(await bytes('portuguese.conll'), before);
  });

  it('is done at each cursor, in one step that undo takes back', async () => {
    const editor = await show('portuguese.conll');
    const { document } = editor;
    const original = document.getText();
    await labels(editor);
    const places = ['presidente', 'Petrobras'].map((word) => {
      const at = document.positionAt(original.indexOf(word));
      return new vscode.Selection(at, at);
    });
    editor.selections = places;
    await vscode.commands.executeCommand('crosstag.label1');
    assert.equal(changedLines(original, document.getText()).length, 2);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), original);
    await document.save();
  });

  it('shows a label before its edit is in the text, and not when it is undone', async () => {
    const editor = await show('portuguese.conll');
    const { document } = editor;
    await labels(editor);
    const crosstag = await api();
    const isLabelled = () =>
      crosstag.labels(editor).some((label) => /^\w+ presidente/.test(describeLabel(editor, label)));
    let wasShown: boolean | undefined;
    const listening = vscode.workspace.onDidChangeTextDocument((change) => {
      if (change.document === document && change.contentChanges.length > 0) wasShown ??= isLabelled();
    });
    select(editor, 'presidente');
    await vscode.commands.executeCommand('crosstag.label1');
    listening.dispose();
    assert.equal(wasShown, true);
    assert(document.isDirty);
    await vscode.commands.executeCommand('undo');
    await until('the label to go', () => !isLabelled());
    await document.save();
  });

  it('takes a label off the screen again whose line cannot be written', async () => {
    const editor = await show('portuguese.conll');
    const { document } = editor;
    const original = document.getText();
    await labels(editor);
    const crosstag = await api();
    const isLabelled = () =>
      crosstag.labels(editor).some((label) => /^\w+ presidente/.test(describeLabel(editor, label)));
    const settings = vscode.workspace.getConfiguration('crosstag');
    const inTheWay = file('.crosstag/journal/Ngũgĩ.jsonl');
    await vscode.workspace.fs.createDirectory(inTheWay);
    await settings.update('annotator', 'Ngũgĩ', vscode.ConfigurationTarget.Global);
    try {
      // The server may not know yet whose journal it is to write.
      await until('a label that is refused', async () => {
        select(editor, 'presidente');
        let isDone = false;
        const done = vscode.commands.executeCommand('crosstag.label1').then(() => {
          isDone = true;
        });
        // It may be gone again after a few milliseconds.
        let wasShown = false;
        while (!isDone) {
          wasShown ||= isLabelled();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await done;
        assert(wasShown);
        if (document.getText() === original) return true;
        await vscode.commands.executeCommand('undo');
        return false;
      });
      await until('the label to go', () => !isLabelled());
    } finally {
      await settings.update('annotator', undefined, vscode.ConfigurationTarget.Global);
      await vscode.workspace.fs.delete(inTheWay, { recursive: true });
    }
  });

  it('clears an entity of two tokens in right-to-left text in one step', async () => {
    const editor = await show('arabic.conll');
    const original = editor.document.getText();
    await labels(editor);
    select(editor, 'محمد B-PER\nالسادس');
    await vscode.commands.executeCommand('crosstag.clearLabel');
    assert.deepEqual(changedLines(original, editor.document.getText()), ['محمد O', 'السادس O']);
    await vscode.commands.executeCommand('undo');
    assert.equal(editor.document.getText(), original);
  });

  it('writes an undecided part of speech as _', async () => {
    const editor = await show('amharic.conllu');
    const original = editor.document.getText();
    await labels(editor);
    select(editor, 'በሶ\tበሶ');
    editor.selection = new vscode.Selection(editor.selection.start, editor.selection.start);
    await vscode.commands.executeCommand('crosstag.undecide');
    assert.deepEqual(changedLines(original, editor.document.getText()), ['2\tበሶ\tበሶ\t_\t_\t_\t3\tobj\t_\t_']);
  });

  it('writes labels of raw text into the file beside it', async () => {
    const before = await bytes('chinese.ann');
    const editor = await show('chinese.txt');
    await labels(editor, (all) => all.length >= 4);
    select(editor, '無錫');
    await vscode.commands.executeCommand('crosstag.clearLabel');
    await until(
      'three labels',
      async () =>
        Buffer.from(await bytes('chinese.ann'), 'latin1')
          .toString()
          .split('\n').length === 4,
    );
    assert.equal(editor.document.isDirty, false);
    await labels(editor, (all) => all.filter(({ origin }) => origin !== 'model').length === 3);
    await vscode.commands.executeCommand('crosstag.undoLabel');
    assert.equal(await bytes('chinese.ann'), before);
    await labels(editor, (all) => all.filter(({ origin }) => origin !== 'model').length === 4);
  });

  it('keeps labels, text and the file beside it together while keys come fast', async () => {
    const before = await bytes('chinese.ann');
    const editor = await show('chinese.txt');
    const { document } = editor;
    const inFile = async (names: string[]) =>
      labels(editor, (all) => {
        const found = all.filter(({ origin }) => origin !== 'model').map((label) => describeLabel(editor, label));
        return found.sort().join() === names.sort().join();
      });
    const all = ['PER 錢鍾書', 'LOC 無錫', 'ORG 清華大學', 'PER 楊絳'];
    await inFile(all);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '😀'));
    await inFile(all);
    select(editor, '無錫');
    const first = vscode.commands.executeCommand('crosstag.clearLabel');
    select(editor, '清華大學');
    await Promise.all([first, vscode.commands.executeCommand('crosstag.clearLabel')]);
    await inFile(['PER 錢鍾書', 'PER 楊絳']);
    const undo = () => vscode.commands.executeCommand('crosstag.undoLabel');
    await Promise.all([undo(), undo()]);
    await inFile(all);
    await document.save();
    await until('the moved annotations', async () => (await bytes('chinese.ann')).startsWith('T1\tPER 1 4\t'));
    await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, 0, 2)));
    await inFile(all);
    await document.save();
    await until('the annotations as they were', async () => (await bytes('chinese.ann')) === before);
  });
});
