// The journal's service without an editor: what comes at the same moment, in the order that hurts most.
import { renameSync, writeFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { JournalService } from '../../server/journal-service.ts';
import { parseDocument } from '../../server/text/index.ts';
import { Documents, OpenDocument } from '../../server/workspace/documents.ts';
import { type JournalEntry, replay } from '../../server/workspace/journal/index.ts';
import { parseSettings } from '../../server/workspace/settings.ts';
import { HandClock } from '../hand-clock.ts';

const TEXT = 'አዲስ _\n\nአበባ _\n\n';

/** Lets time pass until something has ended. */
async function passUntil(end: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  void end.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    void clock.passAll();
    await wait(1);
  }
}

let folder: string;
let path: string;
let clock: HandClock;
let reports: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-service-'));
  path = join(folder, 'a.conll');
  await writeFile(path, TEXT);
  clock = new HandClock();
  reports = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** A window of an editor, with the file open in it. */
class Window {
  readonly documents = new Documents();
  readonly service: JournalService;
  document!: OpenDocument;
  /** What comes just before the editor applies an edit of the server, which is then refused: it was for an older text. */
  meanwhile: (() => void) | undefined;

  constructor() {
    const nothing = () => {};
    this.service = new JournalService({
      ...{ documents: this.documents, clock, log: { info: nothing, warn: nothing, error: nothing } },
      ...{ folderOf: () => folder, trusted: () => true, hasOpenAnnotations: () => false },
      apply: async (_, edit) => this.apply(edit),
      ...{ changed: nothing, labelled: nothing, refreshed: nothing, report: (message) => reports.push(message) },
    });
  }

  async open(): Promise<void> {
    const item = { uri: pathToFileURL(path).href, languageId: 'conll', version: 1, text: await readFile(path, 'utf8') };
    this.document = new OpenDocument(item, parseSettings({ annotator: 'Ngũgĩ' }));
    this.documents.add(this.document);
    this.service.opening(this.document);
  }

  apply({ documentChanges = [] }: WorkspaceEdit): boolean {
    this.meanwhile?.();
    this.meanwhile = undefined;
    for (const change of documentChanges) {
      if (!('edits' in change) || change.textDocument.version !== this.document.version) return false;
      for (const { range, newText } of (change.edits as TextEdit[]).toReversed()) this.change(range, newText);
    }
    return true;
  }

  type(sentence: number, before: string, after: string): void {
    const { document } = this;
    const line = document.text.lineOf(sentence);
    const start = { line, character: document.text.sentences[sentence]!.tokens[0]!.labelStart };
    const end = { line, character: start.character + before.length };
    this.change({ start, end }, after);
  }

  change(range: Range, text: string): void {
    this.document.version++;
    this.document.change({ range, text });
    this.service.edited(this.document);
  }

  write(): Promise<void> {
    return writeFile(path, this.document.text.text);
  }

  close(): void {
    this.documents.remove(this.document.uri);
    void this.service.closed(this.document);
  }

  /** What the journal says of the first words of the sentences; null where it says nothing. */
  async decided(): Promise<(string | null | undefined)[]> {
    await this.service.flush();
    const journal = await this.service.journalOf(folder);
    return this.document.text.sentences.map((_, index) => {
      const [decision] = journal.sentence(this.document.journal!.address(index))?.tokens ?? [];
      return decision === undefined ? null : decision.tag;
    });
  }
}

/** Another program writes the label of the second sentence, and the editor reads it anew. */
async function reload(window: Window, from: string, to: string): Promise<void> {
  const { text } = window.document.text;
  // A clock of a coarse file system would not tell it from the save before.
  await wait(20);
  await writeFile(path, text.replace(from, to));
  window.type(1, from, to);
  void clock.passAll();
  await passUntil(window.service.flush());
}

