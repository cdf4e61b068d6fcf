// Every change of labels goes through here: its journal line is on the disk before the edit is handed out, and what people
// type into the file themselves is written down after the fact (journal-session.ts).
import { join } from 'node:path';
import { tagEdit, textEdit } from './features/edits.ts';
import { placeOf } from './journal-drafts.ts';
import { JournalRestore } from './journal-restore.ts';
import { JournalSession, type SessionOptions } from './journal-session.ts';
import type { JournalledEdit } from './protocol.ts';
import { messageOf } from './text/error-message.ts';
import {
  applyEdits,
  type InputError,
  isAnnotated,
  type Sentence,
  type TextDocument,
  type TextEdit,
} from './text/index.ts';
import { disk } from './workspace/disk.ts';
import type { Documents, OpenDocument } from './workspace/documents.ts';
import { nameWithin } from './workspace/file-name.ts';
import type { Logger } from './workspace/host.ts';
import {
  type DraftOptions,
  type EntryDraft,
  Journal,
  type LabelAction,
  labelDraft,
  systemUser,
} from './workspace/journal/index.ts';
import type { Settings } from './workspace/settings.ts';

type Tags = readonly (string | undefined)[];

export interface JournalServiceOptions extends Omit<SessionOptions, 'restore'> {
  readonly documents: Documents;
  readonly log: Logger;
  /** The folder in whose journal a file's labels stand. */
  readonly folderOf: (path: string) => string;
  /** Whether the annotation file beside a raw text is open in the editor. */
  readonly hasOpenAnnotations: (document: OpenDocument) => boolean;
  /** A journal says something new, also of files that are not open; the documents have heard it. */
  readonly refreshed: () => void;
}

interface AsOpened extends Pick<TextDocument, 'format' | 'sentences'> {
  readonly version: number;
}

/** Words that are split or joined: sentences [first, end) become others with these tags. */
export interface Restructuring {
  readonly edits: readonly TextEdit[];
  readonly first: number;
  readonly end: number;
  readonly tags: readonly Tags[];
}

export interface JournalledOptions extends Pick<DraftOptions, 'group'> {
  /** Sentences whose lines are written even where no tag changes, with the tokens that they speak of. */
  readonly always?: ReadonlyMap<number, DraftOptions['tokens']>;
}

export class JournalService {
  readonly #options: JournalServiceOptions;
  readonly #journals = new Map<string, { journal: Journal; ready: Promise<unknown> }>();
  readonly #sessions = new Map<OpenDocument, JournalSession>();
  /** Documents as they were when they were opened, until their journal is read. */
  readonly #opening = new Map<OpenDocument, AsOpened>();
  /** By URI: what is still to be written about a document that was closed. */
  readonly #closing = new Map<string, Promise<unknown>>();
  readonly #restore: JournalRestore;

  constructor(options: JournalServiceOptions) {
    this.#options = options;
    this.#restore = new JournalRestore(options);
  }

