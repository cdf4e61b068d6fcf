// The models of the open documents: which one fits, the processes that run them, and what they are doing.
import { availableParallelism, constants } from 'node:os';
import { isAbsolute, join, sep } from 'node:path';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc';
import type { ModelStatus } from './protocol.ts';
import { ProcessDied, Supervisor } from './supervisor.ts';
import type { Task } from './text/index.ts';
import {
  LoadModel,
  TagSentences,
  type TrainedModel,
  TrainingProgress,
  TrainModel,
  type TrainModelParams,
} from './trainer-protocol.ts';
import type { Documents, OpenDocument, SentenceEdit } from './workspace/documents.ts';
import type { Clock, Files, Logger } from './workspace/host.ts';
import { describeModel, findModels, type KnownModel, type ModelReference } from './workspace/models.ts';
import type { Settings } from './workspace/settings.ts';
import { Suggestions } from './workspace/suggestions.ts';
import { TaggingQueue } from './workspace/tagging-queue.ts';

/** Milliseconds that a cancelled training has to end by itself. */
const GRACE = 5000;

export interface ModelServiceOptions {
  /** The program of the model processes. */
  readonly program: string;
  readonly documents: Documents;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
  /** Paths of the workspace folders. */
  readonly folders: () => readonly string[];
  /** Suggestions of a document have changed; `visible`: some that a person may look at. */
  readonly changed: (document: OpenDocument, visible: boolean) => void;
  readonly status: (status: ModelStatus) => void;
  /** Something that the user should hear of once. */
  readonly report: (message: string) => void;
}

export class ModelService {
  readonly #options: ModelServiceOptions;
  readonly #tagging: Supervisor;
  readonly #training: Supervisor;
  readonly #queue: TaggingQueue<OpenDocument>;
  readonly #loaded = new Map<string, Promise<Suggestions>>();
  /** Models that a person has chosen for this session. */
  readonly #chosen = new Map<Task, KnownModel>();
  #progress: ((done: number, message: string) => void) | undefined;
  /** The model that was loaded last. */
  #current: KnownModel | undefined;
  #trusted: boolean;
  #isTraining = false;

