// The models of the open documents: which one fits, the processes that run them, and what they are doing.

import { availableParallelism, constants } from 'node:os';
import { type CancellationToken, ResponseError } from 'vscode-jsonrpc';
import type { PretrainReport } from './encoder/types.ts';
import type { Measures } from './learning/acquisition/index.ts';
import type { Retrained } from './learning/retrain.ts';
import type { ScoredModel } from './learning/score-models.ts';
import { ModelChoice } from './model-choice.ts';
import { ModelStatusLine } from './model-status.ts';
import type { ModelStatus } from './protocol.ts';
import { ProcessDied, Supervisor } from './supervisor.ts';
import type { LabelledSentence } from './tagger/index.ts';
import { messageOf } from './text/error-message.ts';
import type { Sentence, Task } from './text/index.ts';
import {
  ADAPTATION_LOST,
  AdaptModel,
  type AnsweringModel,
  LoadModel,
  MeasureSentences,
  type PretrainParams,
  type RetrainParams,
  TagSentences,
  type TrainedModel,
  type TrainingSettings,
  type TrainModelParams,
} from './trainer-protocol.ts';
import { type ReportProgress, TrainingService } from './training-service.ts';
import type { Documents, OpenDocument, SentenceEdit } from './workspace/documents.ts';
import type { Clock, Files, Logger } from './workspace/host.ts';
import { type ActiveModel, describeModel, type KnownModel, type ModelReference, readsAs } from './workspace/models.ts';
import type { Settings } from './workspace/settings.ts';
import { Suggestions } from './workspace/suggestions.ts';
import { type Looked, TaggingQueue, undecidedBatches } from './workspace/tagging-queue.ts';

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
  /** Other models may answer from now on, or the same without what they had learnt from corrections. */
  readonly modelsChanged: () => void;
  readonly status: (status: ModelStatus) => void;
  /** Something that the user should hear of once. */
  readonly report: (message: string) => void;
}

/** A model that is loaded or being loaded, for one of the languages that it reads here. */
interface Loaded {
  readonly reference: ModelReference;
  readonly suggestions: Promise<Suggestions>;
}

type Learnt = Pick<ActiveModel, 'tags' | 'scheme' | 'adaptation'>;

export class ModelService {
  readonly #options: ModelServiceOptions;
  readonly #tagging: Supervisor;
  readonly #training: TrainingService;
  readonly #queue: TaggingQueue<OpenDocument>;
  readonly #loaded = new Map<string, Loaded>();
  /** What models have learnt from corrections, whichever document it came from. */
  readonly #learnt = new Map<string, Learnt>();
  /** What was learnt from corrections where there is no model, by task. */
  readonly #corrections = new Map<Task, Suggestions>();
  readonly #choice: ModelChoice;
  readonly #status: ModelStatusLine;
  #trusted: boolean;

