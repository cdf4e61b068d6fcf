// The journal of one open document: its lines come in the order of what happened, those of an action after what was typed before.
import { type Carried, carriedDrafts, typedDrafts } from './journal-drafts.ts';
import type { JournalRestore } from './journal-restore.ts';
import { JournalShifts } from './journal-shifts.ts';
import type { JournalledEdit } from './protocol.ts';
import { messageOf } from './text/error-message.ts';
import { isAnnotated, type Sentence } from './text/index.ts';
import { disk } from './workspace/disk.ts';
import type { OpenDocument } from './workspace/documents.ts';
import { type Clock, Debounce } from './workspace/host.ts';
import {
  DocumentJournal,
  type EntryDraft,
  type Exchange,
  exchangeAmong,
  exchangeOf,
  isAfter,
  isLabelEntry,
  type Journal,
  type JournalEntry,
  type LabelChange,
  type LabelEntry,
  LabelWatch,
  type Rewording,
  type StructureEntry,
  systemUser,
} from './workspace/journal/index.ts';
import type { Settings } from './workspace/settings.ts';

/** Milliseconds without a change before labels that were typed are written down. */
const PAUSE = 800;

/** Milliseconds between a file that is on the disk and hearing that it was saved; and for a document that changes its language. */
const GRACE = 500;

/** Milliseconds after which an edit that has not come was not wanted. */
const PATIENCE = 10_000;

export interface SessionPlace {
  readonly journal: Journal;
  /** Path in the workspace folder, with `/`. */
  readonly file: string;
  /** The sentences as they were opened, where somebody has typed since. */
  readonly typedInto: readonly Sentence[] | undefined;
}

export interface SessionOptions {
  readonly restore: JournalRestore;
  readonly clock: Clock;
  readonly trusted: () => boolean;
  /** Lets the editor apply an edit that the server wants. @returns whether it did */
  readonly apply: (label: string, edit: JournalledEdit) => Promise<boolean>;
  /** What is shown of a document has changed, though its text has not. */
  readonly changed: (document: OpenDocument) => void;
  /** Somebody has labelled: these lines are written. */
  readonly labelled: (document: OpenDocument, entries: readonly LabelEntry[]) => void;
  /** Something that the user should hear of once. */
  readonly report: (message: string) => void;
}

/** Words that are split or joined by an edit which the client is to apply, and what becomes of their labels. */
export interface Carry extends Carried, Exchange {
  /** Id of the line. */
  readonly id: string;
  /** Of the document before. */
  readonly version: number;
}

export class JournalSession {
  readonly document: OpenDocument;
  readonly journal: DocumentJournal;
  readonly watch: LabelWatch;
  readonly #options: SessionOptions;
  readonly #restore: JournalRestore;
  readonly #typing: Debounce;
  /** Whether the newest mark is of the file as it is on the disk. */
  #isMarked = false;
  /** What others have written was not compared with the document yet. */
  #isStale = false;
  /** What becomes of words that the editor is about to split or to join. */
  #carry: Carry | undefined;
  /** What was made of sentences by splitting and joining their words: undo and redo exchange the two. */
  readonly #exchanges: Exchange[];
  readonly #shifts: JournalShifts;
  /** The editor is giving back what a crash has left unsaved. */
  #isRestoring = false;
  /** Lines about words that could not be written. */
  #unwritten: readonly EntryDraft[] = [];
  /** When its file was last written, as far as that is known. */
  #written = '';
  /** How often it was saved, and how many of these saves were looked at. */
  #saves = 0;
  #savesSeen = 0;
  #isClosed = false;
  /** Work on the journal of one document is done one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(document: OpenDocument, { journal, file, typedInto }: SessionPlace, options: SessionOptions) {
    this.document = document;
    this.journal = new DocumentJournal(document, journal, file);
    document.journal = this.journal;
    this.#shifts = new JournalShifts(document, this.journal);
    this.watch = new LabelWatch(document, this.journal, typedInto ?? document.text.sentences);
    this.#options = options;
    this.#restore = options.restore;
    this.#typing = new Debounce(options.clock, PAUSE, () => void this.#typed());
    this.#exchanges = journal
      .entries()
      .filter(isStructure)
      .filter((entry) => entry.file === file);
    if (typedInto !== undefined) this.#typing.call();
  }

  /** Whose labels are written down. */
  get annotator(): string {
    return this.document.settings.annotator || systemUser();
  }

