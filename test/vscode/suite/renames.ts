import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, describeLabel, file, labels, select, show } from './support.ts';

describe('a file that gets another name', () => {
  afterEach(closeAll);

  it('keeps what a person decided in it', async () => {
    const [from, to] = ['before.conll', 'ጉዞ.conll'];
    await vscode.workspace.fs.writeFile(file(from), Buffer.from('ሐና _\nመጣች _\n\n'));
    const before = await show(from);
    select(before, 'ሐና');
    await vscode.commands.executeCommand('crosstag.label1');
    await labels(before, (all) => all.some(({ origin }) => origin === 'human'));
    await before.document.save();
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(file(from), file(to));
    assert(await vscode.workspace.applyEdit(edit));
    const after = await show(to);
    const shown = await labels(after, (all) => all.some(({ origin }) => origin === 'human'));
    assert.match(describeLabel(after, shown[0]!), /^\w+ ሐና$/);
    await vscode.workspace.fs.delete(file(to));
  });
});