/** The lines that were written so far are those of a program that has ended. */
async function die(): Promise<void> {
  const journal = join(folder, '.crosstag', 'journal', 'Ngũgĩ.jsonl');
  const lines = await readFile(journal, 'utf8');
  await writeFile(journal, lines.replaceAll(`-${process.pid}"`, '-99999999"'));
}

/** A window whose file was saved with a label of its first word. */
async function saved(): Promise<Window> {
  const window = new Window();
  await window.open();
  await window.service.opened(window.document);
  window.type(0, '_', 'B-LOC');
  await window.write();
  await window.service.saved(window.document);
  return window;
}

it('a save whose turn has not come is no file that another program wrote', async () => {
  const window = new Window();
  await window.open();
  await window.service.opened(window.document);
  window.type(0, '_', 'B-LOC');
  await window.service.journalled(window.document, 'label', new Map([[1, ['B-PER']]]));
  await window.write();
  // The pause after the first label ends as the save is announced; then the other label comes, and is undone.
  void clock.passAll();
  const saving = window.service.saved(window.document);
  window.type(1, '_', 'B-PER');
  window.type(1, 'B-PER', '_');
  await passUntil(saving);
  expect(await window.decided()).toEqual(['B-LOC', undefined]);
});

it('labels that another program wrote, and those that git brings back after them, are nobody’s', async () => {
  const window = await saved();
  const lines = () => readFile(join(folder, '.crosstag', 'journal', 'Ngũgĩ.jsonl'), 'utf8');
  const before = await lines();
  await reload(window, '_', 'B-ORG');
  await reload(window, 'B-ORG', '_');
  expect(await lines()).toBe(before);
  expect(reports).toEqual([]);
  // Its own labels are written down as before.
  window.type(0, 'B-LOC', 'B-PER');
  await window.write();
  await window.service.saved(window.document);
  expect(await window.decided()).toEqual(['B-PER', null]);
});

it('what is typed while the journal is read is written down, and no difference between the two', async () => {
  await saved();
  const window = new Window();
  await window.open();
  const opened = window.service.opened(window.document);
  window.type(0, 'B-LOC', 'B-ORG');
  await opened;
  expect(await window.decided()).toEqual(['B-ORG', null]);
  expect(reports).toEqual([]);
});

it('a file that was written is not compared before its save is looked at', async () => {
  const window = await saved();
  window.type(0, 'B-LOC', 'B-ORG');
  await window.write();
  const journal = join(folder, '.crosstag', 'journal');
  const mark = { v: 1, id: 'other', at: '2026-01-01T00:00:00.000Z', by: 'Ana', action: 'opened' };
  await appendFile(join(journal, 'Ana.jsonl'), `${JSON.stringify({ ...mark, file: 'a.conll', content: '0' })}\n`);
  await window.service.refresh();
  await window.service.saved(window.document);
  expect(await window.decided()).toEqual(['B-ORG', null]);
  expect(reports).toEqual([]);
});

it('a file that is opened again waits for what is written about it', async () => {
  const window = await saved();
  window.type(0, 'B-LOC', 'B-ORG');
  await window.write();
  // The pause ends before the editor has said that the file was saved, which is waited for.
  void clock.passAll();
  await wait(100);
  void window.service.saved(window.document);
  window.close();
  await window.open();
  const opened = window.service.opened(window.document);
  await Promise.race([opened, wait(100)]);
  await passUntil(opened);
  expect(reports).toEqual([]);
  expect(await window.decided()).toEqual(['B-ORG', null]);
});

