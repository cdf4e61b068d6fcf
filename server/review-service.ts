// The review queue at work: the project's sentences are read and measured in the background, the next ones are ready, and
// the model learns from each sentence that is done.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { FileChangeType, type FileEvent } from 'vscode-languageserver-protocol';
import { Corrections } from './corrections.ts';
import { whyOf } from './features/why.ts';
import { Askings, type ListedProject } from './learning/asking.ts';
import type { PoolSentence } from './learning/pool.ts';
import { isWhole } from './learning/presume.ts';
import { type QueueItem, ReviewQueue } from './learning/queue.ts';
import type { ModelService } from './model-service.ts';
import type { ReviewItem, ReviewQueueState, SentencePlace } from './protocol.ts';
import { type FileJournal, ReviewPool } from './review-pool.ts';
import { messageOf } from './text/error-message.ts';
import type { Documents, OpenDocument, SentenceEdit } from './workspace/documents.ts';
import type { Clock, Files, Logger } from './workspace/host.ts';
import { PROJECT_FILE, Project } from './workspace/project.ts';
import { projectFiles } from './workspace/project-files.ts';
import type { Settings } from './workspace/settings.ts';

/** Tokens that are measured at once: few, so that what a person looks at is tagged soon. */
const BATCH = 500;
/** Milliseconds between two looks whether the model process is free. */
const WAIT = 50;
/** Milliseconds from news to the order that knows them; more news meanwhile do not put it off. */
const PREPARE = 1000;
/** Milliseconds that a question waits for sentences while files are being read. */
const PATIENCE = 3000;
/** Milliseconds that the first question waits for the model. */
const FIRST = 2000;

export interface ReviewServiceOptions {
  readonly documents: Documents;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
  /** Paths of the workspace folders. */
  readonly folders: () => readonly string[];
  readonly models: ModelService;
  readonly settings: (uri: string) => Promise<Settings>;
  /** The workspace folder that a file belongs to. */
  readonly folderOf: (path: string) => string;
  /** A document that is not open, with the annotations beside it. */
  readonly documentFromDisk: (path: string) => Promise<OpenDocument>;
  /** The journal that speaks of a file; undefined: none does. */
  readonly journalOf: (uri: string) => Promise<FileJournal | undefined>;
}

interface Work {
  readonly queue: ReviewQueue;
  readonly pool: ReviewPool;
  /** The texts of the projects that it is for. */
  readonly basis: string;
  readonly askings: Askings;
}

export class ReviewService {
  readonly #options: ReviewServiceOptions;
  readonly #corrections: Corrections;
  #cancelPreparing: (() => void) | undefined;
  /** Begins with the first question: until then nothing is read. */
  #work: Promise<Work> | undefined;
  #begun: Work | undefined;
  /** Somebody has asked for sentences: until then nothing is measured. */
  #isAsked = false;
  /** Files that no model can measure now. */
  readonly #unmeasured = new Set<string>();
  #measuring: Promise<void> | undefined;
  #isClosed = false;
  readonly #source = new CancellationTokenSource();

