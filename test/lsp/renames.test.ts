// Files that get other names while the server runs, and files that come and go.
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileChangeType, type WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { ReviewItem, ReviewQueueState } from '../../server/protocol.ts';
import { at } from './client.ts';
import { Editor } from './editor.ts';

const TEXT = 'ሐና _\nመጣች _\n\nउमा _\nआई _\n\n';

let folder: string;
let editor: Editor;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-renames-'));
  editor = await Editor.start({ folder });
});
afterEach(async () => {
  await editor.client.stop();
  await rm(folder, { recursive: true });
});

const uriOf = (name: string) => pathToFileURL(join(folder, name)).href;
const file = (from: string, to: string) => ({ oldUri: uriOf(from), newUri: uriOf(to) });
const willRename = (...files: ReturnType<typeof file>[]) =>
  editor.client.request<WorkspaceEdit | null>('workspace/willRenameFiles', { files });
const didRename = (from: string, to: string) =>
  editor.client.connection.sendNotification('workspace/didRenameFiles', { files: [file(from, to)] });

/** Labels the first word as a person and marks the first sentence as reviewed. */
const decide = (uri: string) => editor.decide(uri, 'PER', [at(0, 0)]);

/** How often the journal says that a file holds what was decided. */
async function saves(): Promise<number | undefined> {
  const journal = join(folder, '.crosstag', 'journal');
  const names = (await readdir(journal)).filter((name) => name.endsWith('.jsonl'));
  return (await readFile(join(journal, names[0]!), 'utf8')).match(/"action":"saved"/g)?.length;
}

/** Waits until the label is known as a person's. @returns the states of the sentences */
async function states(uri: string): Promise<string[]> {
  const isHuman = ({ origin }: { origin: string }) => origin === 'human';
  const shown = await editor.client.labelsWhen(uri, 0, 10, ({ labels }) => labels.some(isHuman));
  return shown.sentences.map(({ state }) => state);
}

it('what was decided goes with a file, whether its new name is opened before the editor tells of it or after', async () => {
  await writeFile(join(folder, 'a.conll'), TEXT);
  const uri = await editor.open('a.conll');
  await decide(uri);
  await editor.save(uri);
  await rename(join(folder, 'a.conll'), join(folder, 'b.conll'));
  await editor.close(uri);
  const b = await editor.open('b.conll');
  await didRename('a.conll', 'b.conll');
  expect(await states(b)).toEqual(['reviewed', 'open']);
  await mkdir(join(folder, 'ተረት'));
  await rename(join(folder, 'b.conll'), join(folder, 'ተረት', 'c.conll'));
  await didRename('b.conll', 'ተረት/c.conll');
  await editor.close(b);
  expect(await states(await editor.open('ተረት/c.conll'))).toEqual(['reviewed', 'open']);
  await rename(join(folder, 'ተረት'), join(folder, 'tales'));
  await didRename('ተረት', 'tales');
  expect(await states(await editor.open('tales/c.conll'))).toEqual(['reviewed', 'open']);
});

it('what was decided goes with a file that was renamed outside of the editor, words or raw text', async () => {
  await writeFile(join(folder, 'a.conll'), TEXT);
  await writeFile(join(folder, 'a.txt'), 'ሐና መጣች።\nउमा आई।\n');
  const [words, raw] = [await editor.open('a.conll'), await editor.open('a.txt', 'plaintext')];
  await decide(words);
  await editor.save(words);
  await decide(raw);
  await editor.save(uriOf('a.ann'));
  await expect.poll(saves).toBe(2);
  for (const uri of [words, raw, uriOf('a.ann')]) await editor.close(uri);
  for (const name of ['conll', 'txt', 'ann']) {
    await rename(join(folder, `a.${name}`), join(folder, `ተረት.${name}`));
  }
  expect(await states(await editor.open('ተረት.conll'))).toEqual(['reviewed', 'open']);
  expect(await states(await editor.open('ተረት.txt', 'plaintext'))).toEqual(['reviewed', 'open']);
});

it('what was decided goes with a file that has another name before the server hears that it was saved', async () => {
  await writeFile(join(folder, 'a.conll'), TEXT);
  const uri = await editor.open('a.conll');
  await decide(uri);
  await writeFile(join(folder, 'b.conll'), editor.text(uri));
  await rm(join(folder, 'a.conll'));
  await editor.client.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
  await expect.poll(saves).toBe(1);
  await editor.close(uri);
  expect(await states(await editor.open('b.conll'))).toEqual(['reviewed', 'open']);
});

it.each(['before', 'after'])(
  'what was decided goes with a folder whose files are opened %s the editor tells of it',
  async (opens) => {
    await mkdir(join(folder, 'x'));
    await writeFile(join(folder, 'x', 'a.conll'), TEXT);
    const uri = await editor.open('x/a.conll');
    await decide(uri);
    await editor.save(uri);
    await expect.poll(saves).toBe(1);
    await editor.close(uri);
    await rename(join(folder, 'x'), join(folder, 'y'));
    const open = async () => {
      const now = await editor.open('y/a.conll');
      expect(await states(now)).toEqual(['reviewed', 'open']);
      return now;
    };
    if (opens === 'before') {
      const now = await open();
      const range = { start: at(3, 0), end: at(3, 0) };
      await editor.label('relabel', { uri: now, range, label: 'LOC' });
      await didRename('x', 'y');
      await editor.save(now);
      await editor.close(now);
    } else await didRename('x', 'y');
    const now = await open();
    if (opens === 'before') {
      const isNew = ({ label, origin }: { label: string; origin: string }) => label === 'LOC' && origin === 'human';
      await editor.client.labelsWhen(now, 0, 10, ({ labels }) => labels.some(isNew));
    }
  },
);

