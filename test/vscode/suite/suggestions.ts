import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { toRange } from '../../../extension/ranges.ts';
import { api, bytes, closeAll, describeLabel, file, labels, select, show, until } from './support.ts';

const isSuggestion = ({ origin }: { origin: string }) => origin === 'model';

/** Changes a setting of the workspace, or there of a language alone. */
function set(name: string, value: unknown, languageId?: string): Thenable<void> {
  const scope = languageId === undefined ? undefined : { languageId };
  const settings = vscode.workspace.getConfiguration('crosstag', scope);
  return settings.update(name, value, vscode.ConfigurationTarget.Workspace, languageId !== undefined);
}

describe('suggestions of a trained model', () => {
  afterEach(closeAll);

  it('come with probabilities for undecided tokens, and only for them', async () => {
    const editor = await show('portuguese.conll');
    const all = await labels(editor, (found) => found.some(isSuggestion));
    assert(all.filter(isSuggestion).every(({ probability }) => probability! > 0 && probability! <= 1));
    assert(all.filter(isSuggestion).every(({ range }) => range.start.line >= 7));
    assert(all.some((label) => /^PER\? .*Soares/s.test(describeLabel(editor, label))));
  });

  it('come for raw text', async () => {
    const editor = await show('news.txt');
    const all = await labels(editor, (found) => found.some(isSuggestion));
    assert(all.map((label) => describeLabel(editor, label)).includes('PER? Mário Soares'));
  });

  it('are hidden below the least probability and when they are off, and the labels of the file are not', async () => {
    const editor = await show('portuguese.conll');
    const before = await labels(editor, (found) => found.some(isSuggestion));
    const ofFile = before.filter((label) => !isSuggestion(label)).map((label) => describeLabel(editor, label));
    assert(ofFile.length > 0);
    for (const [name, value, languageId] of [
      ['suggestions.minimumProbability', 1],
      ['suggestions.enabled', false],
      ['suggestions.minimumProbability', 1, 'conll'],
      ['suggestions.enabled', false, 'conll'],
    ] as const) {
      try {
        await set(name, value, languageId);
        const left = await labels(editor, (all) => !all.some(isSuggestion));
        assert.deepEqual(
          left.map((label) => describeLabel(editor, label)),
          ofFile,
        );
      } finally {
        await set(name, undefined, languageId);
      }
      await labels(editor, (all) => all.some(isSuggestion));
    }
  });

  it('are those of the format that is set for the language of the file', async () => {
    const editor = await show('portuguese.conll');
    const isOfFile = ({ origin }: { origin: string }) => origin === 'file';
    await labels(editor, (all) => all.some(isOfFile));
    try {
      await set('format', 'txt', 'conll');
      await labels(editor, (all) => !all.some(isOfFile));
    } finally {
      await set('format', undefined, 'conll');
    }
    await labels(editor, (all) => all.some(isOfFile));
  });

  it('are found from the keyboard', async () => {
    const editor = await show('portuguese.conll');
    const first = (await labels(editor, (found) => found.some(isSuggestion))).find(isSuggestion)!;
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await vscode.commands.executeCommand('crosstag.nextSuggestion');
    assert.equal(editor.selection.start.line, first.range.start.line);
    await vscode.commands.executeCommand('crosstag.nextSuggestion');
    const second = editor.selection.start.line;
    assert(second > first.range.start.line);
    await vscode.commands.executeCommand('crosstag.previousSuggestion');
    assert(editor.selection.start.line < second);
  });

  it('become labels of the file when accepted, in one step that undo takes back', async () => {
    const before = await bytes('portuguese.conll');
    const editor = await show('portuguese.conll');
    await labels(editor, (found) => found.some(isSuggestion));
    select(editor, 'Soares');
    await vscode.commands.executeCommand('crosstag.acceptSentence');
    assert.match(editor.document.getText(), /Mário B-PER\nSoares I-PER\n/);
    const accepted = (await labels(editor, (all) => all.filter(({ origin }) => origin !== 'model').length > 3)).filter(
      ({ origin }) => origin !== 'model',
    );
    assert(accepted.some(({ range }) => range.start.line >= 7));
    await vscode.commands.executeCommand('undo');
    assert.equal(Buffer.from(editor.document.getText()).toString('latin1'), before);
  });

  it('are taken back by undo too where they were accepted from the list of fixes, in raw text', async () => {
    const editor = await show('news.txt');
    const { range } = (await labels(editor, (found) => found.some(isSuggestion))).find(isSuggestion)!;
    const fixes = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      editor.document.uri,
      toRange(range),
    );
    const { command } = fixes.find(({ title }) => title.startsWith('Accept suggestion'))!;
    await vscode.commands.executeCommand(command!.command, ...command!.arguments!);
    await labels(editor, (all) => all.some((label) => !isSuggestion(label)));
    await vscode.commands.executeCommand('crosstag.undoLabel');
    await labels(editor, (all) => all.every(isSuggestion));
    assert.equal(await bytes('news.ann'), '');
    await vscode.workspace.fs.delete(file('news.ann'));
  });

  it('leave the state of the model in the status', async () => {
    const crosstag = await api();
    await show('portuguese.conll');
    const status = await until(
      'a ready model',
      () => crosstag.modelStatus().state === 'ready' && crosstag.modelStatus(),
    );
    assert.equal(status.model, 'demo/1');
  });
});