  constructor(trusted: boolean, options: ModelServiceOptions) {
    this.#options = options;
    this.#trusted = trusted;
    const { program, log, clock } = options;
    this.#tagging = new Supervisor({
      ...{ program, log, clock, name: 'tagging', priority: constants.priority.PRIORITY_BELOW_NORMAL },
      died: (message, inARow, startsAgain) => this.#died(message, inARow, startsAgain),
    });
    this.#training = new TrainingService(options);
    this.#status = new ModelStatusLine(this.#training, options.status);
    this.#choice = new ModelChoice(options.files, options.folders);
    this.#queue = new TaggingQueue<OpenDocument>({
      tag: (suggestions, sentences, token) => this.#tag(suggestions, sentences, token),
      tagged: (document, visible) => options.changed(document, visible),
      busy: (busy) => this.#status.say(busy ? 'tagging' : 'ready'),
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
    this.#letGo();
    this.#options.modelsChanged();
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

  /** A person looks at single sentences, in a view of its own. */
  look(view: string, sentences: readonly Looked<OpenDocument>[]): void {
    this.#queue.look(view, sentences);
  }

  /** Whether sentences are being tagged that somebody may look at: other work waits. */
  get isTagging(): boolean {
    return this.#queue.isBusy;
  }

  /** The answers of the model that fits a document, which need not be open; undefined where there is none. */
  suggestionsFor(document: OpenDocument): Promise<Suggestions | undefined> {
    return this.#suggestionsFor(document).catch((error) => {
      this.#options.log.warn(messageOf(error));
      return undefined;
    });
  }

  /** What the model says of sentences, as far as choosing the next ones asks for it. */
  measure(
    suggestions: Suggestions,
    sentences: readonly (readonly string[])[],
    token: CancellationToken,
  ): Promise<readonly Measures[]> {
    return this.#answer(suggestions, (answering) => {
      const params = { ...answering, sentences, language: suggestions.model.language };
      return this.#tagging.request((c) => c.sendRequest(MeasureSentences, params, token), token);
    });
  }

  /**
   * The model learns from what people have decided, and answers anew.
   * @param suggestions its answers; undefined: there is no model, and the labels are all there is
   * @param sentences tags in the model's scheme; none: all that it had learnt was taken back
   */
  async adapt(
    suggestions: Suggestions | undefined,
    task: Task,
    sentences: readonly LabelledSentence[],
    token: CancellationToken,
  ): Promise<void> {
    this.#requireTrust();
    const model = suggestions?.model.reference;
    if (sentences.length === 0) {
      const hasLearnt = model === undefined || this.#learnt.has(keyOf(model));
      if (hasLearnt) await this.#forget(suggestions, task);
      this.#queue.wake();
      return;
    }
    const params = { model, task, sentences, language: '' };
    const adapted = await this.#tagging.request((c) => c.sendRequest(AdaptModel, params, token), token);
    const { adaptation, tags, scheme } = adapted;
    if (model !== undefined) {
      const learnt = { tags, scheme, adaptation };
      this.#learnt.set(keyOf(model), learnt);
      for (const answers of await this.#answersOf(model)) answers.renew({ ...answers.model, ...learnt });
    } else {
      const known = this.#corrections.get(task);
      const active = { ...CORRECTIONS, task, tags, scheme, adaptation };
      if (known === undefined) this.#corrections.set(task, new Suggestions(active));
      else known.renew(active);
      for (const document of this.#options.documents.all()) {
        if (document.suggestions === undefined) await this.assign(document);
      }
    }
    this.#queue.wake();
  }

  /** Asks the process; where it has lost what it had learnt, the model as it was trained answers, until it learns again. */
  async #answer<R>(suggestions: Suggestions, send: (answering: AnsweringModel) => Promise<R>): Promise<R> {
    const { reference, adaptation } = suggestions.model;
    try {
      return await send({ model: reference, ...(adaptation !== undefined && { adaptation }) });
    } catch (error) {
      const isLost = error instanceof ResponseError && error.code === ADAPTATION_LOST;
      if (!isLost || suggestions.model.adaptation !== adaptation) throw error;
      await this.#forget(suggestions, suggestions.model.task);
      this.#options.modelsChanged();
      if (reference === undefined) throw error;
      return send({ model: reference });
    }
  }

  /** The model answers as it was trained, until it learns again; where there is none, nothing does. */
  async #forget(suggestions: Suggestions | undefined, task: Task): Promise<void> {
    const reference = suggestions?.model.reference;
    if (reference === undefined) {
      this.#forgetCorrections(task);
      return;
    }
    const key = keyOf(reference);
    this.#learnt.delete(key);
    // Its tags are fewer than those that it had learnt.
    const trained = await this.#tagging.request((c) => c.sendRequest(LoadModel, reference));
    for (const answers of new Set([suggestions!, ...(await this.#answersOf(reference))])) {
      const { adaptation: _, ...model } = answers.model;
      answers.renew({ ...model, ...trained, ...this.#learnt.get(key) });
    }
  }

  #forgetCorrections(task: Task): void {
    const suggestions = this.#corrections.get(task);
    this.#corrections.delete(task);
    for (const document of this.#options.documents.all()) {
      if (suggestions !== undefined && document.suggestions === suggestions) void this.assign(document);
    }
  }

  /** Models that answer for no open document any more: a retraining has taken their place. */
  #letGo(): void {
    const open = Array.from(this.#options.documents.all(), ({ suggestions }) => suggestions?.model.reference);
    const used = new Set(open.flatMap((reference) => (reference === undefined ? [] : [keyOf(reference)])));
    for (const [key, { reference }] of this.#loaded) if (!used.has(keyOf(reference))) this.#loaded.delete(key);
    for (const key of this.#learnt.keys()) if (!used.has(key)) this.#learnt.delete(key);
  }

  /** All answers of a model: one for each language that it reads here, and those of documents that were opened meanwhile. */
  async #answersOf(reference: ModelReference): Promise<Suggestions[]> {
    const loading = Array.from(this.#loaded.values(), ({ suggestions }) => suggestions.catch(() => undefined));
    const loaded = await Promise.all(loading);
    const open = Array.from(this.#options.documents.all(), ({ suggestions }) => suggestions);
    const key = keyOf(reference);
    const isOf = (one: Suggestions) => one.model.reference !== undefined && keyOf(one.model.reference) === key;
    return [...new Set([...loaded, ...open])].filter((one) => one !== undefined).filter(isOf);
  }

  edited(document: OpenDocument, edit: SentenceEdit): void {
    this.#queue.edited(document, edit);
  }

  close(document: OpenDocument): void {
    this.#queue.forget(document);
  }

  /**
   * Tags the undecided sentences of a document, open or not, that have no suggestions yet.
   * @param tagged is told how many sentences have come
   * @throws Error where no model fits it, or it is cancelled
   */
  async tagAll(document: OpenDocument, tagged: (sentences: number) => void, token: CancellationToken): Promise<void> {
    document.suggestions ??= await this.#suggestionsFor(document);
    const { suggestions } = document;
    if (!document.settings.suggestions.enabled) {
      throw new Error(`${document.path}: suggestions are off; switch crosstag.suggestions.enabled on`);
    }
    if (suggestions === undefined) {
      throw new Error(
        `${document.path}: no model suggests labels for it; train one, or choose one with “Choose Model…”`,
      );
    }
    for (const sentences of undecidedBatches(document)) {
      if (await this.#tagBatch(suggestions, sentences, token)) tagged(sentences.length);
    }
  }

  /**
   * Tags the undecided ones of sentences [first, end) of a document that have no suggestions yet; without a model none.
   * @throws Error where it is cancelled
   */
  async tagRange(document: OpenDocument, first: number, end: number, token: CancellationToken): Promise<void> {
    const { suggestions } = document;
    if (suggestions === undefined) return;
    for (const sentences of undecidedBatches(document, first, end)) await this.#tagBatch(suggestions, sentences, token);
  }

  /** @returns false where the model has learnt meanwhile: these sentences go without an answer of it as it is now */
  async #tagBatch(
    suggestions: Suggestions,
    sentences: readonly Sentence[],
    token: CancellationToken,
  ): Promise<boolean> {
    if (token.isCancellationRequested) throw new Error('cancelled');
    const words = sentences.map((sentence) => sentence.tokens.map(({ form }) => form));
    const { model } = suggestions;
    const answers = await this.#tag(suggestions, words, token);
    if (suggestions.model !== model) return false;
    for (const [i, sentence] of sentences.entries()) suggestions.put(sentence, answers[i]!);
    return true;
  }

  #tag(
    suggestions: Suggestions,
    sentences: readonly (readonly string[])[],
    token: CancellationToken,
  ): Promise<readonly Uint16Array[]> {
    return this.#answer(suggestions, (answering) => {
      const params = { ...answering, sentences, language: suggestions.model.language };
      return this.#tagging.request((c) => c.sendRequest(TagSentences, params, token), token);
    });
  }

  /**
   * Uses the model in this folder for the documents of its task, until the server ends.
   * @throws Error where there is no model that can be loaded
   */
  async use(folder: string, settings: Settings): Promise<ModelStatus> {
    this.#requireTrust();
    const model = await describeModel(this.#options.files, folder);
    if (model === undefined) throw new Error(`${folder}: there is no model; choose a folder with a model.json`);
    await this.#load(model, { ...settings, language: '' });
    this.#choice.choose(model);
    await this.refresh();
    return this.#status.say('ready');
  }

  /**
   * Trains a tagger in its own process and uses it.
   * @throws Error where something is being trained, the input is bad, or it is cancelled
   */
  async train(
    data: Omit<TrainModelParams, keyof TrainingSettings>,
    settings: Settings,
    progress: ReportProgress,
    token: CancellationToken,
  ): Promise<TrainedModel> {
    const trained = await this.#inBackground('Training a tagger', progress, (report) =>
      this.#training.train({ ...data, ...trainingSettings(settings) }, report, token),
    );
    await this.modelsChanged();
    return trained;
  }

  /**
   * Pre-trains an encoder in the process that trains.
   * @throws Error as `train`; what was learnt is on the disk then, and the same call goes on
   */
  pretrain(
    data: Omit<PretrainParams, keyof TrainingSettings>,
    settings: Settings,
    progress: ReportProgress,
    token: CancellationToken,
  ): Promise<PretrainReport> {
    return this.#inBackground('Pre-training an encoder', progress, (report) =>
      this.#training.pretrain({ ...data, ...trainingSettings(settings) }, report, token),
    );
  }

  /**
   * Trains on all labels of a folder, and uses the new model if it is not worse. Waits for a training that is under way.
   * @param data asked for when it begins
   * @throws Error as `train`; what was learnt is on the disk then, and the same call goes on
   */
  async retrain(
    data: () => Omit<RetrainParams, keyof TrainingSettings>,
    settings: Settings,
    progress: ReportProgress,
    token: CancellationToken,
  ): Promise<Retrained> {
    this.#requireTrust();
    const { underWay } = this.#training;
    if (underWay !== undefined) progress(0, `waiting, ${underWay}`);
    const retrained = await this.#inBackground('Training on your labels', progress, (report) =>
      this.#training.retrain(() => ({ ...data(), ...trainingSettings(settings) }), report, token),
    );
    if (retrained.accepted) await this.modelsChanged();
    return retrained;
  }

  /** Scores the models of a folder. @throws Error as `train` */
  score(
    data: Omit<RetrainParams, keyof TrainingSettings>,
    settings: Settings,
    progress: ReportProgress,
    token: CancellationToken,
  ): Promise<readonly ScoredModel[]> {
    return this.#inBackground('Comparing models', progress, (report) =>
      this.#training.score({ ...data, ...trainingSettings(settings) }, report, token),
    );
  }

  /** Other models are in use now than those that were chosen for this session. */
  async modelsChanged(): Promise<void> {
    this.#choice.forget();
    await this.refresh();
  }

  dispose(): void {
    this.#tagging.kill();
    this.#training.dispose();
  }

  /** What a training reports is for whoever asked for it and for the status. */
  async #inBackground<R>(title: string, progress: ReportProgress, work: (report: ReportProgress) => Promise<R>) {
    this.#requireTrust();
    const isFree = this.#training.state === undefined;
    const working = work((done, message) => {
      this.#status.progress(`${title}: ${message}`, done);
      this.#status.say('training');
      progress(done, message);
    });
    if (isFree) this.#status.progress(title);
    this.#status.say('training');
    try {
      return await working;
    } finally {
      this.#status.say('ready');
    }
  }

  #requireTrust(): void {
    if (!this.#trusted) throw new Error('models are loaded and trained in trusted workspaces only; trust this one');
  }

  /** The answers of the first model that can be loaded. */
  async #suggestionsFor(document: OpenDocument): Promise<Suggestions | undefined> {
    const { settings } = document;
    if (!this.#trusted || !settings.suggestions.enabled) return undefined;
    const { models, named } = await this.#choice.candidates(document);
    for (const model of models) {
      try {
        return await this.#load(model, settings);
      } catch (error) {
        if (named || error instanceof ProcessDied) throw error;
        this.#options.log.warn(`model ${model.name} is left out: ${messageOf(error)}`);
      }
    }
    return this.#corrections.get(document.task);
  }

  /** The same words in another language get other answers, if the model reads several. */
  async #load(model: KnownModel, settings: Settings): Promise<Suggestions> {
    const { folder, created } = model;
    const reference = { folder, created, ...trainingSettings(settings) };
    const language = readsAs(model, settings.language) ?? '';
    const key = JSON.stringify([reference, language]);
    let loaded = this.#loaded.get(key);
    if (loaded === undefined) {
      loaded = { reference, suggestions: this.#start(model, reference, language) };
      this.#loaded.set(key, loaded);
      loaded.suggestions.catch(() => this.#loaded.delete(key));
    }
    const suggestions = await loaded.suggestions;
    this.#status.loaded(model.name);
    return suggestions;
  }

  async #start(model: KnownModel, reference: ModelReference, language: string): Promise<Suggestions> {
    this.#status.say('loading', { model: model.name });
    try {
      const loaded = await this.#tagging.request((c) => c.sendRequest(LoadModel, reference));
      this.#status.loaded(model.name);
      return new Suggestions({ ...model, ...loaded, ...this.#learnt.get(keyOf(reference)), reference, language });
    } finally {
      this.#status.say('ready');
    }
  }

  #died(message: string, inARow: number, startsAgain: boolean): void {
    const { report } = this.#options;
    if (!startsAgain) report(`${message} ${inARow} times in a row and stays off; see the log, then reload the window`);
    else if (inARow === 1) report(`${message} and is started again when it is needed`);
  }

  #fail(error: unknown): void {
    const message = messageOf(error);
    this.#options.log.error(message);
    this.#status.say('failed', { message });
  }
}

/** A model that consists of corrections alone. */
const CORRECTIONS = { folder: '', name: 'corrections', created: '', languages: [], reference: undefined, language: '' };

function keyOf(reference: ModelReference): string {
  return JSON.stringify(reference);
}

/** A person's machine is busy: one core is left alone. */
function trainingSettings({ engine, threads }: Settings): TrainingSettings {
  return { engine, threads: threads > 0 ? threads : Math.max(1, availableParallelism() - 1) };
}
