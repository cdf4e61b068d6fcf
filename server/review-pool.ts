// Keeps the pool of the review queue: the files of the project, as the editor has them where they are open there, else as
// the disk has them. In a folder without a project, what is open.

import { pathToFileURL } from 'node:url';
import { type PoolSentence, readFile, readOpen, unlessEmpty } from './learning/pool.ts';
import type { ReviewQueue } from './learning/queue.ts';
import { messageOf } from './text/error-message.ts';
import { firstWhere } from './text/first-where.ts';
import { annotationFileOf, decodeText, isAnnotated } from './text/index.ts';
import type { Documents, OpenDocument, SentenceEdit } from './workspace/documents.ts';
import { type Clock, Debounce, type Files, type Logger } from './workspace/host.ts';
import type { DocumentJournal } from './workspace/journal/index.ts';
import { languageIdOf } from './workspace/language-ids.ts';
import type { Settings } from './workspace/settings.ts';

/** Milliseconds without an edit before a document is read anew. */
const PAUSE = 500;

/** A journal, and what it calls a file. */
export type FileJournal = Pick<DocumentJournal, 'journal' | 'file'>;

export interface ReviewPoolOptions {
  readonly queue: ReviewQueue;
  /** Share of the sentences of a file that is kept for measuring. */
  readonly holdoutOf: (uri: string) => number;
  readonly documents: Documents;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: (uri: string) => Promise<Settings>;
  /** The workspace folder that a file belongs to. */
  readonly folderOf: (path: string) => string;
  /** A document that is not open, with the annotations beside it and what the journal says of it. */
  readonly documentFromDisk: (path: string) => Promise<OpenDocument>;
  /** Sentences were read: there may be more to ask for, and to measure. */
  readonly changed: () => void;
  /** The journal that speaks of a file; undefined: none does. */
  readonly journalOf: (uri: string) => Promise<FileJournal | undefined>;
}

export class ReviewPool {
  readonly #options: ReviewPoolOptions;
  /** Path by URI. */
  #listed: ReadonlyMap<string, string> = new Map();
  /** Workspace folders with a project that lists files; in the others every open document counts. */
  #withProject: ReadonlySet<string> = new Set();
  /** A document of each file that is not open, for its task and format. */
  readonly #samples = new Map<string, OpenDocument>();
  readonly #waiting = new Set<string>();
  #reading: Promise<void> | undefined;
  readonly #later: Debounce;
  readonly #edited = new Set<string>();
  #isClosed = false;

