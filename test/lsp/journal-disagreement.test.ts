// A journal and a file that disagree: files that change outside, annotators whose labels a merge brings together.
import { appendFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { CodeAction } from 'vscode-languageserver-protocol';
import type { LabelEntry } from '../../server/workspace/journal/index.ts';
import { at, lines } from './client.ts';
import { actions, fileIn, journal, journalPath, start, startWith, TEXT, tags, useFolder } from './journal-folder.ts';

useFolder();

describe('a file that the journal knows otherwise', () => {
  async function disagreeing() {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: { start: at(0, 0), end: at(1, 1) }, label: 'LOC' });
    await editor.save(uri);
    await expect.poll(actions, { timeout: 5000 }).toContain('saved');
    await editor.client.stop();
    return startWith('a.conll', TEXT.replace('አዲስ _', 'አዲስ B-PER'));
  }

  it('keeps its labels, is reported once, and somebody chooses', async () => {
    const { editor, uri } = await disagreeing();
    const [finding] = await editor.client.diagnostics(uri, ({ diagnostics }) =>
      diagnostics.some(({ code }) => code === 'journal.differs'),
    );
    expect(finding).toMatchObject({ range: { start: at(0, 0), end: at(1, 3) } });
    expect(finding!.message).toMatch(
      /^the file says PER, the journal LOC \(Ngũgĩ, .*\): it was changed outside; choose/,
    );
    expect(editor.messages).toEqual([expect.stringMatching(/^a\.conll: the journal has other labels .* 1 sentence /)]);
    expect(editor.asked).toEqual([]);
    const fixes = await editor.client.request<CodeAction[]>('textDocument/codeAction', {
      ...{ textDocument: { uri }, range: lines(0, 1), context: { diagnostics: [], only: ['quickfix'] } },
    });
    const [take, keep] = fixes.filter(({ command }) => command !== undefined);
    expect(keep!.title).toBe('Keep PER of the file');
    await editor.client.request('workspace/executeCommand', take!.command!);
    expect(tags(editor.text(uri))).toBe('B-LOC I-LOC _ _ B-LOC O _ _ _ _');
    expect((await journal()).at(-1)).toMatchObject({ action: 'settle', after: ['B-LOC', 'I-LOC'] });
    const from = editor.client.notified.length;
    await editor.type(uri, { start: at(6, 0), end: at(6, 0) }, 'x');
    const { diagnostics } = await editor.client.notification<{ diagnostics: { code: string }[] }>(
      'textDocument/publishDiagnostics',
      () => true,
      from,
    );
    expect(diagnostics.filter(({ code }) => code === 'journal.differs')).toEqual([]);
  });

  it('is settled too where the file is right', async () => {
    const { editor, uri } = await disagreeing();
    await editor.client.diagnostics(uri, ({ diagnostics }) =>
      diagnostics.some(({ code }) => code === 'journal.differs'),
    );
    const fixes = await editor.client.request<CodeAction[]>('textDocument/codeAction', {
      ...{ textDocument: { uri }, range: lines(0, 1), context: { diagnostics: [], only: ['quickfix'] } },
    });
    await editor.client.request(
      'workspace/executeCommand',
      fixes.find(({ title }) => title.startsWith('Keep'))!.command!,
    );
    expect((await journal()).at(-1)).toMatchObject({ action: 'settle', after: ['B-PER', '_'] });
    expect((await editor.client.labels(uri, 0, 1)).labels).toMatchObject([{ label: 'PER', origin: 'human' }]);
  });

  it('is none where a label of raw text was undone in a reviewed sentence: brat cannot say `O`', async () => {
    const { editor, uri } = await startWith('a.txt', 'Como fazia em Madri. Ana foi a Lisboa.\n', 'plaintext');
    await editor.label('review', { uri, range: lines(0, 0), reviewed: true });
    await editor.label('relabel', { uri, range: { start: at(0, 14), end: at(0, 19) }, label: 'LOC' });
    await editor.type(editor.client.uri('a.ann'), lines(0, 1), '');
    await editor.label('relabel', { uri, range: { start: at(0, 31), end: at(0, 37) }, label: 'LOC' });
    await editor.save(editor.client.uri('a.ann'));
    await expect.poll(actions).toContain('saved');
    await editor.client.stop();
    // The label of the other sentence is lost outside.
    await writeFile(fileIn('a.ann'), '');
    const next = await start();
    await next.open('a.txt', 'plaintext');
    await expect.poll(() => next.messages, { timeout: 5000 }).toEqual([expect.stringContaining('for 1 sentence ')]);
  });

  it('is not taken for typing when the editor reads it anew', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: lines(0, 0), label: 'LOC' });
    await editor.save(uri);
    await expect.poll(actions, { timeout: 5000 }).toContain('saved');
    await writeFile(fileIn('a.conll'), TEXT);
    await editor.type(uri, { start: at(0, 4), end: at(0, 9) }, '_');
    await expect.poll(() => editor.messages.length, { timeout: 5000 }).toBe(1);
    expect(await actions()).toEqual(['opened', 'label', 'saved']);
  });

  it('shows both labels where a merge brings those of two annotators', async () => {
    const { editor, uri } = await startWith('a.conll', TEXT);
    await editor.label('relabel', { uri, range: { start: at(0, 0), end: at(1, 1) }, label: 'LOC' });
    const mine = (await journal()).at(-1) as LabelEntry;
    const theirs = { ...mine, id: 'theirs', by: 'Ana', after: ['B-ORG', 'I-ORG'], at: '2026-01-01T00:00:00.000Z' };
    await appendFile(journalPath('Ana'), `${JSON.stringify(theirs)}\n`);
    const changes = [{ uri: editor.client.uri('.crosstag/journal/Ana.jsonl'), type: 1 }];
    await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    const [finding] = await editor.client.diagnostics(uri, ({ diagnostics }) =>
      diagnostics.some(({ code }) => code === 'journal.conflict'),
    );
    expect(finding!.message).toMatch(/^annotators disagree: ORG \(Ana, 2026-01-01\), LOC \(Ngũgĩ, .*\); choose one$/);
    const fixes = await editor.client.request<CodeAction[]>('textDocument/codeAction', {
      ...{ textDocument: { uri }, range: lines(0, 1), context: { diagnostics: [], only: ['quickfix'] } },
    });
    await editor.client.request('workspace/executeCommand', fixes.find(({ title }) => title.includes('ORG'))!.command!);
    expect(tags(editor.text(uri))).toBe('B-ORG I-ORG _ _ B-LOC O _ _ _ _');
  });
});