describe('after a crash, labels are given back', () => {
  /** The window of the next session, after one that died with a label of the second sentence unsaved. */
  async function next({ split = false } = {}): Promise<Window> {
    const window = await saved();
    if (split) {
      const edits = [{ start: 0, end: 'አዲስ B-LOC'.length, text: 'አዲ B-LOC\nስ I-LOC' }];
      const tags = [['B-LOC', 'I-LOC']];
      await window.service.restructured(window.document, { edits, first: 0, end: 1, tags });
    }
    await window.service.journalled(window.document, 'label', new Map([[1, ['B-PER']]]));
    await die();
    const again = new Window();
    await again.open();
    return again;
  }
  const back = expect.stringContaining('they are back, and undo takes them out again');

  it('although somebody types elsewhere meanwhile', async () => {
    const window = await next();
    window.meanwhile = () => window.type(0, 'B-LOC', 'B-ORG');
    await window.service.opened(window.document);
    expect(window.document.text.text).toBe('አዲስ B-ORG\n\nአበባ B-PER\n\n');
    expect(await window.decided()).toEqual(['B-ORG', 'B-PER']);
    expect(reports).toEqual([back]);
  });

  it('but not over those that somebody types meanwhile', async () => {
    const window = await next();
    window.meanwhile = () => window.type(1, '_', 'B-LOC');
    await window.service.opened(window.document);
    expect(window.document.text.text).toBe('አዲስ B-LOC\n\nአበባ B-LOC\n\n');
    expect(await window.decided()).toEqual(['B-LOC', 'B-LOC']);
    expect(reports).toEqual([]);
  });

  it('nor where words come back split', async () => {
    const window = await next({ split: true });
    window.meanwhile = () => window.type(1, '_', 'B-ORG');
    await window.service.opened(window.document);
    expect(window.document.text.text).toBe('አዲ B-LOC\nስ I-LOC\n\nአበባ B-ORG\n\n');
    expect(await window.decided()).toEqual([null, 'B-ORG']);
    expect(reports).toEqual([back]);
  });

  it('not to a file that was closed meanwhile', async () => {
    const window = await next();
    window.meanwhile = () => {
      window.type(0, 'B-LOC', 'B-ORG');
      window.close();
    };
    await window.service.opened(window.document);
    expect(window.document.text.text).toBe('አዲስ B-ORG\n\nአበባ _\n\n');
    expect(reports).toEqual([]);
  });

  it('not to a file that was closed before its journal was read', async () => {
    const window = await next();
    const opened = window.service.opened(window.document);
    window.close();
    await opened;
    expect(window.document.text.text).toBe('አዲስ B-LOC\n\nአበባ _\n\n');
    expect(reports).toEqual([]);
  });

  it('not to a file that another program has written meanwhile', async () => {
    const window = await next();
    window.meanwhile = () => {
      window.type(0, 'B-LOC', 'B-ORG');
      writeFileSync(path, window.document.text.text);
    };
    await window.service.opened(window.document);
    expect(window.document.text.text).toBe('አዲስ B-ORG\n\nአበባ _\n\n');
    expect(reports).not.toContainEqual(back);
  });

  it('not over what was typed while its line cannot be written', async () => {
    const window = await next();
    window.meanwhile = () => {
      window.type(1, '_', 'B-ORG');
      renameSync(join(folder, '.crosstag', 'journal'), join(folder, 'elsewhere'));
      writeFileSync(join(folder, '.crosstag', 'journal'), '');
    };
    await window.service.opened(window.document);
    expect(window.document.text.text).toBe('አዲስ B-LOC\n\nአበባ B-ORG\n\n');
    expect(reports).toEqual([expect.stringContaining('the label was not set')]);
  });
});

