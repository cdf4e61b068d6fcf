// Retraining in the server: who asks for it, when it is due, and who hears of it. The work itself is done by the model process.

import { dirname } from 'node:path';
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc';
import { readPaused, writePaused } from './learning/paused.ts';
import { RetrainSchedule, type ScheduleLimits } from './learning/schedule.ts';
import { listModels } from './learning/score-models.ts';
import { waitingCorrections } from './learning/status.ts';
import type { ModelService } from './model-service.ts';
import type { LearningStatus, ModelVersion, RetrainResult } from './protocol.ts';
import { messageOf } from './text/error-message.ts';
import { InputError, isAnnotated, type Task } from './text/index.ts';
import type { ReportProgress } from './training-service.ts';
import type { Documents, OpenDocument } from './workspace/documents.ts';
import type { Clock, Files, Logger } from './workspace/host.ts';
import type { Journal } from './workspace/journal/index.ts';
import { writeChoice } from './workspace/model-verdicts.ts';
import { describeModel, modelsFolder } from './workspace/models.ts';
import { Project } from './workspace/project.ts';
import { LEARNING_DEFAULTS } from './workspace/project-schema.ts';
import type { Settings } from './workspace/settings.ts';

export interface LearningServiceOptions {
  readonly models: ModelService;
  readonly documents: Documents;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
  /** Nothing is trained by itself in a folder that is not trusted. */
  readonly trusted: () => boolean;
  /** The workspace folder that a file belongs to. */
  readonly folderOf: (path: string) => string;
  /** The journal of a workspace folder, as soon as it is read. */
  readonly journalOf: (folder: string) => Promise<Journal>;
  readonly settings: () => Promise<Settings>;
  readonly changed: (status: LearningStatus) => void;
  /** Something that the user should hear of. */
  readonly report: (message: string) => void;
}

/** Retraining in one workspace folder. */
interface FolderLearning {
  readonly schedule: RetrainSchedule<RetrainResult>;
  readonly listeners: Set<ReportProgress>;
  /** Corrections make it train by itself only where there is a project. */
  hasProject: boolean;
  after: number;
  last: LearningStatus['last'];
}

export class LearningService {
  readonly #options: LearningServiceOptions;
  readonly #folders = new Map<string, FolderLearning>();

  constructor(options: LearningServiceOptions) {
    this.#options = options;
  }

