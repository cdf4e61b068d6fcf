import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { bytes, closeAll, show, until } from './support.ts';

function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

describe('diagnostics', () => {
  afterEach(closeAll);

  it('name an illegal tag sequence by its place and code', async () => {
    const { document } = await show('broken.conll');
    const found = await until('diagnostics', () => {
      // What the model says of the labels comes and goes with it.
      const all = vscode.languages.getDiagnostics(document.uri).filter((one) => !codeOf(one).startsWith('model.'));
      return all.length > 0 && all;
    });
    assert(found.every((diagnostic) => /^(tags|format|consistency)\./.test(codeOf(diagnostic))));
    assert.deepEqual([...new Set(found.map(({ range }) => range.start.line))], [7, 10]);
  });

  it('come with a quick fix that repairs the file and can be undone', async () => {
    const before = await bytes('broken.conll');
    const { document } = await show('broken.conll');
    const [diagnostic] = await until('diagnostics', () => {
      const all = vscode.languages.getDiagnostics(document.uri).filter(({ range }) => range.start.line === 7);
      return all.length > 0 && all;
    });
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      diagnostic!.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ edit }) => edit !== undefined);
    assert(fix?.edit, `no edit among ${actions.map(({ title }) => title)}`);
    await vscode.workspace.applyEdit(fix.edit);
    await until('the repaired line', () =>
      vscode.languages.getDiagnostics(document.uri).every(({ range }) => range.start.line !== 7),
    );
    await vscode.commands.executeCommand('undo');
    assert.equal(document.isDirty, false);
    assert.equal(Buffer.from(document.getText()).toString('latin1'), before);
  });

  it('are switched off by their code', async () => {
    const settings = vscode.workspace.getConfiguration('crosstag');
    const { document } = await show('broken.conll');
    const codes = await until('diagnostics', () => {
      const all = vscode.languages.getDiagnostics(document.uri).map(codeOf);
      return all.length > 0 && all;
    });
    // What the model says comes when it has read the file.
    const off = Object.fromEntries([...codes, 'model.contradicts'].map((code) => [code, 'off']));
    try {
      await settings.update('diagnostics.severity', off, vscode.ConfigurationTarget.Workspace);
      await until('silence', () => vscode.languages.getDiagnostics(document.uri).length === 0);
    } finally {
      await settings.update('diagnostics.severity', undefined, vscode.ConfigurationTarget.Workspace);
    }
    await until('diagnostics again', () => vscode.languages.getDiagnostics(document.uri).length >= codes.length);
  });
});