it('a tab of the old name keeps its history where the file comes back', async () => {
  await writeFile(join(folder, 'a.conll'), TEXT);
  const a = await editor.open('a.conll');
  await decide(a);
  await editor.save(a);
  await expect.poll(() => states(a)).toEqual(['reviewed', 'open']);
  await rename(join(folder, 'a.conll'), join(folder, 'b.conll'));
  const b = await editor.open('b.conll');
  await expect
    .poll(async () => (await editor.client.labels(b, 0, 10)).sentences.map(({ state }) => state))
    .toEqual(['open', 'open']);
  await rename(join(folder, 'b.conll'), join(folder, 'a.conll'));
  expect(await states(a)).toEqual(['reviewed', 'open']);
});

it('a copy begins anew, as does a file of which several that are gone had the content', async () => {
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, `${name}.conll`), TEXT);
  const states = async (name: string) =>
    (await editor.client.labels(await editor.open(name), 0, 10)).sentences.map(({ state }) => state);
  for (const name of ['a.conll', 'b.conll']) {
    const uri = await editor.open(name);
    await decide(uri);
    await editor.save(uri);
    await editor.close(uri);
  }
  await cp(join(folder, 'a.conll'), join(folder, 'copy.conll'));
  await rename(join(folder, 'b.conll'), join(folder, 'moved.conll'));
  await expect.poll(() => states('moved.conll')).toEqual(['reviewed', 'open']);
  expect(await states('copy.conll')).toEqual(['open', 'open']);
  await rm(join(folder, 'a.conll'));
  await rename(join(folder, 'moved.conll'), join(folder, 'one.conll'));
  expect(await states('one.conll')).toEqual(['open', 'open']);
});

it('a file that takes the place of another one does not get its history', async () => {
  for (const name of ['a', 'b']) await writeFile(join(folder, `${name}.conll`), TEXT);
  const uri = await editor.open('b.conll');
  await decide(uri);
  await editor.save(uri);
  await editor.close(uri);
  await rename(join(folder, 'a.conll'), join(folder, 'b.conll'));
  await didRename('a.conll', 'b.conll');
  const b = await editor.open('b.conll');
  const isOpen = async () => (await editor.client.labels(b, 0, 10)).sentences.map(({ state }) => state);
  await expect.poll(isOpen).toEqual(['open', 'open']);
});

it('the labels of a raw text are renamed with it, unless that is done already', async () => {
  await writeFile(join(folder, 'a.txt'), 'ሐና መጣች።\nउमा आई।\n');
  const uri = await editor.open('a.txt', 'plaintext');
  await decide(uri);
  const annotations = uriOf('a.ann');
  await editor.save(annotations);
  expect(await willRename(file('a.txt', 'b.txt'))).toEqual({
    documentChanges: [{ kind: 'rename', oldUri: annotations, newUri: uriOf('b.ann') }],
  });
  expect(await willRename(file('a.txt', 'b.txt'), file('a.ann', 'b.ann'))).toBeNull();
  expect(await willRename(file('b.txt', 'c.txt'))).toBeNull();
  await writeFile(join(folder, 'b.ann'), '');
  expect(await willRename(file('a.txt', 'b.txt'))).toBeNull();
  for (const end of ['txt', 'ann']) await rename(join(folder, `a.${end}`), join(folder, `b.${end}`));
  await didRename('a.txt', 'b.txt');
  // That there is nothing else in the sentence is in the journal alone.
  expect(await states(await editor.open('b.txt', 'plaintext'))).toEqual(['reviewed', 'open']);
});

it('the review queue has the files that come, and not those that went', async () => {
  const languages = [{ language: 'und', documents: ['texts'] }];
  await mkdir(join(folder, 'texts'));
  await writeFile(join(folder, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
  const files = async () => {
    const params = { count: 20, shown: [] };
    const { items } = await editor.client.request<{ items: ReviewItem[]; queue: ReviewQueueState }>(
      'crosstag/reviewNext',
      params,
    );
    return [...new Set(items.map(({ uri }) => uri.slice(uri.lastIndexOf('/') + 1)))].sort();
  };
  const tell = (name: string, type: FileChangeType) =>
    editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uriOf(name), type }],
    });
  const eventually = async (expected: string[]) => {
    for (let tries = 0; tries < 50; tries++) {
      if ((await files()).join() === expected.join()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await files()).toEqual(expected);
  };
  await writeFile(join(folder, 'texts', 'one.conll'), TEXT);
  await eventually(['one.conll']);
  await writeFile(join(folder, 'texts', 'two.conll'), TEXT.replace('ሐና', 'ሳራ').replace('उमा', 'मीरा'));
  await tell('texts/two.conll', FileChangeType.Created);
  await eventually(['one.conll', 'two.conll']);
  await rm(join(folder, 'texts', 'one.conll'));
  await tell('texts/one.conll', FileChangeType.Deleted);
  await eventually(['two.conll']);
});
