// The life of the documents: opened, edited, configured, closed, and who must hear of it. main.ts answers the questions.

import { basename, dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  type Connection,
  type DidChangeTextDocumentParams,
  type DidChangeWatchedFilesParams,
  ErrorCodes,
  FileChangeType,
  LSPErrorCodes,
  MessageType,
  type Range,
  ResponseError,
  ShowMessageNotification,
  type TextDocumentItem,
} from 'vscode-languageserver/node';
import type { WorkspaceEdit } from 'vscode-languageserver-protocol';
import { AnnotationService } from './annotation-service.ts';
import { notify } from './custom-messages.ts';
import { Diagnostics } from './features/diagnostics.ts';
import { JournalService } from './journal-service.ts';
import { LearningService } from './learning-service.ts';
import { ModelService } from './model-service.ts';
import { ProjectDiagnostics } from './project-diagnostics.ts';
import {
  type InitializationOptions,
  LabelsChanged,
  LearningChanged,
  ModelStatusChanged,
  ReviewChanged,
  type ReviewItem,
} from './protocol.ts';
import { ReviewService } from './review-service.ts';
import { isReviewView, type Place, ReviewViews } from './review-views.ts';
import { messageOf } from './text/error-message.ts';
import { InputError } from './text/index.ts';
import { isAnnotationFile } from './workspace/annotation-files.ts';
import { disk } from './workspace/disk.ts';
import { readFromDisk } from './workspace/disk-documents.ts';
import { Documents, OpenDocument, pathOf } from './workspace/documents.ts';
import { FileLanguages, type ListedFile } from './workspace/file-language.ts';
import { nameWithin } from './workspace/file-name.ts';
import { Debounce, type Logger, systemClock } from './workspace/host.ts';
import { DocumentJournal } from './workspace/journal/index.ts';
import { ACTIVE_FILE } from './workspace/model-verdicts.ts';
import { MODEL_FILE } from './workspace/models.ts';
import { PROJECT_FILE, Project } from './workspace/project.ts';
import { projectFiles } from './workspace/project-files.ts';
import { parseSettings, type Settings } from './workspace/settings.ts';

/** Milliseconds between suggestions that came and asking the client to colour anew. */
const REFRESH = 500;

function isJournal(uri: string): boolean {
  return /\/\.crosstag\/journal\/[^/]+\.jsonl$/.test(uri);
}

/** Sentences at the start of a document that count as visible until the client says what is. */
const FIRST_SENTENCES = 50;

export class LanguageServer {
  readonly documents = new Documents();
  readonly diagnostics: Diagnostics;
  readonly models: ModelService;
  readonly learning: LearningService;
  readonly journal: JournalService;
  readonly review: ReviewService;
  readonly views: ReviewViews;
  readonly annotations: AnnotationService;
  readonly projects: ProjectDiagnostics;
  /** Paths of the workspace folders. */
  folders: readonly string[];
  readonly #connection: Connection;
  readonly #capabilities: ClientCapabilities;
  readonly #options: InitializationOptions;
  /** What must be known before a document can be asked about. */
  readonly #opening = new Map<OpenDocument, Promise<void>>();
  readonly #refresh: Debounce;
  readonly #log: Logger;
  readonly #languages: FileLanguages;
  #trusted: boolean;

