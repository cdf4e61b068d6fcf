// A document and the journal disagree: after a crash labels are given back, after changes from outside a person decides.
import { stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { tagEdit, textEdit } from './features/edits.ts';
import type { SessionOptions } from './journal-session.ts';
import type { JournalledEdit } from './protocol.ts';
import { contentHash, decodeText, isAnnotated, type Sentence, type TextEdit } from './text/index.ts';
import { disk } from './workspace/disk.ts';
import { type OpenDocument, pathOf } from './workspace/documents.ts';
import {
  type DocumentJournal,
  isAfter,
  isRunning,
  type JournalEntry,
  type LabelEntry,
  RUN,
  replay,
  type SentenceAddress,
  type SentenceDecisions,
  sameWords,
  sentenceHash,
} from './workspace/journal/index.ts';

/** Milliseconds of work at a time. */
const SLICE = 10;

/** How often labels are given back anew where somebody labels meanwhile. */
const TRIES = 20;

type Tags = readonly (string | undefined)[];

interface Known {
  readonly index: number;
  readonly address: SentenceAddress;
  readonly decisions: SentenceDecisions;
}

/** What giving labels back wants of the session of a document. */
export interface Restoring {
  /** Whether the document is still open. */
  readonly isOpen: () => boolean;
  /** Writes down what was typed meanwhile. @returns false where that fails */
  readonly settle: () => Promise<boolean>;
  /** Lets the editor apply an edit. @returns whether it did */
  readonly apply: (edit: JournalledEdit) => Promise<boolean>;
}

export class JournalRestore {
  readonly #options: Pick<SessionOptions, 'report' | 'trusted'>;
  /** What was reported already: a file and what it holds. */
  readonly #reported = new Set<string>();

  constructor(options: Pick<SessionOptions, 'report' | 'trusted'>) {
    this.#options = options;
  }

  /**
   * Labels that were written down and not saved, because the editor or the machine died, are given back by one edit. What
   * somebody has labelled since stays. It ends where the file is written meanwhile, by a save or from outside.
   * @returns whether the newest mark of the annotator is of the file as it is on the disk
   */
  async opened(
    document: OpenDocument,
    journal: DocumentJournal,
    annotator: string,
    editor: Restoring,
  ): Promise<boolean> {
    const mark = journal.journal.mark(journal.file, annotator);
    const isMine = (entry: JournalEntry) => entry.by === annotator && isAfter(entry, mark);
    for (let tries = 0; tries < TRIES; tries++) {
      if (mark === undefined || mark.content !== (await this.contentOnDisk(document))) return false;
      if (!this.#options.trusted() || (await this.#restored(document, journal, isMine, editor))) break;
    }
    return true;
  }

  /**
   * @param isMine lines of the annotator since the file was saved
   * @returns false where the document has changed meanwhile
   */
  async #restored(
    document: OpenDocument,
    journal: DocumentJournal,
    isMine: (entry: JournalEntry) => boolean,
    { isOpen, settle, apply }: Restoring,
  ): Promise<boolean> {
    if (!(await settle())) return true;
    const version = versionOf(document);
    const isUnsaved = (entry: JournalEntry) => isMine(entry) && !isRunning(entry);
    const wholeOf = () => restructured(document, journal, isUnsaved, (entry) => isMine(entry) && entry.run === RUN);
    if (wholeOf().length === 0) await dropCarried(journal, isUnsaved);
    const known = await this.#known(document, journal);
    if (!isOpen()) return true;
    if (versionOf(document) !== version) return false;
    const whole = wholeOf();
    const back = new Map(known.flatMap((one) => unsaved(document, journal, one, isUnsaved)));
    const where = back.size === 1 ? '1 sentence' : `${back.size} sentences`;
    const [edit, what] =
      whole.length > 0
        ? [textEdit(document, whole), 'the labels and the words']
        : [tagEdit(document, back), `the labels of ${where}`];
    if (edit.documentChanges?.length === 0) return true;
    if (await apply(edit)) {
      this.#options.report(
        `${journal.file}: ${what} had not been saved when the last session ended; they are back, and undo takes them out again`,
      );
      return true;
    }
    // An editor refuses what was meant for an older text.
    return versionOf(document) === version;
  }

  /**
   * Sentences whose labels are others in the journal are shown for somebody to decide; the file's stay until then. While
   * lines about the document wait to be written, or it waits to be saved or read anew, only what annotators disagree on is.
   * @param isWaiting whether there are such lines
   * @returns whether it was so
   */
  async compare(
    document: OpenDocument,
    journal: DocumentJournal,
    annotator: string,
    isWaiting: () => boolean,
  ): Promise<boolean> {
    const onDisk = await this.contentOnDisk(document);
    const known = journal.journal.has(journal.file) ? await this.#known(document, journal) : [];
    // From here on nothing comes in between.
    const content = this.contentOf(document);
    const isStale = isWaiting() || onDisk !== content;
    const mark = journal.journal.mark(journal.file, annotator);
    // On the way to this editor, or waiting to be saved in another window.
    const isPending = (entry: LabelEntry) => entry.by === annotator && isAfter(entry, mark) && isRunning(entry);
    const flagged = known.filter(
      (one) => one.decisions.conflicts.length > 0 || (!isStale && differs(document, journal, one, isPending)),
    );
    journal.flagged = flagged.map(({ index, address }) => ({ address, like: document.text.sentences[index]! }));
    const key = `${journal.file} ${flagged.length} ${content}`;
    if (flagged.length === 0 || this.#reported.has(key)) return isStale;
    this.#reported.add(key);
    const where = flagged.length === 1 ? '1 sentence' : `${flagged.length} sentences`;
    this.#options.report(
      `${journal.file}: the journal has other labels than the file for ${where} (annotators disagree, or the file was changed outside); the file's stay until you choose in the list of problems`,
    );
    return isStale;
  }

  /** What the editor shows, as marks name it. */
  contentOf(document: OpenDocument): string {
    const annotations = isAnnotated(document.text) ? (document.annotationFile.text ?? '') : '';
    return contentHash([plain(document.text.text), plain(annotations)]);
  }

  /** What the file on the disk holds; undefined where it cannot be read. */
  async contentOnDisk(document: OpenDocument): Promise<string | undefined> {
    const read = async (path: string) => {
      const bytes = await disk.read(path);
      return bytes && decodeText(Buffer.from(bytes), path);
    };
    try {
      const text = await read(document.path);
      const annotations = isAnnotated(document.text) ? await read(pathOf(document.annotationFile.uri)) : '';
      return text === undefined ? undefined : contentHash([plain(text), plain(annotations ?? '')]);
    } catch {
      // Whoever needs the file says what is wrong with it.
      return undefined;
    }
  }

  /** When the files of a document were last written: they are read again only where that has changed. */
  async writtenAt(document: OpenDocument): Promise<string> {
    const paths = [document.path, ...(isAnnotated(document.text) ? [pathOf(document.annotationFile.uri)] : [])];
    const times = paths.map((path) =>
      stat(path).then(
        ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
        () => '',
      ),
    );
    return (await Promise.all(times)).join(' ');
  }

  /** The sentences of the document that the journal knows. A little work at a time. */
  async #known(document: OpenDocument, { journal, file }: DocumentJournal): Promise<Known[]> {
    // Raw text is cut into words only where it must be.
    const mayBe = ({ source }: Sentence) => !isAnnotated(document.text) || journal.mayKnow(file, source.slice(0, 200));
    let pause = performance.now() + SLICE;
    for (let i = 0; i < document.text.sentences.length; i++) {
      if (mayBe(document.text.sentences[i]!)) sentenceHash(document.text.sentences[i]!);
      if (performance.now() < pause) continue;
      await turn();
      pause = performance.now() + SLICE;
    }
    // All hashes are known by now, but for sentences that were edited meanwhile.
    const places = new Map<string, number[]>();
    for (const [i, sentence] of document.text.sentences.entries()) {
      if (!mayBe(sentence)) continue;
      const hash = sentenceHash(sentence);
      if (!journal.has(file, hash)) continue;
      const same = places.get(hash);
      if (same === undefined) places.set(hash, [i]);
      else same.push(i);
    }
    return Array.from(journal.sentences(file)).flatMap(({ address, decisions }) => {
      const index = places.get(address.sentence)?.[address.nth];
      return index === undefined ? [] : [{ index, address, decisions }];
    });
  }
}

