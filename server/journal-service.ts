// Every change of labels goes through here: its journal line is on the disk before the edit is handed out, and what people
// type into the file themselves is written down after the fact.

import { dirname, join, sep } from 'node:path';
import { tagEdit, textEdit } from './features/edits.ts';
import { type Carried, carriedDrafts, placeOf, typedDrafts } from './journal-drafts.ts';
import { JournalRestore } from './journal-restore.ts';
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
import type { Documents, OpenDocument } from './workspace/documents.ts';
import { nameWithin } from './workspace/file-name.ts';
import { type Clock, Debounce, type Logger } from './workspace/host.ts';
import {
  DocumentJournal,
  type DraftOptions,
  type EntryDraft,
  type Exchange,
  exchangeAmong,
  exchangeOf,
  isAfter,
  isLabelEntry,
  Journal,
  type JournalEntry,
  type LabelAction,
  type LabelChange,
  type LabelEntry,
  LabelWatch,
  labelDraft,
  type Rewording,
  type StructureEntry,
  systemUser,
} from './workspace/journal/index.ts';

/** Milliseconds without a change before labels that were typed are written down. */
const PAUSE = 800;

/** Milliseconds between a file that is on the disk and hearing that it was saved; and for a document that changes its language. */
const GRACE = 500;

/** Milliseconds after which an edit that has not come was not wanted. */
const PATIENCE = 10_000;

type Tags = readonly (string | undefined)[];

export interface JournalServiceOptions {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly log: Logger;
  /** Paths of the workspace folders. */
  readonly folders: () => readonly string[];
  readonly trusted: () => boolean;
  /** Lets the editor apply an edit that the server wants. @returns whether it did */
  readonly apply: (label: string, edit: JournalledEdit) => Promise<boolean>;
  /** Whether the annotation file beside a raw text is open in the editor. */
  readonly hasOpenAnnotations: (document: OpenDocument) => boolean;
  /** What is shown of a document has changed, though its text has not. */
  readonly changed: (document: OpenDocument) => void;
  /** Somebody has labelled: these lines are written. */
  readonly labelled: (document: OpenDocument, entries: readonly LabelEntry[]) => void;
  /** Something that the user should hear of once. */
  readonly report: (message: string) => void;
}

interface AsOpened extends Pick<TextDocument, 'format' | 'sentences'> {
  readonly version: number;
}

interface Session {
  readonly journal: DocumentJournal;
  readonly watch: LabelWatch;
  readonly typed: Debounce;
  /** Whether the newest mark is of the file as it is on the disk. */
  isMarked: boolean;
  /** What others have written was not compared with the document yet. */
  isStale: boolean;
  /** What becomes of words that the editor is about to split or to join. */
  carry: Carry | undefined;
  /** What was made of sentences by splitting and joining their words: undo and redo exchange the two. */
  readonly exchanges: Exchange[];
  /** The editor is giving back what a crash has left unsaved. */
  isRestoring: boolean;
  /** Lines about words that could not be written. */
  readonly unwritten: EntryDraft[];
  /** When its file was last written, as far as that is known. */
  written: string;
  /** How often it was saved, and how many of these saves were looked at. */
  saves: number;
  savesSeen: number;
  /** Work on the journal of one document is done one after the other. */
  turn: Promise<unknown>;
}

/** Words that are split or joined: sentences [first, end) become others with these tags. */
export interface Restructuring {
  readonly edits: readonly TextEdit[];
  readonly first: number;
  readonly end: number;
  readonly tags: readonly Tags[];
}

interface Carry extends Carried, Exchange {
  /** Id of the line. */
  readonly id: string;
  /** Of the document before. */
  readonly version: number;
}

export interface JournalledOptions extends Pick<DraftOptions, 'group'> {
  /** Sentences whose lines are written even where no tag changes, with the tokens that they speak of. */
  readonly always?: ReadonlyMap<number, DraftOptions['tokens']>;
}

export class JournalService {
  readonly #options: JournalServiceOptions;
  readonly #journals = new Map<string, { journal: Journal; ready: Promise<unknown> }>();
  readonly #sessions = new Map<OpenDocument, Session>();
  /** Documents as they were when they were opened, until their journal is read. */
  readonly #opening = new Map<OpenDocument, AsOpened>();
  /** By URI: what is still to be written about a document that was closed. */
  readonly #closing = new Map<string, Promise<unknown>>();
  readonly #restore: JournalRestore;