describe('of sentences with the same words', () => {
  const REPEATED = 'ሐና-አለም B-ORG\nመጣች _\n\nሐና-አለም _\nመጣች _\n\nሐና-አለም B-LOC\nመጣች O\n\n';
  const first = REPEATED.slice(0, REPEATED.indexOf('\n\n') + 2);
  const start = { line: 0, character: 0 };
  const whole = { start, end: { line: 3, character: 0 } };

  /** A window whose first sentence is reviewed, and whose second one has a label; the third one is the file's. */
  async function decided(): Promise<Window> {
    await writeFile(path, REPEATED);
    const window = new Window();
    await window.open();
    await window.service.opened(window.document);
    const { service } = window;
    window.apply(
      await service.journalled(window.document, 'review', new Map([[0, ['B-ORG', 'O']]]), {
        always: new Map([[0, undefined]]),
      }),
    );
    window.apply(await service.journalled(window.document, 'label', new Map([[1, ['B-PER', 'O']]])));
    await window.write();
    await service.saved(window.document);
    return window;
  }

  /** What is known of each sentence. */
  async function known(window: Window): Promise<string[]> {
    await window.service.flush();
    const journal = window.document.journal!;
    return window.document.text.sentences.map((_, index) => {
      const tags = (journal.decisions(index)?.tokens ?? []).map((decision) => decision?.tag ?? '?');
      return [...tags, ...(journal.reviewed(index) === undefined ? [] : ['reviewed'])].join(' ');
    });
  }

  const actions = async () => {
    const lines = await readFile(join(folder, '.crosstag', 'journal', 'Ngũgĩ.jsonl'), 'utf8');
    return lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as JournalEntry).action);
  };

  const ALL = ['? O reviewed', 'B-PER O', ''];

  it('each keeps what was decided of it where the first is deleted, and undo brings that back', async () => {
    const window = await decided();
    expect(await known(window)).toEqual(ALL);
    const { text } = window.document.text;
    window.change(whole, '');
    expect(await known(window)).toEqual(['B-PER O', '']);
    window.change({ start, end: start }, text.slice(0, text.indexOf('\n\n') + 2));
    expect(await known(window)).toEqual(ALL);
    window.change({ start, end: start }, first);
    expect(await known(window)).toEqual(['', ...ALL]);
    expect(await actions()).not.toContain('typed');
  });

  it('a label that is typed just before is its own still', async () => {
    const window = await decided();
    window.type(1, 'B-PER', 'B-LAW');
    window.change(whole, '');
    expect(await known(window)).toEqual(['B-LAW O', '']);
    window.type(1, 'B-LOC', 'B-DATE');
    expect(await known(window)).toEqual(['B-LAW O', 'B-DATE']);
  });

  it('each keeps it where the words of the first are split, and the journal gives the labels of the file', async () => {
    const window = await decided();
    const { text } = window.document.text;
    const edits = [{ start: 0, end: 'ሐና-አለም B-ORG'.length, text: 'ሐና B-ORG\n-አለም I-ORG' }];
    const tags = [['B-ORG', 'I-ORG', 'O']];
    window.apply(await window.service.restructured(window.document, { edits, first: 0, end: 1, tags }));
    expect(await known(window)).toEqual(['B-ORG I-ORG O reviewed', 'B-PER O', '']);
    const replayed = async () => {
      const document = parseDocument(REPEATED, { format: 'conll', task: 'ner' });
      const journal = await window.service.journalOf(folder);
      expect(replay(new Map([['a.conll', document]]), journal.entries())).toEqual({ missing: [], conflicts: [] });
      return document.text;
    };
    expect(await replayed()).toBe(window.document.text.text);
    // Undo.
    window.change({ start, end: { line: 2, character: 0 } }, 'ሐና-አለም B-ORG\n');
    expect(window.document.text.text).toBe(text);
    expect(await known(window)).toEqual(ALL);
    expect(await replayed()).toBe(text);
    expect(await actions()).not.toContain('typed');
  });

  it('what was not saved is lost with the text that was closed, and after a crash', async () => {
    for (const end of ['closed', 'died']) {
      const window = await decided();
      const saved = window.document.text.text;
      window.change(whole, '');
      expect(await known(window)).toEqual(['B-PER O', '']);
      if (end === 'died') await die();
      else {
        window.close();
        await passUntil(wait(50));
      }
      const again = new Window();
      await again.open();
      await again.service.opened(again.document);
      expect(again.document.text.text).toBe(saved);
      expect(await known(again)).toEqual(ALL);
      await rm(join(folder, '.crosstag'), { recursive: true });
    }
    expect(reports).toEqual([]);
  });
});