  /** The journal of a workspace folder, as soon as it is read. */
  async journalOf(folder: string): Promise<Journal> {
    let known = this.#journals.get(folder);
    if (known === undefined) {
      const journal = new Journal(folder, { problem: (problem) => this.#problem(problem) });
      known = { journal, ready: journal.refresh().catch((error) => this.#options.log.error(String(error))) };
      this.#journals.set(folder, known);
    }
    await known.ready;
    return known.journal;
  }

  /** A document is being opened: what is typed from now on is somebody's, although its journal may take a while to read. */
  opening(document: OpenDocument): void {
    const { format, sentences } = document.text;
    this.#opening.set(document, { version: document.version, format, sentences: [...sentences] });
  }

  /** A document was opened: it hears what the journal says, and gets back what a crash has left unsaved. */
  async opened(document: OpenDocument): Promise<void> {
    // Without a history there is still one to be written.
    await this.#takeOver(document).catch((error) => this.#options.log.error(String(error)));
    const session = await this.#start(document);
    // It may have been closed while its journal was read.
    const isOpen = () => this.#options.documents.get(document.uri) === document;
    if (session === undefined || !isOpen()) return;
    await session.opened(() => this.#closing.get(document.uri), isOpen);
  }

  /** The text or the annotations of a document have changed. */
  edited(document: OpenDocument): void {
    this.#sessions.get(document)?.edited();
  }

  /** Gives a document its settings. */
  async configured(document: OpenDocument, settings: Settings): Promise<void> {
    const session = this.#sessions.get(document);
    if (session === undefined) document.configure(settings);
    else await session.configured(settings);
  }

  /**
   * The edit that gives sentences new tags, its lines written and synced.
   * @param tags sentence -> all its tags
   * @throws Error where no line can be written: then no edit is made
   */
  async journalled(
    document: OpenDocument,
    action: LabelAction,
    tags: ReadonlyMap<number, Tags>,
    { group, always = new Map() }: JournalledOptions = {},
  ): Promise<JournalledEdit> {
    const lines = new Map([...always.keys()].map((index) => [index, document.tagsOf(index) as Tags]));
    for (const [index, after] of tags) {
      if (document.tagsOf(index).some((tag, t) => tag !== after[t])) lines.set(index, after);
    }
    if (lines.size === 0) return { documentChanges: [] };
    const session = await this.#start(document);
    const edit = tagEdit(document, tags);
    // A text that is no file yet has no place in a journal.
    if (session === undefined) return edit;
    this.#requireTrust();
    const drafts = [...lines].map(([index, after]) => {
      const tokens = always.get(index);
      const options = { ...(group !== undefined && { group }), ...(tokens !== undefined && { tokens }) };
      return labelDraft(
        document,
        action,
        placeOf(document, session.journal, index),
        document.tagsOf(index),
        after,
        options,
      );
    });
    // While lines are written the document may change; the client sees that the edit is for an older version.
    const sentences = [...lines.keys()].map((index) => document.text.sentences[index]!);
    const typed = session.watch.takeOf(new Set(lines.keys()));
    const entries = await session.write(typed, drafts);
    for (const [i, [index, after]] of [...lines].entries()) {
      const stands = document.text.sentences[index] === sentences[i];
      if (stands) session.watch.expect(entries[i]!.id, index, after);
    }
    if (edit.documentChanges?.length === 0) this.#options.changed(document);
    return { ...edit, journal: entries.map(({ id }) => id) };
  }

  /**
   * The edit that splits or joins words, its line written and synced. What somebody decided of them follows.
   * @throws Error where no line can be written: then no edit is made
   */
  async restructured(document: OpenDocument, { edits, first, end, tags }: Restructuring): Promise<JournalledEdit> {
    const session = await this.#start(document);
    const edit = textEdit(document, edits);
    if (session === undefined || edits.length === 0) return edit;
    this.#requireTrust();
    const { text } = document;
    const from = text.offsetOf(text.sentenceAt(Math.min(text.offsetOf(first), ...edits.map(({ start }) => start))));
    const last = Math.max(text.offsetOf(end), ...edits.map(({ end }) => end));
    const to = text.offsetOf(Math.min(text.sentences.length, text.sentenceAt(last - 1) + 1));
    const source = text.text.slice(from, to);
    const { file, ...place } = session.journal.address(text.sentenceAt(from));
    const exchange = { source, text: applyEdits(source, edits, from) };
    const draft: EntryDraft = { action: 'structure', file, ...place, ...exchange };
    const sentences = Array.from({ length: end - first }, (_, i) => first + i);
    const isHuman = sentences.some((index) =>
      session.journal.origins(index).some((decision) => decision !== undefined),
    );
    const isReviewed = sentences.every((index) => session.journal.reviewed(index) !== undefined);
    const { version } = document;
    const entries = await session.write(session.watch.takeOf(new Set(sentences)), [draft]);
    session.expectWords({ id: entries[0]!.id, first, tags, version, isHuman, isReviewed, ...exchange });
    return { ...edit, journal: entries.map(({ id }) => id) };
  }

  /** Edits that the client could not apply. */
  async dropped(ids: readonly string[]): Promise<void> {
    const gone = new Set(ids);
    for (const { journal, ready } of this.#journals.values()) {
      await ready;
      const mine = journal.entries().filter(({ id }) => gone.has(id));
      const [first] = mine;
      if (first !== undefined) await journal.append(first.by, [{ action: 'dropped', ids: mine.map(({ id }) => id) }]);
    }
    for (const [document, session] of this.#sessions) {
      session.watch.drop(gone);
      this.#options.changed(document);
    }
  }

  /** The document was saved: what was typed into it is written down, and that the file holds it. */
  async saved(document: OpenDocument): Promise<void> {
    await this.#sessions.get(document)?.saved();
  }

  /** A document was closed; labels that were not saved with it were not wanted. */
  async closed(document: OpenDocument): Promise<void> {
    this.#opening.delete(document);
    const session = this.#sessions.get(document);
    if (session === undefined) return;
    const { settled } = session;
    this.#closing.set(document.uri, settled);
    void settled.then(() => this.#closing.get(document.uri) === settled && this.#closing.delete(document.uri));
    const { documents, hasOpenAnnotations } = this.#options;
    await session.closed(
      () => documents.get(document.uri) !== undefined || (isAnnotated(document.text) && hasOpenAnnotations(document)),
    );
    this.#sessions.delete(document);
  }

  /** Journals have changed on the disk: another window, git. */
  async refresh(): Promise<void> {
    for (const { journal, ready } of this.#journals.values()) {
      await ready;
      if (await journal.refresh()) await this.#refreshed(journal);
    }
  }

  /**
   * A file or a folder has another name now, and what was decided there goes with it, within its workspace folder.
   * @param from absolute path, as `to`
   */
  async renamed(from: string, to: string, annotator: string): Promise<void> {
    const { folderOf, trusted } = this.#options;
    const folder = folderOf(from);
    if (!trusted() || folder !== folderOf(to)) return;
    const journal = await this.journalOf(folder);
    const names = { from: nameWithin(folder, from), to: nameWithin(folder, to) };
    // What is said of a file in whose place it comes ends there.
    const isKnown = (name: string) => journal.files().some((file) => file === name || file.startsWith(`${name}/`));
    if (!isKnown(names.from) && !isKnown(names.to)) return;
    try {
      await journal.append(annotator, [{ action: 'renamed', ...names }]);
      await this.#refreshed(journal);
    } catch (error) {
      this.#options.report(messageOf(error));
    }
  }

  /**
   * A file that nothing is known of, with the content of one that is gone, was renamed outside of the editor: what was decided
   * there is about it now. Where several are gone nobody can tell which it was; one that is still open in a tab may come back.
   */
  async #takeOver(document: OpenDocument): Promise<void> {
    const { uri, path, settings } = document;
    const { folderOf, trusted } = this.#options;
    if (!uri.startsWith('file:') || !trusted()) return;
    const folder = folderOf(path);
    const journal = await this.journalOf(folder);
    const file = nameWithin(folder, path);
    if (journal.has(file)) return;
    const gone: string[] = [];
    const open = new Set(Array.from(this.#options.documents.all(), (other) => other.path));
    for (const name of journal.filesWith(this.#restore.contentOf(document))) {
      const former = join(folder, name);
      if (!open.has(former) && !(await disk.exists(former))) gone.push(name);
    }
    const isUnknown = !journal.has(file) && !journal.waiting().some((line) => 'file' in line && line.file === file);
    if (gone.length === 1 && isUnknown)
      await this.renamed(join(folder, gone[0]!), path, settings.annotator || systemUser());
  }

  /** Writes down what was typed; for the end of the server. */
  async flush(): Promise<void> {
    for (const session of this.#sessions.values()) await session.flush();
    await Promise.all(Array.from(this.#journals.values(), ({ journal }) => journal.settled()));
  }

  async #refreshed(journal: Journal): Promise<void> {
    for (const session of this.#sessions.values()) if (session.journal.journal === journal) await session.refreshed();
    this.#options.refreshed();
  }

  async #start(document: OpenDocument): Promise<JournalSession | undefined> {
    if (!document.uri.startsWith('file:')) return undefined;
    const { path } = document;
    const folder = this.#options.folderOf(path);
    const journal = await this.journalOf(folder);
    const known = this.#sessions.get(document);
    if (known !== undefined) return known;
    const place = { journal, file: nameWithin(folder, path), typedInto: this.#typedInto(document) };
    const session = new JournalSession(document, place, { ...this.#options, restore: this.#restore });
    this.#opening.delete(document);
    if (this.#options.documents.get(document.uri) === document) this.#sessions.set(document, session);
    return session;
  }

  /** The sentences as they were opened, where somebody has typed since; not in raw text, whose labels were read later. */
  #typedInto(document: OpenDocument): readonly Sentence[] | undefined {
    const opened = this.#opening.get(document);
    if (opened === undefined || opened.version === document.version || isAnnotated(document.text)) return undefined;
    // The settings, which come later, may name another format.
    return opened.format === document.text.format ? opened.sentences : undefined;
  }

  #requireTrust(): void {
    if (this.#options.trusted()) return;
    throw new Error(
      'labels are written down in .crosstag/journal, in trusted workspaces only; trust this one to label',
    );
  }

  #problem({ message }: InputError): void {
    this.#options.log.warn(message);
    this.#options.report(message);
  }
}
