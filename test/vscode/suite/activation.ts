import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, extension, labels, show } from './support.ts';

describe('activation', () => {
  after(closeAll);

  it('runs from the VSIX, not from the source folder', () => {
    assert.match(extension().extensionPath, /extensions.crosstag\.crosstag-/);
    assert.equal(extension().packageJSON.devDependencies, undefined);
  });

  it('starts with the first labelled file', async () => {
    const editor = await show('hindi.conll');
    assert.equal(editor.document.languageId, 'conll');
    await labels(editor);
    assert.equal(extension().isActive, true);
  });

  it('registers every command of its manifest', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const { commands } = extension().packageJSON.contributes as { commands: { command: string }[] };
    assert.deepEqual(
      commands.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });
});
