import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { bytes, closeAll, describeLabel, file, labels, select, until } from './support.ts';

const PROJECT = 'crosstag.json';
/** VS Code escapes more characters of its name than Node does. */
const ODD = "news (1), 'é'.conll";
/** Files with the same name in them. */
const SAME = [ODD, 'news 2.conll'];
const DOCUMENTS = ['chinese.txt', 'arabic.txt', 'portuguese.conll', ...SAME];

describe('the review view', () => {
  before(async () => {
    const project = { task: 'ner', languages: [{ language: 'und', documents: DOCUMENTS }], learning: { holdout: 0 } };
    for (const [i, name] of SAME.entries()) {
      await vscode.workspace.fs.writeFile(file(name), new TextEncoder().encode(`${i} _\nGalp _\nvale _\n\n`));
    }
    await vscode.workspace.fs.writeFile(file(PROJECT), new TextEncoder().encode(JSON.stringify(project)));
  });
  after(async () => {
    await closeAll();
    for (const name of [PROJECT, ...SAME]) await vscode.workspace.fs.delete(file(name));
  });

  /** The view with labels of this many entities that stand in files. */
  async function review(count: number) {
    await vscode.commands.executeCommand('crosstag.review');
    const editor = vscode.window.activeTextEditor!;
    assert.equal(editor.document.uri.scheme, 'crosstag-review');
    const all = await labels(editor, (found) => found.filter(({ origin }) => origin !== 'model').length >= count);
    return { editor, all: all.filter(({ origin }) => origin !== 'model').map((label) => describeLabel(editor, label)) };
  }

  it('shows the labels of files where their words stand in its lines', async () => {
    const { editor, all } = await review(11);
    assert.equal(editor.document.languageId, 'crosstag-review');
    for (const label of [
      'PER 錢鍾書',
      'LOC 無錫',
      'ORG 清華大學',
      'PER 楊絳',
      'PER محمد السادس',
      'ORG وزارة الثقافة',
    ]) {
      assert(all.includes(label), `${label} is not among ${all.join(', ')}`);
    }
  });

  it('edits and saves the file behind, leads to it, and takes back what was done', async () => {
    const before = await bytes('chinese.ann');
    const { editor } = await review(11);
    select(editor, '無錫');
    const found = await vscode.commands.executeCommand<vscode.Location[]>(
      'vscode.executeDefinitionProvider',
      editor.document.uri,
      editor.selection.active,
    );
    assert(found[0]!.uri.path.endsWith('chinese.txt'));
    await vscode.commands.executeCommand('crosstag.clearLabel');
    await until('one label less', async () => {
      return Buffer.from(await bytes('chinese.ann'), 'latin1')
        .toString()
        .includes('無錫')
        ? undefined
        : true;
    });
    await labels(editor, (all) => !all.some((label) => describeLabel(editor, label) === 'LOC 無錫'));
    await vscode.commands.executeCommand('crosstag.undoLabel');
    await until('the bytes of before', async () => (await bytes('chinese.ann')) === before);
    await labels(editor, (all) => all.some((label) => describeLabel(editor, label) === 'LOC 無錫'));
    await vscode.commands.executeCommand('crosstag.redoLabel');
    await until('the label to go again', async () => (await bytes('chinese.ann')) !== before);
    await vscode.commands.executeCommand('crosstag.undoLabel');
    await until('the bytes of before', async () => (await bytes('chinese.ann')) === before);
  });

  it('names labels beside their words, also when the view has been filled again', async () => {
    const { editor } = await review(11);
    const names = async () => {
      const all = new vscode.Range(0, 0, editor.document.lineCount, 0);
      const { uri } = editor.document;
      return vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', uri, all);
    };
    await until('names', async () => (await names()).length > 0);
    await vscode.commands.executeCommand('crosstag.reviewMore');
    await labels(editor);
    await until('names again', async () => (await names()).length > 0);
  });

  it('takes back what was done in several files as one step, and what text before it has moved', async () => {
    const { editor } = await review(11);
    const originals = await Promise.all(SAME.map(bytes));
    const changed = async () => {
      const now = await Promise.all(SAME.map(bytes));
      return SAME.filter((_, i) => now[i] !== originals[i]);
    };
    select(editor, 'Galp');
    await vscode.commands.executeCommand('crosstag.label1');
    const [first] = await until('a label', async () => ((await changed()).length === 1 ? await changed() : undefined));
    const done = vscode.commands.executeCommand('crosstag.labelOccurrencesInProject');
    await until('labels in the other file', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return (await changed()).length === 2;
    });
    await done;
    await vscode.commands.executeCommand('crosstag.undoLabel');
    await until('the second step back', async () => (await changed()).join() === first);
    const text = await vscode.workspace.openTextDocument(file(first!));
    const above = new vscode.WorkspaceEdit();
    above.insert(text.uri, new vscode.Position(0, 0), '\n');
    await vscode.workspace.applyEdit(above);
    await vscode.commands.executeCommand('crosstag.undoLabel');
    assert.equal(text.getText(), `\n${originals[SAME.indexOf(first!)]}`);
    await text.save();
  });

  it('keeps a line whose tokens are joined, and takes that back', async () => {
    const { editor } = await review(11);
    const name = SAME[1]!;
    const before = await bytes(name);
    const { lineCount } = editor.document;
    select(editor, '1 Galp');
    await vscode.commands.executeCommand('crosstag.joinTokens');
    await until('the joined token in its line', () => /^1Galp vale$/m.test(editor.document.getText()));
    assert.equal(editor.document.lineCount, lineCount);
    await vscode.commands.executeCommand('crosstag.undoLabel');
    await until('the bytes of before', async () => (await bytes(name)) === before);
    await until('the words of before', () => /^1 Galp vale$/m.test(editor.document.getText()));
    assert.equal(editor.document.lineCount, lineCount);
  });

  it('does not put a label of raw text back a second time', async () => {
    const before = Buffer.from(await bytes('chinese.ann'), 'latin1').toString();
    const { editor } = await review(11);
    select(editor, '無錫');
    await vscode.commands.executeCommand('crosstag.clearLabel');
    const annotations = await vscode.workspace.openTextDocument(file('chinese.ann'));
    await until('the label to go', () => !annotations.getText().includes('無錫'));
    // Somebody sets it again in the file, where it stands elsewhere.
    const line = before.split('\n').find((one) => one.includes('無錫'));
    const again = new vscode.WorkspaceEdit();
    again.insert(annotations.uri, annotations.positionAt(annotations.getText().length), `${line}\n`);
    await vscode.workspace.applyEdit(again);
    await vscode.commands.executeCommand('crosstag.undoLabel');
    assert.equal(annotations.getText().split('無錫').length, 2);
    const whole = new vscode.Range(0, 0, annotations.lineCount, 0);
    const back = new vscode.WorkspaceEdit();
    back.replace(annotations.uri, whole, before);
    await vscode.workspace.applyEdit(back);
    await annotations.save();
  });

  it('takes back a label of raw text that typing has moved, and leaves the others at their words', async () => {
    const { editor } = await review(11);
    const text = await vscode.workspace.openTextDocument(file('chinese.txt'));
    const annotations = await vscode.workspace.openTextDocument(file('chinese.ann'));
    const before = annotations.getText();
    const isLabelled = () => annotations.getText().includes('無錫');
    select(editor, '無錫');
    await vscode.commands.executeCommand('crosstag.clearLabel');
    await until('the label to go', () => !isLabelled());
    await vscode.commands.executeCommand('crosstag.label1');
    await until('another label', isLabelled);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(text.uri, new vscode.Position(0, 0), '今天');
    await vscode.workspace.applyEdit(edit);
    await vscode.commands.executeCommand('crosstag.undoLabel');
    await until('the other label to go', () => !isLabelled());
    for (const line of annotations.getText().trim().split('\n')) {
      const [, place, words] = line.split('\t');
      const [, start, end] = place!.split(' ').map(Number);
      assert.equal([...text.getText()].slice(start, end).join(''), words);
    }
    // Where the label was that was cleared before, nobody knows any more.
    await vscode.commands.executeCommand('crosstag.undoLabel');
    assert.equal(isLabelled(), false);
    const back = new vscode.WorkspaceEdit();
    back.delete(text.uri, new vscode.Range(0, 0, 0, 2));
    await vscode.workspace.applyEdit(back);
    await text.save();
    const whole = new vscode.WorkspaceEdit();
    whole.replace(annotations.uri, new vscode.Range(0, 0, annotations.lineCount, 0), before);
    await vscode.workspace.applyEdit(whole);
    await annotations.save();
  });

  it('does not save a file that had unsaved changes', async () => {
    const { editor } = await review(11);
    const text = await vscode.workspace.openTextDocument(file('portuguese.conll'));
    const original = text.getText();
    const edit = new vscode.WorkspaceEdit();
    edit.insert(text.uri, new vscode.Position(0, 0), '\n');
    await vscode.workspace.applyEdit(edit);
    select(editor, 'Coimbra assinaram');
    await vscode.commands.executeCommand('crosstag.clearLabel');
    assert.match(text.getText(), /Coimbra O\nassinaram O\n/);
    assert.equal(text.isDirty, true);
    await vscode.commands.executeCommand('crosstag.undoLabel');
    assert.equal(text.getText(), `\n${original}`);
    const back = new vscode.WorkspaceEdit();
    back.delete(text.uri, new vscode.Range(0, 0, 1, 0));
    await vscode.workspace.applyEdit(back);
    await text.save();
  });
});
