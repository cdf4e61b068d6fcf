import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, closeAll, describeLabel, file, labels, select, show, until } from './support.ts';

const FILES = {
  'spans.jsonl': [
    '{"text": "👩‍🏫 زار محمد السادس مراكش", "entities": [[8, 19, "PER"], [20, 25, "LOC"]]}',
    '{"text": "उमा दिल्ली में रहती है।"}',
    'no JSON',
  ],
  'events.jsonl': ['{"time": 1, "message": "started"}', '{"time": 2, "words": 300}'],
};

describe('JSON lines', () => {
  before(async () => {
    for (const [name, lines] of Object.entries(FILES)) {
      await vscode.workspace.fs.writeFile(file(name), new TextEncoder().encode(`${lines.join('\n')}\n`));
    }
  });
  after(async () => {
    await closeAll();
    for (const name of Object.keys(FILES)) await vscode.workspace.fs.delete(file(name));
  });

  it('with sentences have labels, and undo takes one back', async () => {
    const editor = await show('spans.jsonl');
    const original = editor.document.getText();
    const shown = await labels(editor, (all) => all.filter(({ origin }) => origin === 'file').length === 2);
    const all = shown.map((label) => describeLabel(editor, label));
    for (const label of ['PER محمد السادس', 'LOC مراكش']) assert(all.includes(label), all.join(', '));
    select(editor, 'दिल्ली');
    await vscode.commands.executeCommand('crosstag.label1');
    const label = await labels(editor, (some) => some.some(({ origin }) => origin === 'human'));
    assert(label.some((one) => describeLabel(editor, one).endsWith(' दिल्ली')));
    assert.match(editor.document.lineAt(1).text, /"entities": \[\[4,10,"\w+"\], \[0,3,"_"\], \[11,23,"_"\]\]\}$/);
    await vscode.commands.executeCommand('undo');
    assert.equal(editor.document.getText(), original);
  });

  it('with something else are none of ours', async () => {
    const log = await show('events.jsonl');
    const { document } = await show('spans.jsonl');
    const found = (uri: vscode.Uri) =>
      vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'crosstag');
    await until('the line that is no JSON', () => found(document.uri).some(({ range }) => range.start.line === 2));
    assert.deepEqual(found(log.document.uri), []);
    assert.deepEqual((await api()).labels(log), []);
  });
});