  /** @param program the program of the model processes */
  constructor(
    connection: Connection,
    program: string,
    folders: readonly string[],
    capabilities: ClientCapabilities,
    options: InitializationOptions,
  ) {
    this.#connection = connection;
    this.#capabilities = capabilities;
    this.#options = options;
    this.#trusted = options.trusted !== false;
    this.folders = folders;
    this.#log = connection.console;
    this.#languages = new FileLanguages(disk, this.#log);
    this.diagnostics = new Diagnostics(systemClock, ({ uri, version }, diagnostics) => {
      void connection.sendDiagnostics({ uri, version, diagnostics });
    });
    this.#refresh = new Debounce(systemClock, REFRESH, () => connection.languages.semanticTokens.refresh());
    const report = (message: string) => {
      void connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message });
    };
    this.annotations = new AnnotationService({
      ...{ documents: this.documents, files: disk, log: this.#log },
      apply: (label, edit) => this.apply(label, edit),
      fileChanged: (file) => this.review.annotated(file),
      annotated: (document) => {
        this.diagnostics.open(document);
        this.journal.edited(document);
        this.review.edited(document, undefined);
        this.#changed(document, true);
      },
      diagnose: (uri, diagnostics) => void connection.sendDiagnostics({ uri, diagnostics }),
    });
    this.journal = new JournalService({
      ...{ documents: this.documents, clock: systemClock, log: this.#log, report },
      folderOf: (path) => this.folderOf(path),
      trusted: () => this.#trusted,
      labelled: (document, { length }) => this.learning.corrected(document, length),
      apply: (label, edit) => this.apply(label, edit),
      hasOpenAnnotations: ({ annotationFile }) => this.annotations.files.isOpen(annotationFile.uri),
      refreshed: () => void this.review.refreshed(),
      changed: (document) => {
        if (this.documents.get(document.uri) !== document) return;
        this.diagnostics.refresh(document);
        this.#changed(document, true);
        void this.review.decided(document);
      },
    });
    this.models = new ModelService(this.#trusted, {
      program,
      documents: this.documents,
      files: disk,
      clock: systemClock,
      log: this.#log,
      folders: () => this.folders,
      changed: (document, visible) => {
        this.diagnostics.answered(document);
        this.#changed(document, visible);
      },
      modelsChanged: () => this.review.modelsChanged(),
      status: (status) => notify(connection, ModelStatusChanged, status),
      report,
    });
    this.learning = new LearningService({
      ...{ models: this.models, documents: this.documents, files: disk, clock: systemClock, log: this.#log, report },
      trusted: () => this.#trusted,
      folderOf: (path) => this.folderOf(path),
      journalOf: (folder) => this.journal.journalOf(folder),
      settings: () => this.settings(undefined),
      changed: (status) => notify(connection, LearningChanged, status),
    });
    this.projects = new ProjectDiagnostics({
      ...{ files: disk, log: this.#log },
      folders: () => this.folders,
      publish: (uri, diagnostics) => void connection.sendDiagnostics({ uri, diagnostics }),
    });
    this.views = new ReviewViews(this.documents);
    this.review = new ReviewService({
      documents: this.documents,
      files: disk,
      clock: systemClock,
      log: this.#log,
      folders: () => this.folders,
      folderOf: (path) => this.folderOf(path),
      models: this.models,
      settings: (uri) => this.settings(uri),
      documentFromDisk: (path) => this.documentFromDisk(path),
      journalOf: (uri) => this.#journalOf(uri),
    });
  }

  /**
   * A range of a document, or of the review view: there it is one of the file behind.
   * @throws ResponseError where the document is not open, the sentence is not there any more, or the range is in several
   */
  async place(uri: string, range: Range): Promise<Place> {
    if (!isReviewView(uri)) return { uri, document: await this.document(uri), range };
    const place = this.views.place(uri, range);
    const failed = (message: string) => new ResponseError(LSPErrorCodes.RequestFailed, message);
    if (place === 'several') throw failed('Several sentences are selected; select in one of them');
    if (place === undefined) throw failed('The sentence is not in its file any more; refresh the review view');
    await this.#opening.get(place.document);
    return place;
  }

  /** The journal of the workspace folder that a file belongs to. */
  async #journalOf(uri: string) {
    const path = pathOf(uri);
    const folder = this.folderOf(path);
    const journal = await this.journal.journalOf(folder);
    return { journal, file: nameWithin(folder, path) };
  }

  /** What a view shows from now on. Its files have just been opened. */
  async showView(uri: string, lines: readonly ReviewItem[]) {
    for (const file of new Set(lines.map((line) => line.uri))) await this.#opening.get(this.documents.get(file)!);
    return this.views.show(uri, lines);
  }

  /** The same, to set labels there. @throws ResponseError as `place` and `documentToLabel` */
  async placeToLabel(uri: string, range: Range): Promise<Place> {
    const place = await this.place(uri, range);
    await this.documentToLabel(place.document.uri);
    return place;
  }

  get trusted(): boolean {
    return this.#trusted;
  }

  /** The user has trusted the workspace. */
  async trust(): Promise<void> {
    this.#trusted = true;
    await this.models.trust();
  }

  /** Lets the editor apply an edit. @returns whether it did */
  async apply(label: string, edit: WorkspaceEdit): Promise<boolean> {
    if (!this.#capabilities.workspace?.applyEdit) return false;
    return (await this.#connection.workspace.applyEdit({ label, edit })).applied;
  }

  /**
   * The document, to set labels in it.
   * @throws ResponseError where it is not open, or its annotation file cannot be read
   */
  async documentToLabel(uri: string): Promise<OpenDocument> {
    const document = await this.document(uri);
    const { problem } = document.annotationFile;
    if (problem !== undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, problem);
    await this.annotations.move(document);
    return document;
  }

  /**
   * The document, as soon as its settings are known.
   * @throws ResponseError where it is not open
   */
  async document(uri: string): Promise<OpenDocument> {
    const document = this.documents.get(uri);
    if (document === undefined) throw new ResponseError(ErrorCodes.InvalidParams, `${uri} is not open`);
    await this.#opening.get(document);
    return document;
  }

  /**
   * The files that crosstag.json lists as documents: those that are open as the editor has them, others as on the disk.
   * @param near a file of the workspace folder that is meant
   * @throws InputError where there is no crosstag.json, it lists none, or a file cannot be read
   */
  async *projectDocuments(near: string): AsyncGenerator<OpenDocument> {
    const folder = this.folderOf(near);
    const project = await Project.read(disk, folder);
    const warn = (message: string) => this.#log.warn(message);
    const all = project === undefined ? [] : await projectFiles(disk, project, warn);
    // An editor has no packed files open, and edits of them would be edits of what they hold.
    const paths = all.filter((path) => !path.endsWith('.gz'));
    if (paths.length === 0) {
      const what = project === undefined ? 'there is no project' : 'no language lists documents that are there';
      throw new InputError(what, 'name files or folders under "documents" of a language', {
        path: join(folder, PROJECT_FILE),
      });
    }
    const open = new Map(Array.from(this.documents.all(), (document) => [document.path, document.uri]));
    for (const path of paths) {
      const uri = open.get(path);
      yield uri === undefined ? await this.documentFromDisk(path) : await this.document(uri);
    }
  }

  /**
   * A file as it is on the disk, with what the journal says of it; edits of it name no version.
   * @throws InputError where it cannot be read
   */
  async documentFromDisk(path: string): Promise<OpenDocument> {
    const uri = pathToFileURL(path).href;
    const { journal, file } = await this.#journalOf(uri);
    const document = await readFromDisk(path, await this.settings(uri), this.annotations.files);
    document.journal = new DocumentJournal(document, journal, file);
    return document;
  }

  /**
   * The settings, with what crosstag.json says of the file: its language instead of that of the settings, and its task.
   * @param uri a resource, or undefined for what holds everywhere
   */
  async settings(uri: string | undefined): Promise<Settings> {
    const settings = await this.#askSettings(uri);
    return uri === undefined ? settings : { ...settings, ...(await this.#listed(pathOf(uri))) };
  }

  async #askSettings(uri: string | undefined): Promise<Settings> {
    if (!this.#capabilities.workspace?.configuration) return parseSettings(this.#options.settings);
    const scope = { section: 'crosstag', ...(uri !== undefined && { scopeUri: uri }) };
    return parseSettings(await this.#connection.workspace.getConfiguration(scope));
  }

  /** Language of a file, as a crosstag.json says it. */
  async languageOf(path: string): Promise<string | undefined> {
    return (await this.#listed(path))?.language;
  }

  #listed(path: string): Promise<ListedFile | undefined> {
    return this.#languages.listed(path, new Set([this.folderOf(path), ...this.folders]));
  }

  /** The workspace folder that a file belongs to: the innermost that it lies in, else the first, else its own folder. */
  folderOf(path = ''): string {
    const around = this.folders.filter((folder) => path.startsWith(join(folder, sep)));
    return around.sort((a, b) => b.length - a.length)[0] ?? this.folders[0] ?? dirname(path);
  }

  opened(item: TextDocumentItem): void {
    if (isAnnotationFile(item.uri)) {
      this.annotations.opened(item);
      return;
    }
    const document = new OpenDocument(item, parseSettings(undefined));
    this.documents.add(document);
    this.journal.opening(document);
    this.#opening.set(
      document,
      this.#open(document).catch((error) => this.#log.error(String(error))),
    );
  }

  changed(params: DidChangeTextDocumentParams): void {
    const { uri, version } = params.textDocument;
    if (isAnnotationFile(uri)) {
      this.annotations.changed(params);
      return;
    }
    const document = this.documents.get(uri);
    if (document === undefined) return;
    document.version = version;
    let sentences = this.views.sentencesOf(document);
    for (const change of params.contentChanges) {
      const edit = document.change(change);
      if (edit === undefined) {
        this.#replaced(document);
        sentences = this.views.sentencesOf(document);
      } else {
        this.diagnostics.edited(document, edit);
        this.models.edited(document, edit);
        sentences = this.views.edited(document, edit, sentences);
      }
      this.review.edited(document, edit);
    }
    this.#tellViews(document);
    this.journal.edited(document);
    this.learning.edited(document);
  }

  /** The views that show sentences of a document have other labels, or other words. */
  #tellViews(document: OpenDocument): void {
    for (const { uri, isStale } of this.views.showing(document)) {
      notify(this.#connection, isStale ? ReviewChanged : LabelsChanged, { uri });
    }
  }

  /** The offsets of annotations moved with the text: they are saved with it, and the user hears of it where they cannot. */
  async saved(uri: string): Promise<void> {
    if (isAnnotationFile(uri)) {
      for (const document of this.annotations.documentsOf(uri)) await this.journal.saved(document);
      return;
    }
    const document = this.documents.get(uri);
    if (document === undefined) return;
    try {
      await this.annotations.saved(document);
      await this.journal.saved(document);
    } catch (error) {
      const reason = messageOf(error);
      const message = `The labels were not moved with the text. ${reason}; then save the text again`;
      void this.#connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Error, message });
    }
  }

  closed(uri: string): void {
    if (isAnnotationFile(uri)) {
      this.annotations.closed(uri);
      return;
    }
    const document = this.documents.remove(uri);
    if (document === undefined) return;
    this.#opening.delete(document);
    this.diagnostics.close(document);
    this.models.close(document);
    this.review.closed(document);
    // Labels that were not saved count until the journal says that they do not.
    void this.journal.closed(document).finally(() => this.review.settled(uri));
  }

  /** Settings have changed: each document asks for its own. */
  async configured(): Promise<void> {
    for (const document of this.documents.all()) await this.#configure(document);
    await this.models.refresh();
  }

  async filesChanged({ changes }: DidChangeWatchedFilesParams): Promise<void> {
    for (const { uri } of changes) if (isAnnotationFile(uri)) this.annotations.fileChanged(uri);
    if (changes.some(({ uri }) => isJournal(uri))) await this.journal.refresh();
    // Files may be in another language now.
    this.review.filesChanged(changes);
    const names = new Set(changes.map(({ uri }) => basename(pathOf(uri))));
    const hasMoved = changes.some(({ type }) => type !== FileChangeType.Changed);
    if (names.has(PROJECT_FILE) || hasMoved) void this.projects.refresh();
    if (names.has(PROJECT_FILE)) {
      await this.learning.configured();
      await this.configured();
      await this.review.projectChanged();
    } else if (names.has(MODEL_FILE) || names.has(ACTIVE_FILE)) await this.models.refresh();
  }

  /** What was typed is written down before the server ends. */
  async shutdown(): Promise<void> {
    await this.journal.flush();
    this.dispose();
  }

  dispose(): void {
    this.#refresh.cancel();
    for (const document of this.documents.all()) this.diagnostics.close(document);
    this.learning.dispose();
    this.review.dispose();
    this.models.dispose();
  }

  async #open(document: OpenDocument): Promise<void> {
    document.configure(await this.settings(document.uri));
    if (this.documents.get(document.uri) !== document) return;
    this.diagnostics.open(document);
    this.models.show(document, 0, FIRST_SENTENCES);
    void this.models.assign(document);
    // A label that was set before would start a new file over the one that is there.
    await this.annotations.read(document);
    // Labels are shown without waiting for it.
    if (this.documents.get(document.uri) === document) void this.journal.opened(document);
    this.learning.opened(document);
    this.review.opened(document);
  }

  async #configure(document: OpenDocument): Promise<void> {
    const settings = await this.settings(document.uri);
    const isParsedAnew = document.isParsedAnew(settings);
    await this.journal.configured(document, settings);
    // It may be raw text now, whose labels stand in another file.
    if (isParsedAnew) await this.annotations.read(document);
    if (this.documents.get(document.uri) === document) this.#replaced(document);
  }

  /** Everything about a document may be different now. */
  #replaced(document: OpenDocument): void {
    this.diagnostics.open(document);
    this.models.show(document, 0, FIRST_SENTENCES);
    this.#changed(document, true);
  }

  #changed(document: OpenDocument, visible: boolean): void {
    const { uri } = document;
    if (this.#capabilities.workspace?.semanticTokens?.refreshSupport) this.#refresh.call();
    if (!visible) return;
    notify(this.#connection, LabelsChanged, { uri });
    this.#tellViews(document);
  }
}