  constructor(options: JournalServiceOptions) {
    this.#options = options;
    this.#restore = new JournalRestore(options);
  }

  /** Whose labels are written down for this document. */
  annotatorOf({ settings }: OpenDocument): string {
    return settings.annotator || systemUser();
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
    const session = await this.#start(document);
    if (session === undefined) return;
    await this.#inTurn(document, async () => {
      await this.#closing.get(document.uri);
      session.written = await this.#restore.writtenAt(document);
      const { isMarked } = await this.#restore.opened(document, session.journal, this.annotatorOf(document), {
        settle: () => this.#writeTyped(document, session).catch((error) => this.#options.report(messageOf(error))),
        apply: (edit) => {
          session.isRestoring = true;
          return this.#options.apply('Give back labels', edit).finally(() => {
            session.isRestoring = false;
          });
        },
      });
      session.isMarked = isMarked;
      await this.#compare(document, session);
    });
  }

  /** The text or the annotations of a document have changed. */
  edited(document: OpenDocument): void {
    const session = this.#sessions.get(document);
    if (session === undefined) return;
    const rewording = session.watch.changed();
    session.typed.call();
    const carry = session.carry?.version === document.version ? undefined : session.carry;
    if (carry !== undefined) session.carry = undefined;
    if (rewording !== undefined && this.#options.trusted()) this.#reworded(document, session, rewording, carry);
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
    const entries = await this.#writeAfter(typed, document, session, drafts);
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
    const entries = await this.#writeAfter(session.watch.takeOf(new Set(sentences)), document, session, [draft]);
    session.carry = { id: entries[0]!.id, first, tags, version, isHuman, isReviewed, ...exchange };
    session.exchanges.push(exchange);
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
    const saved = this.#sessions.get(document);
    if (saved === undefined) return;
    saved.saves++;
    // As it was saved: labels go on coming while this waits for its turn.
    const content = this.#restore.contentOf(document);
    const { journal, file } = saved.journal;
    const { time } = journal;
    const structure = saved.carry === undefined ? [] : [saved.carry.id];
    const onTheWay = new Set([...journal.waiting().map(({ id }) => id), ...saved.watch.onTheWay, ...structure]);
    const taken = this.#options.trusted() ? saved.watch.take(PATIENCE) : { changes: [], lost: [] };
    await this.#inTurn(document, async (session) => {
      session.savesSeen++;
      const typed = new Set(await this.#writeTyped(document, session, taken));
      session.written = await this.#restore.writtenAt(document);
      const isWhole = content === (await this.#restore.contentOnDisk(document));
      // Its labels wait in another file, or it was saved once more: the next save will do.
      if (!isWhole || !journal.has(file) || !this.#options.trusted()) return;
      const annotator = this.annotatorOf(document);
      const mark = journal.mark(file, annotator);
      const newer = journal.entries().some((entry) => 'file' in entry && entry.file === file && isAfter(entry, mark));
      const isLater = (entry: JournalEntry) =>
        isOfMark(entry, file, annotator) && !typed.has(entry.id) && (entry.at > time || onTheWay.has(entry.id));
      if (mark?.content !== content || newer) {
        await journal.append(annotator, () => {
          const except = [...journal.entries(), ...journal.waiting()].filter(isLater).map(({ id }) => id);
          return [{ action: 'saved', file, content, ...(except.length > 0 && { except }) }];
        });
      }
      session.isMarked = true;
      if (session.isStale) await this.#compare(document, session);
    });
  }

  /** A document was closed; labels that were not saved with it were not wanted. */
  async closed(document: OpenDocument): Promise<void> {
    this.#opening.delete(document);
    const session = this.#sessions.get(document);
    if (session === undefined) return;
    session.typed.cancel();
    const { turn } = session;
    this.#closing.set(document.uri, turn);
    void turn.then(() => this.#closing.get(document.uri) === turn && this.#closing.delete(document.uri));
    const until = new Date().toISOString();
    await this.#inTurn(document, async ({ journal: { journal, file } }) => {
      await this.#wait(GRACE);
      if (this.#options.documents.get(document.uri) !== undefined) return;
      if (isAnnotated(document.text) && this.#options.hasOpenAnnotations(document)) return;
      const annotator = this.annotatorOf(document);
      const mark = journal.mark(file, annotator);
      if (mark === undefined || mark.content !== (await this.#restore.contentOnDisk(document))) return;
      const unsaved = journal.entries().filter((entry) => {
        if (!isOfMark(entry, file, annotator) || !isAfter(entry, mark) || entry.at > until) return false;
        if (entry.action === 'structure') return true;
        // What only the journal says is not lost with the text.
        return isAnnotated(document.text)
          ? entry.old !== undefined || entry.new !== undefined
          : entry.before.some((tag, i) => tag !== entry.after[i]);
      });
      if (unsaved.length > 0)
        await journal.append(annotator, [{ action: 'dropped', ids: unsaved.map(({ id }) => id) }]);
    });
    this.#sessions.delete(document);
  }

  /** Journals have changed on the disk: another window, git. */
  async refresh(): Promise<void> {
    for (const { journal, ready } of this.#journals.values()) {
      await ready;
      if (!(await journal.refresh())) continue;
      for (const [document, session] of this.#sessions) {
        if (session.journal.journal !== journal) continue;
        await this.#inTurn(document, () => this.#compare(document, session));
      }
    }
  }

  /** Writes down what was typed; for the end of the server. */
  async flush(): Promise<void> {
    for (const [document, session] of this.#sessions) {
      session.typed.cancel();
      await this.#inTurn(document, async () => void (await this.#writeTyped(document, session)));
    }
    await Promise.all(Array.from(this.#journals.values(), ({ journal }) => journal.settled()));
  }

  async #start(document: OpenDocument): Promise<Session | undefined> {
    if (!document.uri.startsWith('file:')) return undefined;
    const { path } = document;
    const folder = this.#options.folders().find((one) => path.startsWith(join(one, sep))) ?? dirname(path);
    const journal = await this.journalOf(folder);
    let session = this.#sessions.get(document);
    if (session === undefined) {
      const file = nameWithin(folder, path);
      document.journal = new DocumentJournal(document, journal, file);
      const typedInto = this.#typedInto(document);
      session = {
        journal: document.journal,
        watch: new LabelWatch(document, document.journal, typedInto ?? document.text.sentences),
        typed: new Debounce(this.#options.clock, PAUSE, () => void this.#typed(document)),
        isMarked: false,
        isStale: false,
        written: '',
        carry: undefined,
        exchanges: journal
          .entries()
          .filter(isStructure)
          .filter((entry) => entry.file === file),
        isRestoring: false,
        unwritten: [],
        saves: 0,
        savesSeen: 0,
        turn: Promise.resolve(),
      };
      this.#opening.delete(document);
      if (this.#options.documents.get(document.uri) === document) this.#sessions.set(document, session);
      if (typedInto !== undefined) session.typed.call();
    }
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

  async #compare(document: OpenDocument, session: Session): Promise<void> {
    const isWaiting = () => session.saves !== session.savesSeen || session.watch.mayHaveChanged;
    session.isStale = await this.#restore.compare(document, session.journal, this.annotatorOf(document), isWaiting);
    this.#options.changed(document);
  }

  /** The first line about a file is preceded by what the file was. */
  async #write(document: OpenDocument, session: Session, drafts: readonly EntryDraft[]): Promise<JournalEntry[]> {
    const { journal, file } = session.journal;
    const annotator = this.annotatorOf(document);
    const opened: EntryDraft[] = [];
    if (!session.isMarked) {
      const content = await this.#restore.contentOnDisk(document);
      const isKnown = content === undefined || content === journal.mark(file, annotator)?.content;
      if (!isKnown) opened.push({ action: 'opened', file, content });
    }
    const late = session.unwritten.splice(0);
    const entries = await journal.append(annotator, [...opened, ...late, ...drafts]).catch((error) => {
      session.unwritten.unshift(...late);
      throw error;
    });
    session.isMarked = true;
    const labels = entries.filter(isLabelEntry);
    if (labels.length > 0) this.#options.labelled(document, labels);
    return entries.slice(opened.length + late.length);
  }

  #inTurn(document: OpenDocument, work: (session: Session) => Promise<void>): Promise<void> {
    const session = this.#sessions.get(document);
    if (session === undefined) return Promise.resolve();
    const turn = session.turn.then(() => work(session));
    session.turn = turn.catch((error) => this.#options.report(messageOf(error)));
    return session.turn as Promise<void>;
  }

  #typed(document: OpenDocument): Promise<void> {
    return this.#inTurn(document, async (session) => {
      if (!this.#sessions.has(document) || !session.watch.mayHaveChanged) return;
      // The editor has read the file anew: another program wrote it, or git did. Its labels are nobody's here.
      if (await this.#isReloaded(document, session)) {
        session.watch.reset();
        session.isMarked = false;
        await this.#compare(document, session);
      } else await this.#writeTyped(document, session);
    });
  }

  /** @returns the ids of its lines */
  async #writeTyped(
    document: OpenDocument,
    session: Session,
    { changes, lost } = session.watch.take(PATIENCE),
  ): Promise<string[]> {
    if (!this.#options.trusted()) return [];
    const { journal } = session.journal;
    const drafts = typedDrafts(document, session.journal, changes);
    if (lost.length > 0) drafts.unshift({ action: 'dropped', ids: lost });
    if (drafts.length + session.unwritten.length === 0) return [];
    try {
      const entries =
        lost.length > 0
          ? await journal.append(this.annotatorOf(document), drafts)
          : await this.#write(document, session, drafts);
      this.#options.changed(document);
      return entries.map(({ id }) => id);
    } catch (error) {
      session.watch.putBack(changes);
      throw error;
    }
  }

  /** The lines of an action, after those of what was typed in the same sentences just before. @returns the first ones */
  async #writeAfter(
    changes: readonly LabelChange[],
    document: OpenDocument,
    session: Session,
    drafts: readonly EntryDraft[],
  ): Promise<JournalEntry[]> {
    const typed = typedDrafts(document, session.journal, changes);
    if (typed.length + drafts.length === 0) return [];
    try {
      return (await this.#write(document, session, [...typed, ...drafts])).slice(typed.length);
    } catch (error) {
      session.watch.putBack(changes);
      throw error;
    }
  }

  /**
   * Sentences have other words: somebody has typed into them, or they were split or joined, by a command, by undo or redo.
   * What is to say of it is written at once, before what comes next.
   */
  #reworded(document: OpenDocument, session: Session, rewording: Rewording, carry: Carry | undefined): void {
    const { before, first, gone, come } = rewording;
    const { watch, journal } = session;
    const now = document.text.sentences;
    const drafts = typedDrafts(document, journal, watch.takeGone(rewording));
    const exchange = session.isRestoring ? exchangeOf(before, now) : exchangeAmong(session.exchanges, before, now);
    if (exchange !== undefined) {
      const { source, text, first: at } = exchange;
      const isCarried = carry?.source === source && carry.text === text;
      if (session.isRestoring) session.exchanges.push({ source, text });
      else if (!isCarried) {
        const { file, ...place } = at < first ? journal.address(at) : journal.addressOfGone(gone, at - first, first);
        drafts.push({ action: 'structure', file, ...place, source, text });
      }
      // What is typed into them from now on did not come with them.
      drafts.push(...typedDrafts(document, journal, watch.takeOf(new Set(come.map((_, i) => first + i)))));
      if (isCarried) drafts.push(...carriedDrafts(document, journal, carry));
    }
    if (drafts.length === 0) return;
    const writing = this.#write(document, session, drafts).then(
      () => this.#options.changed(document),
      (error) => {
        session.unwritten.push(...drafts);
        this.#options.report(messageOf(error));
      },
    );
    void this.#inTurn(document, () => writing);
  }

  /** Whether the text is that of the disk, and nobody has saved it here. */
  async #isReloaded(document: OpenDocument, session: Session): Promise<boolean> {
    const { journal, file } = session.journal;
    const written = await this.#restore.writtenAt(document);
    if (written === session.written) return false;
    session.written = written;
    const content = await this.#restore.contentOnDisk(document);
    const isOnDisk = content !== undefined && content === this.#restore.contentOf(document);
    if (!isOnDisk || content === journal.mark(file, this.annotatorOf(document))?.content) return false;
    // The news of a save comes after the save, and may wait for this turn to end.
    await this.#wait(GRACE);
    return this.#sessions.get(document)?.saves === session.savesSeen && session.watch.mayHaveChanged;
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(milliseconds, resolve));
  }

  #problem({ message }: InputError): void {
    this.#options.log.warn(message);
    this.#options.report(message);
  }
}

function isStructure(entry: JournalEntry): entry is StructureEntry {
  return entry.action === 'structure';
}

/** Whether marks of an annotator on a file speak of a line: it is lost with the text that was not saved. */
function isOfMark(entry: JournalEntry, file: string, annotator: string): entry is LabelEntry | StructureEntry {
  return (isLabelEntry(entry) || isStructure(entry)) && entry.file === file && entry.by === annotator;
}