function versionOf({ version, annotationFile }: OpenDocument): string {
  return `${version} ${annotationFile.version}`;
}

/** An editor knows no byte order mark, and one kind of line ends. */
function plain(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
}

/** Where the words do not come back, no labels have followed them. */
async function dropCarried({ journal, file }: DocumentJournal, isUnsaved: (entry: JournalEntry) => boolean) {
  const lost = journal
    .entries()
    .filter((entry) => entry.action === 'carried' && entry.file === file && isUnsaved(entry));
  if (lost.length > 0) await journal.append(lost[0]!.by, [{ action: 'dropped', ids: lost.map(({ id }) => id) }]);
}

/** Edits that split and join words again, with all labels; none where the words are as somebody had left them. */
function restructured(
  document: OpenDocument,
  { journal, file }: DocumentJournal,
  isUnsaved: (entry: JournalEntry) => boolean,
  isOfNow: (entry: JournalEntry) => boolean,
): TextEdit[] {
  // The annotations of raw text move with edits of the text, which their own file does not hold.
  if (isAnnotated(document.text)) return [];
  const entries = journal.entries().filter((entry) => 'file' in entry && entry.file === file);
  const lost = entries.filter(isUnsaved);
  if (lost.every(({ action }) => action !== 'structure')) return [];
  const copy = document.copy();
  // What was labelled since comes after it once more.
  replay(new Map([[file, copy]]), [...lost, ...entries.filter(isOfNow)]);
  const now = document.text.sentences;
  // All of it was undone.
  if (copy.sentences.length === now.length && copy.sentences.every((one, i) => sameWords(one, now[i]!))) return [];
  return document.editsTo(copy.text);
}

/** The tags of a sentence with what was not saved; none where that changes nothing. */
function unsaved(
  document: OpenDocument,
  journal: DocumentJournal,
  { index, decisions }: Known,
  isUnsaved: (entry: JournalEntry) => boolean,
): [number, Tags][] {
  const tags = document.tagsOf(index);
  const back = tags.map((tag, token) => {
    const decision = decisions.tokens[token];
    if (decision === undefined || journal.holds(index, token, decision) || !isUnsaved(decision.entry)) return tag;
    const isDisputed = decisions.conflicts.some(({ start, end }) => start <= token && token < end);
    return isDisputed ? tag : decision.tag;
  });
  return back.some((tag, token) => tag !== tags[token]) ? [[index, back]] : [];
}

function differs(
  document: OpenDocument,
  journal: DocumentJournal,
  { index, decisions }: Known,
  isPending: (entry: LabelEntry) => boolean,
): boolean {
  return document.text.sentences[index]!.tokens.some((_, token) => {
    const decision = decisions.tokens[token];
    return decision !== undefined && !journal.holds(index, token, decision) && !isPending(decision.entry);
  });
}