  constructor(options: ReviewServiceOptions) {
    this.#options = options;
    this.#corrections = new Corrections({
      ...options,
      taught: () => this.#begun?.queue.taught() ?? [],
      sentencesOf: (uri) => this.#begun?.queue.sentencesOf(uri) ?? [],
      isComplete: () => this.#begun?.pool.isComplete === true,
      documentOf: (uri) => this.#begun?.pool.documentOf(uri),
      isWholeAsked: (uri) => isWhole(this.#begun?.askings.of(uri).unit),
      learnt: () => this.#renew(),
    });
  }

  /** The next sentences to ask for, those left out that are shown. */
  async next(
    count: number,
    shown: readonly SentencePlace[],
  ): Promise<{ items: ReviewItem[]; queue: ReviewQueueState }> {
    const isFirst = !this.#isAsked;
    this.#isAsked = true;
    for (;;) {
      // Whoever has just written a project must not wait until the editor tells of it.
      if (this.#begun !== undefined && this.#begun.basis !== (await this.#basis())) await this.projectChanged();
      const work = await this.#begin();
      const answer = await this.#nextOf(work, count, { shown, isFirst });
      // The editor may have told of it meanwhile: then what was asked reads no more, and others have the sentences.
      if (work === this.#begun || this.#isClosed) return answer;
    }
  }

  async #nextOf(
    { queue, pool }: Work,
    count: number,
    { shown, isFirst }: { readonly shown: readonly SentencePlace[]; readonly isFirst: boolean },
  ): Promise<{ items: ReviewItem[]; queue: ReviewQueueState }> {
    // The first order is that of chance, unless the model has had a moment to say what it doubts.
    if (isFirst) await Promise.race([this.#first(pool), wait(FIRST)]);
    else void this.#measure();
    const taken = new Set(shown.map(({ uri, hash, nth }) => `${hash} ${nth} ${uri}`));
    const isTaken = ({ uri, hash, nth }: PoolSentence) => taken.has(`${hash} ${nth} ${uri}`);
    let items = queue.next(count, isTaken);
    if (items.length < count && !pool.isComplete) {
      await Promise.race([pool.read(), wait(PATIENCE)]);
      items = queue.next(count, isTaken);
    }
    return { items: items.map(toItem), queue: { ...queue.count(), complete: pool.isComplete } };
  }

  opened(document: OpenDocument): void {
    this.#begun?.pool.changed(document.uri);
  }

  closed(document: OpenDocument): void {
    this.#begun?.pool.closed(document);
  }

  /** What a document that was closed has left unsaved is dropped from the journal. */
  settled(uri: string): void {
    this.#begun?.pool.changed(uri);
  }

  /** A document was edited; `edit` undefined: it was replaced. */
  edited(document: OpenDocument, edit: SentenceEdit | undefined): void {
    if (this.#begun === undefined) void this.decided(document);
    else {
      if (edit === undefined) this.#begun.pool.changed(document.uri);
      else this.#begun.pool.edited(document, edit);
      this.#news();
    }
  }

  /** The journal was read, or says something new of a document: what people have decided, in any file, is learnt from. */
  async decided(document: OpenDocument): Promise<void> {
    if (this.#begun !== undefined) this.#begun.pool.decided(document);
    else if (document.journal?.journal.hasLabels !== true) return;
    else await this.#begin();
    this.#news();
  }

  /** The labels beside a text have changed. */
  annotated(file: string): void {
    this.#begun?.pool.annotated(file);
  }

  /** Journals say something new of files that need not be open. */
  async refreshed(): Promise<void> {
    await this.#begun?.pool.refreshed();
    this.#news();
  }

  /** Files were changed on the disk, have come or gone. */
  filesChanged(changes: readonly FileEvent[]): void {
    for (const { uri } of changes) if (this.#options.documents.get(uri) === undefined) this.#begun?.pool.changed(uri);
    if (changes.some(({ type }) => type !== FileChangeType.Changed)) void this.#listAgain();
  }

  /** A crosstag.json has changed. */
  async projectChanged(): Promise<void> {
    if (this.#begun === undefined) return;
    this.#begun.pool.dispose();
    this.#begun = undefined;
    this.#work = undefined;
    await this.#begin();
  }

  /** Other models may answer from now on. */
  modelsChanged(): void {
    this.#renew();
    this.#corrections.learnAnew();
  }

  dispose(): void {
    this.#isClosed = true;
    this.#source.cancel();
    this.#cancelPreparing?.();
    this.#corrections.dispose();
    this.#begun?.pool.dispose();
  }

  #prepare(): void {
    this.#cancelPreparing ??= this.#options.clock.after(PREPARE, () => {
      this.#cancelPreparing = undefined;
      this.#begun?.queue.prepare();
    });
  }

  /** There are other sentences, or other labels. */
  #news(): void {
    this.#prepare();
    this.#corrections.learn();
    void this.#measure();
  }

  #renew(): void {
    this.#begun?.queue.renew();
    this.#unmeasured.clear();
    this.#prepare();
    void this.#measure();
  }

  /** The project may have other files now. */
  async #listAgain(): Promise<void> {
    const work = this.#begun;
    if (work === undefined) return;
    const projects = await this.#projects();
    if (work !== this.#begun) return;
    list(work, projects);
    void work.pool.read();
  }

  /** Where it fails (a disk that does not answer), the next question begins again. */
  #begin(): Promise<Work> {
    if (this.#work === undefined) {
      const work = this.#start();
      this.#work = work;
      work.catch(() => {
        if (this.#work === work) this.#work = undefined;
      });
    }
    return this.#work;
  }

  async #start(): Promise<Work> {
    const basis = await this.#basis();
    const projects = await this.#projects();
    const askings = new Askings(this.#options.folderOf);
    const queue = new ReviewQueue({ askingOf: (uri) => askings.of(uri), seed: 1 });
    const pool = new ReviewPool({
      ...{ ...this.#options, queue },
      holdoutOf: (uri) => askings.of(uri).holdout,
      changed: () => this.#news(),
    });
    this.#begun = { queue, pool, basis, askings };
    list(this.#begun, projects);
    void pool.read();
    return this.#begun;
  }

  async #basis(): Promise<string> {
    const { files, folders } = this.#options;
    const texts = await Promise.all(folders().map((folder) => files.read(join(folder, PROJECT_FILE))));
    return JSON.stringify(texts.map((text) => text && Buffer.from(text).toString()));
  }

  /** The projects of the workspace folders, and their documents. */
  async #projects(): Promise<ListedProject[]> {
    const { files, folders, log } = this.#options;
    const projects: ListedProject[] = [];
    for (const folder of folders()) {
      try {
        const project = await Project.read(files, folder);
        if (project === undefined) continue;
        projects.push({ project, files: await projectFiles(files, project, (message) => log.warn(message)) });
      } catch (error) {
        // The editor shows what is wrong with it.
        log.warn(messageOf(error));
      }
    }
    return projects;
  }

  async #first(pool: ReviewPool): Promise<void> {
    await pool.read();
    await this.#measure();
  }

  /** Measures what waits; whoever asks meanwhile waits for the same. */
  #measure(): Promise<void> {
    if (!this.#isAsked || this.#begun === undefined) return Promise.resolve();
    this.#measuring ??= this.#measureAll().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #measureAll(): Promise<void> {
    try {
      while (!this.#isClosed && (await this.#measureSome())) {}
    } catch (error) {
      if (!this.#isClosed) this.#options.log.warn(messageOf(error));
    }
  }

  /** @returns whether there may be more */
  async #measureSome(): Promise<boolean> {
    const { models } = this.#options;
    // What a person looks at goes first.
    while (models.isTagging && !this.#isClosed) await wait(WAIT);
    if (this.#begun === undefined) return false; // it is read anew, and says so when it is
    const { queue, pool } = this.#begun;
    const batch = queue.toMeasure(BATCH, (uri) => !this.#unmeasured.has(uri));
    const uri = batch[0]?.uri;
    if (uri === undefined) return false;
    const document = pool.documentOf(uri);
    const suggestions = document && (document.suggestions ?? (await models.suggestionsFor(document)));
    if (suggestions === undefined) {
      this.#unmeasured.add(uri);
      return true;
    }
    const { model } = suggestions;
    const measures = await models.measure(
      suggestions,
      batch.map(({ words }) => words),
      this.#source.token,
    );
    // It may have learnt meanwhile.
    if (suggestions.model === model) queue.measured(batch, measures);
    this.#prepare();
    return true;
  }
}

/** What is asked for, and how; in folders whose projects list nothing every open document is. */
function list({ pool, askings }: Work, projects: readonly ListedProject[]): void {
  askings.list(projects);
  const listing = projects.filter(({ files }) => files.length > 0).map(({ project }) => project.folder);
  pool.list(
    projects.flatMap(({ files }) => files),
    listing,
  );
}

function toItem({ sentence, start, end, reason }: QueueItem): ReviewItem {
  const { uri, hash, nth, near, words } = sentence;
  return { id: randomUUID(), uri, hash, nth, near, start, end, why: whyOf(reason, words) };
}