  constructor(trusted: boolean, options: ModelServiceOptions) {
    this.#options = options;
    this.#trusted = trusted;
    const { program, log, clock } = options;
    const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
    const shared = { program, log, clock };
    this.#tagging = new Supervisor({
      ...shared,
      name: 'tagging',
      priority: PRIORITY_BELOW_NORMAL,
      died: (message, inARow, startsAgain) => this.#died(message, inARow, startsAgain),
    });
    this.#training = new Supervisor({
      ...shared,
      name: 'training',
      priority: PRIORITY_LOW,
      died: (message) => options.report(`${message}; training goes on from its last checkpoint`),
      connected: (connection: MessageConnection) =>
        connection.onNotification(TrainingProgress, ({ done, message }) => this.#progress?.(done, message)),
    });
    this.#queue = new TaggingQueue<OpenDocument>({
      tag: ({ model }, sentences, token) =>
        this.#tagging.request((c) => c.sendRequest(TagSentences, { model: model.reference, sentences }, token), token),
      tagged: (document, visible) => options.changed(document, visible),
      busy: (busy) => this.#say(busy ? 'tagging' : 'ready'),
      failed: (error) => this.#fail(error),
    });
  }

  /** The user has trusted the workspace: models may be loaded from now on. */
  async trust(): Promise<void> {
    this.#trusted = true;
    await this.refresh();
  }

  /** Models have come or gone, or settings have changed: every open document gets the model that fits it now. */
  async refresh(): Promise<void> {
    this.#tagging.forgive();
    await Promise.all(Array.from(this.#options.documents.all(), (document) => this.assign(document)));
  }

  /** Gives a document the suggestions of the model that fits it. */
  async assign(document: OpenDocument): Promise<void> {
    const before = document.suggestions;
    const suggestions = await this.#suggestionsFor(document).catch((error) => {
      this.#fail(error);
      return undefined;
    });
    if (this.#options.documents.get(document.uri) !== document) return;
    document.suggestions = suggestions;
    this.#queue.wake();
    if (before !== suggestions) this.#options.changed(document, true);
  }

  /** A person looks at sentences [first, end) of a document. */
  show(document: OpenDocument, first: number, end: number): void {
    this.#queue.show(document, first, end);
  }

  edited(document: OpenDocument, edit: SentenceEdit): void {
    this.#queue.edited(document, edit);
  }

  close(document: OpenDocument): void {
    this.#queue.forget(document);
  }

  /**
   * Uses the model in this folder for the documents of its task, until the server ends.
   * @throws Error where there is no model that can be loaded
   */
  async use(folder: string, settings: Settings): Promise<ModelStatus> {
    this.#requireTrust();
    const model = await describeModel(this.#options.files, folder);
    if (model === undefined) throw new Error(`${folder}: there is no model; choose a folder with a model.json`);
    await this.#load(model, settings);
    this.#chosen.set(model.task, model);
    await this.refresh();
    return this.#say('ready');
  }

  /**
   * Trains a tagger in its own process and uses it.
   * @throws Error where a training is running, the input is bad, or it is cancelled
   */
  async train(
    data: Omit<TrainModelParams, 'engine' | 'threads'>,
    settings: Settings,
    progress: (done: number, message: string) => void,
    token: CancellationToken,
  ): Promise<TrainedModel> {
    this.#requireTrust();
    if (this.#isTraining) throw new Error('a tagger is being trained already; wait for it or cancel it');
    this.#isTraining = true;
    this.#progress = progress;
    this.#say('training', 'Training a tagger');
    const params = { ...data, engine: settings.engine, threads: threadsOf(settings) };
    let forgetEnd: (() => void) | undefined;
    const cancelling = token.onCancellationRequested(() => {
      forgetEnd = this.#options.clock.after(GRACE, () => this.#training.kill());
    });
    try {
      const trained = await this.#training.request((c) => c.sendRequest(TrainModel, params, token), token);
      this.#chosen.clear();
      return trained;
    } finally {
      cancelling.dispose();
      // Else it would end the next training.
      forgetEnd?.();
      this.#isTraining = false;
      this.#training.kill();
      await this.refresh();
      this.#say(this.#current === undefined ? 'none' : 'ready');
    }
  }

  dispose(): void {
    this.#tagging.kill();
    this.#training.kill();
  }

  #requireTrust(): void {
    if (!this.#trusted) throw new Error('models are loaded and trained in trusted workspaces only; trust this one');
  }

  /** The answers of the first model that can be loaded: chosen in this session, set, or the newest of the workspace. */
  async #suggestionsFor(document: OpenDocument): Promise<Suggestions | undefined> {
    const { settings, task } = document;
    if (!this.#trusted || !settings.suggestions.enabled) return undefined;
    const chosen = this.#chosen.get(task) ?? (await this.#configured(settings));
    if (chosen !== undefined) return chosen.task === task ? this.#load(chosen, settings) : undefined;
    for (const model of await this.#registered(document)) {
      if (model.task !== task) continue;
      try {
        return await this.#load(model, settings);
      } catch (error) {
        if (error instanceof ProcessDied) throw error;
        this.#options.log.warn(`model ${model.name} is left out: ${messageOf(error)}`);
      }
    }
    return undefined;
  }

  async #configured({ model: folder }: Settings): Promise<KnownModel | undefined> {
    if (folder === '') return undefined;
    const roots = isAbsolute(folder) ? [folder] : this.#options.folders().map((root) => join(root, folder));
    for (const root of roots) {
      const model = await describeModel(this.#options.files, root);
      if (model !== undefined) return model;
    }
    throw new Error(`${folder}: there is no model; change the setting crosstag.model`);
  }

  /** Models of the workspace folder that holds the document; of all folders for a document elsewhere. */
  async #registered({ path }: OpenDocument): Promise<KnownModel[]> {
    const folders = this.#options.folders();
    const own = folders.filter((folder) => path.startsWith(join(folder, sep)));
    const found = (own.length > 0 ? own : folders).map((folder) => findModels(this.#options.files, folder));
    return (await Promise.all(found)).flat();
  }

  #load(model: KnownModel, settings: Settings): Promise<Suggestions> {
    const reference = { folder: model.folder, engine: settings.engine, threads: threadsOf(settings) };
    const key = JSON.stringify([reference, model.created]);
    this.#current = model;
    let suggestions = this.#loaded.get(key);
    if (suggestions === undefined) {
      suggestions = this.#start(model, reference);
      this.#loaded.set(key, suggestions);
      suggestions.catch(() => this.#loaded.delete(key));
    }
    return suggestions;
  }

  async #start(model: KnownModel, reference: ModelReference): Promise<Suggestions> {
    this.#say('loading');
    const loaded = await this.#tagging.request((c) => c.sendRequest(LoadModel, reference));
    this.#say('ready');
    return new Suggestions({ ...model, ...loaded, reference });
  }

  #died(message: string, inARow: number, startsAgain: boolean): void {
    const { report } = this.#options;
    if (!startsAgain) report(`${message} ${inARow} times in a row and stays off; see the log, then reload the window`);
    else if (inARow === 1) report(`${message} and is started again when it is needed`);
  }

  #fail(error: unknown): void {
    const message = messageOf(error);
    this.#options.log.error(message);
    this.#say('failed', message);
  }

  #say(state: ModelStatus['state'], message?: string): ModelStatus {
    const model = this.#current?.name;
    const now = this.#isTraining ? 'training' : state;
    const said = message ?? (now === 'none' ? 'No model' : `Model ${model}: ${now}`);
    const status = { state: now, ...(model !== undefined && { model }), message: said };
    this.#options.status(status);
    return status;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A person's machine is busy: one core is left alone. */
function threadsOf({ threads }: Settings): number {
  return threads > 0 ? threads : Math.max(1, availableParallelism() - 1);
}
