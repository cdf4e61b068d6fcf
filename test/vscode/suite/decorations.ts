import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, describeLabel, labels, show } from './support.ts';

/** Labels that stand in a file, as they are shown. */
async function shown(name: string, count: number): Promise<string[]> {
  const editor = await show(name);
  const all = await labels(editor, (found) => found.filter(({ origin }) => origin !== 'model').length >= count);
  return all.filter(({ origin }) => origin !== 'model').map((label) => describeLabel(editor, label));
}

describe('decorations', () => {
  after(closeAll);

  it('show the entities of a CoNLL file in Arabic', async () => {
    assert.deepEqual(await shown('arabic.conll', 5), [
      ...['PER محمد السادس', 'LOC مراكش', 'LOC المغرب', 'ORG جامعة الأزهر', 'LOC أسوان'],
    ]);
  });

  it('show the entities of a CoNLL file in Devanagari', async () => {
    assert.deepEqual(await shown('hindi.conll', 4), [
      ...['PER सरोजिनी नायडू', 'LOC हैदराबाद', 'ORG टाटा समूह', 'LOC जमशेदपुर'],
    ]);
  });

  it('show the parts of speech of a CoNLL-U file in Amharic', async () => {
    assert.deepEqual((await shown('amharic.conllu', 8)).slice(0, 4), ['PROPN አበበ', 'NOUN በሶ', 'VERB በላ', 'PUNCT ።']);
  });

  it('show the standoff labels of raw text in Chinese', async () => {
    assert.deepEqual(await shown('chinese.txt', 4), ['PER 錢鍾書', 'LOC 無錫', 'ORG 清華大學', 'PER 楊絳']);
  });

  it('show the standoff labels of raw text in Arabic, behind an emoji and a combining mark too', async () => {
    assert.deepEqual(await shown('arabic.txt', 7), [
      ...['PER محمد السادس', 'LOC مراكش', 'ORG جامعة الأزهر', 'LOC القاهرة'],
      ...['PER نجيب محفوظ', 'LOC القاهرة', 'ORG وزارة الثقافة'],
    ]);
  });

  it('follow an edit', async () => {
    const editor = await show('hindi.conll');
    await labels(editor, (all) => all.some((label) => describeLabel(editor, label) === 'LOC जमशेदपुर'));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'पुणे B-LOC\n'));
    await labels(editor, (all) => all.some((label) => describeLabel(editor, label) === 'LOC पुणे'));
    await vscode.commands.executeCommand('undo');
    await labels(editor, (all) => !all.some((label) => describeLabel(editor, label).startsWith('LOC पुणे')));
  });

  it('leave other files alone', async () => {
    const editor = await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ language: 'json', content: '{"PER": "B-PER"}' }),
    );
    await assert.rejects(
      Promise.race([labels(editor), new Promise((_, no) => setTimeout(no, 500, new Error('none')))]),
      /none/,
    );
  });
});