  /** A document was opened: what its folder has not learnt yet may be due. */
  opened({ path }: OpenDocument): void {
    if (!this.#options.trusted()) return;
    this.#of(this.#options.folderOf(path));
  }

  /** A person has decided about labels of a document, in so many sentences; the journal has it. */
  corrected({ path }: OpenDocument, sentences: number): void {
    const learning = this.#of(this.#options.folderOf(path));
    if (learning.hasProject && this.#options.trusted()) learning.schedule.corrected(sentences);
  }

  /** A person is at work in a document. */
  edited({ path }: OpenDocument): void {
    this.#folders.get(this.#options.folderOf(path))?.schedule.edited();
  }

  /** A crosstag.json has changed. */
  async configured(): Promise<void> {
    await Promise.all(Array.from(this.#folders, ([folder, learning]) => this.#configure(folder, learning)));
  }

  /**
   * Trains as soon as nothing else is trained.
   * @throws InputError where there is nothing to learn from; Error where it is cancelled
   */
  async retrain(folder: string, progress: ReportProgress, token: CancellationToken): Promise<RetrainResult> {
    const { schedule, listeners } = this.#of(folder);
    listeners.add(progress);
    const request = schedule.request();
    const cancelling = token.onCancellationRequested(() => schedule.withdraw(request));
    try {
      return await request;
    } finally {
      listeners.delete(progress);
      cancelling.dispose();
    }
  }

  /** @throws InputError where it cannot be written down for the next start of the server */
  async pause(folder: string, paused: boolean): Promise<LearningStatus> {
    if (this.#options.trusted()) await writePaused(folder, paused);
    const learning = this.#of(folder);
    if (paused) learning.schedule.pause();
    else learning.schedule.resume();
    return this.#statusOf(folder, learning);
  }

  /** Whether a folder's tagger is trained, or waits for it; undefined where nothing has begun there. */
  stateOf(folder: string): LearningStatus['state'] | undefined {
    return this.#folders.get(folder)?.schedule.state;
  }

  /** The models of a folder, those in use first. @throws InputError where they are to be scored and there is no project */
  async versions(
    folder: string,
    score: boolean,
    progress: ReportProgress,
    token: CancellationToken,
  ): Promise<ModelVersion[]> {
    const { files, models, settings } = this.#options;
    const data = { workspace: folder, open: this.#openTexts(folder) };
    const found = score ? await models.score(data, await settings(), progress, token) : await listModels(files, folder);
    return found.map(({ languages: _, labelsRead: __, ...version }) => version);
  }

  /**
   * Goes back to a model of the workspace, until a later one is better.
   * @throws InputError where there is no such model in a workspace folder
   */
  async restore(folder: string): Promise<LearningStatus> {
    const { files, models } = this.#options;
    const model = await describeModel(files, folder);
    const registry = dirname(dirname(folder));
    const workspace = dirname(dirname(registry));
    if (model === undefined || modelsFolder(workspace) !== registry) {
      throw new InputError('this is no model of the workspace', 'choose one of its versions', { path: folder });
    }
    await writeChoice(files, registry, model.task, model.name);
    await models.modelsChanged();
    const learning = this.#of(workspace);
    this.#say(workspace, learning);
    return this.#statusOf(workspace, learning);
  }

  dispose(): void {
    for (const { schedule } of this.#folders.values()) schedule.dispose();
  }

  #of(folder: string): FolderLearning {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const { clock, log, report } = this.#options;
    const learning: FolderLearning = {
      schedule: new RetrainSchedule<RetrainResult>(LEARNING_DEFAULTS, {
        clock,
        run: (signal, asked) => this.#run(folder, learning, signal, asked),
        changed: () => this.#say(folder, learning),
        failed: (error) => {
          const message = messageOf(error);
          learning.last = { failed: message };
          log.error(message);
          report(`Training on your labels failed: ${message}`);
        },
      }),
      listeners: new Set(),
      hasProject: false,
      ...{ after: LEARNING_DEFAULTS.corrections, last: undefined },
    };
    this.#folders.set(folder, learning);
    this.#start(folder, learning).catch((error) => log.error(messageOf(error)));
    return learning;
  }

  async #start(folder: string, learning: FolderLearning): Promise<void> {
    if (await readPaused(this.#options.files, folder)) learning.schedule.pause();
    await this.#configure(folder, learning);
  }

  async #configure(folder: string, learning: FolderLearning): Promise<void> {
    const { files, log } = this.#options;
    const project = await Project.read(files, folder).catch((error) => {
      log.warn(messageOf(error));
      return undefined;
    });
    const { corrections, minutes }: ScheduleLimits = { ...LEARNING_DEFAULTS, ...project?.description.learning };
    const isNew = project !== undefined && !learning.hasProject;
    learning.hasProject = project !== undefined;
    learning.after = corrections;
    learning.schedule.configure({ corrections, minutes });
    if (isNew) await this.#count(folder, learning, project.description.task);
  }

  /** Corrections of earlier sessions count, too, and those that were made before there was a project. */
  async #count(folder: string, { schedule }: FolderLearning, task: Task): Promise<void> {
    const { files, journalOf, log } = this.#options;
    const waiting = await waitingCorrections(files, folder, task, await journalOf(folder)).catch((error) => {
      log.warn(`earlier corrections are not counted: ${messageOf(error)}`);
      return 0;
    });
    const more = waiting - schedule.corrections;
    if (more > 0) schedule.corrected(more);
  }

  async #run(folder: string, learning: FolderLearning, signal: AbortSignal, asked: boolean): Promise<RetrainResult> {
    const { models, settings } = this.#options;
    await this.#configure(folder, learning);
    const source = new CancellationTokenSource();
    if (signal.aborted) source.cancel();
    signal.addEventListener('abort', () => source.cancel());
    const progress: ReportProgress = (done, message) => {
      for (const listener of learning.listeners) listener(done, message);
    };
    const labelsRead = new Date().toISOString();
    const data = () => ({ workspace: folder, open: this.#openTexts(folder), labelsRead });
    const retrained = await models.retrain(data, await settings(), progress, source.token);
    const { old, new: fresh, holdout, accepted, reason, seconds } = retrained;
    const result: RetrainResult = {
      ...{ holdout, accepted, reason, seconds },
      ...(old !== undefined && { old }),
      ...(fresh !== undefined && { new: fresh }),
      ...(!asked && { byItself: true }),
    };
    learning.last = result;
    return result;
  }

  /** The open documents: they may not be saved, and not even be edited since they were opened (an editor that was restarted). */
  #openTexts(folder: string) {
    const { documents, folderOf } = this.#options;
    return Array.from(documents.all())
      .filter(({ path }) => folderOf(path) === folder)
      .map(({ path, text }) => ({
        ...{ path, text: text.text },
        ...(isAnnotated(text) && { annotations: text.annotations }),
      }));
  }

  #statusOf(folder: string, { schedule, after, last }: FolderLearning): LearningStatus {
    const { state, corrections, queued } = schedule;
    return { folder, state, corrections, after, queued, ...(last && { last }) };
  }

  #say(folder: string, learning: FolderLearning): void {
    this.#options.changed(this.#statusOf(folder, learning));
  }
}