  constructor(options: ReviewPoolOptions) {
    this.#options = options;
    this.#later = new Debounce(options.clock, PAUSE, () => {
      for (const uri of this.#edited) this.#waiting.add(uri);
      this.#edited.clear();
      void this.read();
    });
  }

  /** False while files wait to be read. */
  get isComplete(): boolean {
    return this.#reading === undefined && this.#edited.size === 0;
  }

  /**
   * @param paths of the files that projects list; the editor must take them for ours
   * @param folders the workspace folders of these projects
   */
  list(paths: readonly string[], folders: readonly string[]): void {
    const ours = paths.filter((path) => languageIdOf(path) !== undefined);
    this.#listed = new Map(ours.map((path) => [pathToFileURL(path).href, path]));
    this.#withProject = new Set(folders);
    const known = new Set(this.#options.queue.files);
    for (const uri of known) if (!this.#isOurs(uri)) this.#forget(uri);
    const open = Array.from(this.#options.documents.all(), ({ uri }) => uri).filter((uri) => this.#isOurs(uri));
    for (const uri of [...this.#listed.keys(), ...open]) if (!known.has(uri)) this.#waiting.add(uri);
  }

  /** Reads the files that wait. Resolves when there are none. */
  read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The document of a file: the open one, or one that has its format and task. */
  documentOf(uri: string): OpenDocument | undefined {
    return this.#options.documents.get(uri) ?? this.#samples.get(uri);
  }

  /** A document was closed: until its file is read, its sentences are those of the document. */
  closed(document: OpenDocument): void {
    if (this.#isOurs(document.uri)) this.#samples.set(document.uri, document);
  }

  /** A document was opened or replaced, its journal is settled after it was closed, or a file was changed on the disk. */
  changed(uri: string): void {
    if (!this.#isOurs(uri)) return;
    this.#edited.add(uri);
    this.#later.call();
  }

  /** The labels beside a text have changed; where that is open, its document hears of it. */
  annotated(file: string): void {
    for (const uri of this.#listed.keys()) {
      if (annotationFileOf(uri) === file && this.#options.documents.get(uri) === undefined) this.changed(uri);
    }
  }

  /** Journals say something new, or something else: of open files their documents hear, the others are gone through here. */
  async refreshed(): Promise<void> {
    const { queue, documents, journalOf } = this.#options;
    for (const uri of [...queue.files]) {
      const journal = await journalOf(uri);
      if (documents.get(uri) !== undefined) continue;
      const sentences = queue.sentencesOf(uri);
      const isSpokenOf = journal?.journal.has(journal.file) === true || sentences.some(({ human }) => human);
      for (const sentence of isSpokenOf ? sentences : []) know(sentence, journal);
      // There it is the journal that has each `O`.
      const sample = this.#samples.get(uri);
      if (isSpokenOf && sample !== undefined && isAnnotated(sample.text)) this.changed(uri);
    }
    queue.touch();
  }

  /** A document was edited: labels alone are taken over at once. */
  edited(document: OpenDocument, { first, removed, inserted }: SentenceEdit): void {
    const { uri } = document;
    const isAlike = removed === inserted && this.#relabelled(document, first, first + inserted);
    if (!isAlike) this.changed(uri);
  }

  /** The journal says something else of the sentences of a document, whose text is as it was. */
  decided(document: OpenDocument): void {
    const { queue } = this.#options;
    for (const sentence of queue.sentencesOf(document.uri)) know(sentence, document.journal);
    queue.touch();
    // There it is the journal that has each `O`.
    if (isAnnotated(document.text)) this.changed(document.uri);
  }

  dispose(): void {
    this.#isClosed = true;
    this.#later.cancel();
  }

  #isOurs(uri: string): boolean {
    if (this.#listed.has(uri)) return true;
    const { documents, folderOf } = this.#options;
    const document = documents.get(uri);
    return document !== undefined && !this.#withProject.has(folderOf(document.path));
  }

  #forget(uri: string): void {
    this.#options.queue.drop(uri);
    this.#samples.delete(uri);
  }

  async #readAll(): Promise<void> {
    while (!this.#isClosed) {
      const [uri] = this.#waiting;
      if (uri === undefined) return;
      this.#waiting.delete(uri);
      try {
        await this.#readOne(uri);
      } catch (error) {
        // A file that cannot be read is shown as such when it is opened; the others are labelled meanwhile.
        this.#options.log.warn(messageOf(error));
        this.#forget(uri);
      }
      this.#options.changed();
    }
  }

  async #readOne(uri: string): Promise<void> {
    const { queue, holdoutOf, documents, journalOf } = this.#options;
    // First, since labels may come while it is read; what the document said before that would be put over them.
    const journal = await journalOf(uri);
    const document = documents.get(uri);
    const sentences =
      document === undefined ? await this.#readDisk(uri, journal) : await readOpen(document, holdoutOf(uri));
    if (sentences === undefined) {
      if (documents.get(uri) !== undefined) this.changed(uri);
      else this.#forget(uri);
      return;
    }
    // The document's own is that of its folder as it was opened, wherever that belongs by now.
    for (const sentence of sentences) know(sentence, document?.journal ?? journal);
    queue.put(uri, sentences);
  }

  async #readDisk(uri: string, journal: FileJournal | undefined): Promise<PoolSentence[] | undefined> {
    const { files, settings, holdoutOf, documentFromDisk } = this.#options;
    const holdout = holdoutOf(uri);
    const path = this.#listed.get(uri);
    const languageId = path && languageIdOf(path);
    const bytes = path && (await files.read(path));
    if (!path || !bytes || !languageId) return undefined;
    // Labels of running text stand beside it and in the journal: what people have decided there is read with them.
    if (languageId === 'plaintext' && journal?.journal.has(journal.file)) {
      const document = await documentFromDisk(path);
      this.#samples.set(uri, document);
      return readOpen(document, holdout);
    }
    const text = decodeText(Buffer.from(bytes), path);
    const { sentences, sample } = await readFile({ uri, languageId, text }, await settings(uri), holdout);
    this.#samples.set(uri, sample);
    return sentences;
  }

  /** @returns whether all that has changed in sentences [first, end) are labels */
  #relabelled(document: OpenDocument, first: number, end: number): boolean {
    const { queue } = this.#options;
    const sentences = queue.sentencesOf(document.uri);
    let at = firstWhere(sentences, ({ near }) => near >= first);
    for (let index = first; index < end; index++) {
      const { tokens } = document.text.sentences[index]!;
      if (tokens.length === 0) continue;
      const known = sentences[at++];
      if (known?.near !== index || known.tokens !== tokens.length) return false;
      if (known.words.some((word, t) => word !== tokens[t]!.form)) return false;
      known.tags = unlessEmpty(document.tagsOf(index));
      know(known, document.journal);
    }
    queue.touch();
    return true;
  }
}

/** Takes over what the journal says of a sentence, which may be less than it said before. */
function know(sentence: PoolSentence, source: FileJournal | undefined): void {
  if (source === undefined) return;
  const { journal, file } = source;
  const { hash, nth } = sentence;
  const decisions = journal.has(file, hash) ? journal.sentence({ file, sentence: hash, nth }) : undefined;
  sentence.reviewed = decisions?.reviewed !== undefined;
  sentence.human = sentence.reviewed || decisions?.tokens.some((one) => one?.tag !== undefined) === true;
  const times = [decisions?.reviewed, ...(decisions?.tokens ?? []).map((one) => one?.entry)].map(
    (line) => line?.at ?? '',
  );
  sentence.decided = times.reduce((latest, at) => (at > latest ? at : latest), '');
}
