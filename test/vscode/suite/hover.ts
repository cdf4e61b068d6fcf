import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, labels, select, show } from './support.ts';

async function hoverText(editor: vscode.TextEditor): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    editor.document.uri,
    editor.selection.start,
  );
  const contents = hovers.flatMap(({ contents }) => contents);
  return contents.map((content) => (typeof content === 'string' ? content : content.value)).join('\n');
}

describe('hover', () => {
  after(closeAll);

  it('says where a label of the file comes from', async () => {
    const editor = await show('arabic.conll');
    await labels(editor);
    select(editor, 'مراكش');
    assert.match(await hoverText(editor), /LOC/);
  });

  it('shows the probabilities of the model', async () => {
    const editor = await show('portuguese.conll');
    await labels(editor, (all) => all.some(({ origin }) => origin === 'model'));
    select(editor, 'Soares');
    const text = await hoverText(editor);
    assert.match(text, /PER/);
    assert.match(text, /\d/);
  });
});