  /** Ends with what is being written about the document. */
  get settled(): Promise<unknown> {
    return this.#turn;
  }

  /**
   * The document hears what the journal says, and gets back what a crash has left unsaved.
   * @param before what is still to be written about it since it was open last
   */
  opened(before: () => Promise<unknown> | undefined, isOpen: () => boolean): Promise<void> {
    return this.#inTurn(async () => {
      await before();
      this.#written = await this.#restore.writtenAt(this.document);
      this.#isMarked = await this.#restore.opened(this.document, this.journal, this.annotator, {
        isOpen,
        settle: () =>
          this.#writeTyped().then(
            () => true,
            (error) => {
              this.#options.report(messageOf(error));
              return false;
            },
          ),
        apply: (edit) => {
          this.#isRestoring = true;
          return this.#options.apply('Give back labels', edit).finally(() => {
            this.#isRestoring = false;
          });
        },
      });
      await this.#compare();
    });
  }

  /** The text or the annotations have changed. */
  edited(): void {
    const rewording = this.watch.changed();
    this.#typing.call();
    const carry = this.#carry?.version === this.document.version ? undefined : this.#carry;
    if (carry !== undefined) this.#carry = undefined;
    if (rewording !== undefined && this.#options.trusted()) this.#reworded(rewording, carry);
  }

  /**
   * Gives the document its settings. What it says where it is parsed anew is nobody's typing; what was typed before is written
   * down first.
   */
  configured(settings: Settings): Promise<void> {
    const { document } = this;
    return this.#inTurn(async () => {
      if (!document.isParsedAnew(settings)) {
        document.configure(settings);
        return;
      }
      try {
        await this.#settle();
      } finally {
        document.configure(settings);
        this.watch.reset();
      }
      await this.#compare();
    });
  }

  /** Words will be split or joined by an edit whose line is written. */
  expectWords(carry: Carry): void {
    this.#carry = carry;
    this.#exchanges.push(carry);
  }

  /** The document was saved: what was typed into it is written down, and that the file holds it. */
  saved(): Promise<void> {
    this.#saves++;
    // As it was saved: labels go on coming while this waits for its turn.
    const content = this.#restore.contentOf(this.document);
    const { journal, file } = this.journal;
    const { time } = journal;
    const structure = this.#carry === undefined ? [] : [this.#carry.id];
    const onTheWay = new Set([...journal.waiting().map(({ id }) => id), ...this.watch.onTheWay, ...structure]);
    const taken = this.#options.trusted() ? this.watch.take(PATIENCE) : { changes: [], lost: [] };
    return this.#inTurn(async () => {
      this.#savesSeen++;
      const typed = new Set(await this.#writeTyped(taken));
      this.#written = await this.#restore.writtenAt(this.document);
      // Its labels wait in another file, or it was saved once more: the next save will do.
      if (!(await this.#heldOnDisk(content)) || !journal.has(file) || !this.#options.trusted()) return;
      const { annotator } = this;
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
      this.#isMarked = true;
      if (this.#isStale) await this.#compare();
    });
  }

  /**
   * The document was closed; labels that were not saved with it were not wanted.
   * @param isBack whether it is open again, or its labels are
   */
  async closed(isBack: () => boolean): Promise<void> {
    this.#typing.cancel();
    const until = new Date().toISOString();
    await this.#inTurn(async () => {
      await this.#wait(GRACE);
      if (!isBack()) await this.#dropUnsaved(until);
    });
    this.#isClosed = true;
  }

  /** Others have written into the journal. */
  refreshed(): Promise<void> {
    return this.#inTurn(() => this.#compare());
  }

  /** Writes down what was typed; for the end of the server. */
  flush(): Promise<void> {
    this.#typing.cancel();
    return this.#inTurn(async () => void (await this.#writeTyped()));
  }

  /**
   * The lines of an action, after those of what was typed in the same sentences just before.
   * @returns the lines of the action
   * @throws Error where they cannot be written: then none counts
   */
  async write(changes: readonly LabelChange[], drafts: readonly EntryDraft[]): Promise<JournalEntry[]> {
    const typed = typedDrafts(this.document, this.journal, changes);
    if (typed.length + drafts.length === 0) return [];
    try {
      return (await this.#append([...typed, ...drafts])).slice(typed.length);
    } catch (error) {
      this.watch.putBack(changes);
      throw error;
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const done = this.#turn.then(work).catch((error) => this.#options.report(messageOf(error)));
    this.#turn = done;
    return done;
  }

  async #compare(): Promise<void> {
    const isWaiting = () => this.#saves !== this.#savesSeen || this.watch.mayHaveChanged;
    this.#isStale = await this.#restore.compare(this.document, this.journal, this.annotator, isWaiting);
    this.#options.changed(this.document);
  }

  /** The first line about a file is preceded by what the file was. */
  async #append(drafts: readonly EntryDraft[]): Promise<JournalEntry[]> {
    const { journal, file } = this.journal;
    const opened: EntryDraft[] = [];
    if (!this.#isMarked) {
      const content = await this.#restore.contentOnDisk(this.document);
      const isKnown = content === undefined || content === journal.mark(file, this.annotator)?.content;
      if (!isKnown) opened.push({ action: 'opened', file, content });
    }
    const late = this.#unwritten;
    this.#unwritten = [];
    const entries = await journal.append(this.annotator, [...opened, ...late, ...drafts]).catch((error) => {
      this.#unwritten = [...late, ...this.#unwritten];
      throw error;
    });
    this.#isMarked = true;
    const labels = entries.filter(isLabelEntry);
    if (labels.length > 0) this.#options.labelled(this.document, labels);
    return entries.slice(opened.length + late.length);
  }

  #typed(): Promise<void> {
    return this.#inTurn(() => this.#settle());
  }

  /** What has changed is written down, where it is somebody's. */
  async #settle(): Promise<void> {
    if (!this.watch.mayHaveChanged) return;
    // The editor has read the file anew: another program wrote it, or git did. Its labels are nobody's here.
    if (await this.#isReloaded()) {
      this.watch.reset();
      this.#isMarked = false;
      await this.#compare();
    } else await this.#writeTyped();
  }

  /** @returns the ids of its lines */
  async #writeTyped({ changes, lost } = this.watch.take(PATIENCE)): Promise<string[]> {
    if (!this.#options.trusted()) return [];
    const drafts = typedDrafts(this.document, this.journal, changes);
    if (lost.length > 0) drafts.unshift({ action: 'dropped', ids: lost });
    if (drafts.length + this.#unwritten.length === 0) return [];
    try {
      const entries =
        lost.length > 0 ? await this.journal.journal.append(this.annotator, drafts) : await this.#append(drafts);
      this.#options.changed(this.document);
      return entries.map(({ id }) => id);
    } catch (error) {
      this.watch.putBack(changes);
      throw error;
    }
  }

  /**
   * Sentences have other words: somebody has typed into them, or they were split or joined, by a command, by undo or redo.
   * What is to say of it is written at once, before what comes next.
   */
  #reworded(rewording: Rewording, carry: Carry | undefined): void {
    const { before, first, gone, come } = rewording;
    const { document, watch, journal } = this;
    const now = document.text.sentences;
    let drafts = typedDrafts(document, journal, watch.takeGone(rewording));
    // What a crash has left unsaved comes back with the lines that were written then.
    const shifts = this.#isRestoring ? [] : this.#shifts.of(rewording, drafts);
    watch.shifted(shifts);
    const exchange = this.#isRestoring ? exchangeOf(before, now) : exchangeAmong(this.#exchanges, before, now);
    const isCarried = exchange !== undefined && carry?.source === exchange.source && carry.text === exchange.text;
    if (exchange !== undefined) {
      const { source, text, first: at } = exchange;
      if (this.#isRestoring) this.#exchanges.push({ source, text });
      else if (!isCarried) {
        const { file, ...place } = at < first ? journal.address(at) : journal.addressOfGone(gone, at - first, first);
        drafts.push({ action: 'structure', file, ...place, source, text });
      }
    }
    drafts = [...drafts, ...shifts.flatMap((shift) => shift.drafts)];
    if (exchange !== undefined) {
      // What is typed into them from now on did not come with them.
      const typed = typedDrafts(document, journal, watch.takeOf(new Set(come.map((_, i) => first + i))));
      drafts = [...drafts, ...typed, ...(isCarried ? carriedDrafts(document, journal, carry) : [])];
    }
    if (drafts.length === 0) return;
    const writing = this.#append(drafts).then(
      () => {
        this.#shifts.written(shifts);
        this.#options.changed(document);
      },
      (error) => {
        this.#unwritten = [...this.#unwritten, ...drafts];
        this.#options.report(messageOf(error));
      },
    );
    void this.#inTurn(() => writing);
  }

  /**
   * Whether the file holds what was saved; one that is gone by now, renamed, has held it. Not so for raw text: its labels are
   * saved on their own, and nobody knows whether they were.
   */
  async #heldOnDisk(content: string): Promise<boolean> {
    const { document } = this;
    const onDisk = await this.#restore.contentOnDisk(document);
    if (onDisk !== undefined || isAnnotated(document.text)) return onDisk === content;
    return !(await disk.exists(document.path).catch(() => true));
  }

  /** Whether the text is that of the disk, and nobody has saved it here. */
  async #isReloaded(): Promise<boolean> {
    const { document } = this;
    const { journal, file } = this.journal;
    const written = await this.#restore.writtenAt(document);
    if (written === this.#written) return false;
    this.#written = written;
    const content = await this.#restore.contentOnDisk(document);
    const isOnDisk = content !== undefined && content === this.#restore.contentOf(document);
    // What was saved last may come back from outside, too: then something else was read in between.
    const isSaved = this.#isMarked && content === journal.mark(file, this.annotator)?.content;
    if (!isOnDisk || isSaved) return false;
    // The news of a save comes after the save, and may wait for this turn to end.
    await this.#wait(GRACE);
    return this.#saves === this.#savesSeen && this.watch.mayHaveChanged;
  }

  /** @param until ISO 8601: later lines are of a session that comes after this one */
  async #dropUnsaved(until: string): Promise<void> {
    const { document, annotator } = this;
    const { journal, file } = this.journal;
    const mark = journal.mark(file, annotator);
    if (mark === undefined || mark.content !== (await this.#restore.contentOnDisk(document))) return;
    const unsaved = journal.entries().filter((entry) => {
      if (!isOfMark(entry, file, annotator) || !isAfter(entry, mark) || entry.at > until) return false;
      if (entry.action === 'structure' || entry.action === 'carried') return true;
      // What only the journal says is not lost with the text.
      return isAnnotated(document.text)
        ? entry.old !== undefined || entry.new !== undefined
        : entry.before.some((tag, i) => tag !== entry.after[i]);
    });
    if (unsaved.length > 0) await journal.append(annotator, [{ action: 'dropped', ids: unsaved.map(({ id }) => id) }]);
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(milliseconds, resolve));
  }
}

function isStructure(entry: JournalEntry): entry is StructureEntry {
  return entry.action === 'structure';
}

/** Whether marks of an annotator on a file speak of a line: it is lost with the text that was not saved. */
function isOfMark(entry: JournalEntry, file: string, annotator: string): entry is LabelEntry | StructureEntry {
  return (isLabelEntry(entry) || isStructure(entry)) && entry.file === file && entry.by === annotator;
}
