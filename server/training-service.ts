// The process that trains taggers and encoders: one work at a time, at low priority, never in the way of tagging.
import { constants } from 'node:os';
import type { CancellationToken, Disposable, MessageConnection } from 'vscode-jsonrpc';
import { ALLOCATOR } from './encoder/allocator.ts';
import type { PretrainReport } from './encoder/types.ts';
import type { Retrained } from './learning/retrain.ts';
import type { ScoredModel } from './learning/score-models.ts';
import { ProcessDied, Supervisor } from './supervisor.ts';
import {
  LAST_MOMENTS,
  PretrainEncoder,
  type PretrainParams,
  RetrainModel,
  type RetrainParams,
  ScoreModels,
  type TrainedModel,
  TrainingNote,
  TrainingProgress,
  TrainingWarning,
  TrainModel,
  type TrainModelParams,
} from './trainer-protocol.ts';
import type { Clock, Logger } from './workspace/host.ts';

/** Milliseconds that a cancelled training has to end by itself. */
const GRACE = 5000;

/** Times that a work is taken up again where its process dies: out of memory, it would die for ever. */
const MOST_ATTEMPTS = 4;

/** How far a work is: 0 to 1, and one line for people. */
export type ReportProgress = (done: number, message: string) => void;

export interface TrainingServiceOptions {
  /** The program of the model processes. */
  readonly program: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Something that the user should hear of once. */
  readonly report: (message: string) => void;
}

/** What is being trained, for messages. */
interface Work {
  readonly state: 'training' | 'pretraining';
  readonly name: string;
  readonly grace: number;
  /** Whether it begins when what is under way ends, instead of failing. */
  readonly waits?: boolean;
}

const TRAINING: Work = { state: 'training', name: 'a tagger is being trained', grace: GRACE };
const RETRAINING: Work = { ...TRAINING, waits: true };
const SCORING: Work = { state: 'training', name: 'models are being compared', grace: GRACE };
const PRETRAINING: Work = { state: 'pretraining', name: 'an encoder is being pre-trained', grace: LAST_MOMENTS };

export class TrainingService {
  readonly #options: TrainingServiceOptions;
  readonly #process: Supervisor;
  #work: Work | undefined;
  #ended: Promise<void> = Promise.resolve();
  #progress: ReportProgress | undefined;

  constructor(options: TrainingServiceOptions) {
    this.#options = options;
    const { program, log, clock } = options;
    this.#process = new Supervisor({
      ...{ program, log, clock, name: 'training', priority: constants.priority.PRIORITY_LOW, env: ALLOCATOR },
      died: (message, inARow) => {
        if (inARow === 1) options.report(`${message}; training goes on from its last checkpoint`);
      },
      connected: (connection: MessageConnection) => {
        connection.onNotification(TrainingProgress, ({ done, message }) => this.#progress?.(done, message));
        connection.onNotification(TrainingWarning, (message) => options.report(message));
        connection.onNotification(TrainingNote, (message) => log.info(message));
      },
    });
  }

  /** What is under way; undefined where nothing is. */
  get state(): Work['state'] | undefined {
    return this.#work?.state;
  }

  /** The same in words, as `an encoder is being pre-trained`. */
  get underWay(): string | undefined {
    return this.#work?.name;
  }

  /** @throws Error where something is being trained, the input is bad, or it is cancelled */
  train(params: TrainModelParams, progress: ReportProgress, token: CancellationToken): Promise<TrainedModel> {
    return this.#run(TRAINING, (c) => c.sendRequest(TrainModel, params, token), progress, token);
  }

  /** What was learnt before a cancellation or a death is on the disk, and the next call goes on. @throws Error as `train` */
  pretrain(params: PretrainParams, progress: ReportProgress, token: CancellationToken): Promise<PretrainReport> {
    return this.#run(PRETRAINING, (c) => c.sendRequest(PretrainEncoder, params, token), progress, token);
  }

  /**
   * As `pretrain`; waits for what is under way.
   * @param params asked for when it begins
   */
  retrain(params: () => RetrainParams, progress: ReportProgress, token: CancellationToken): Promise<Retrained> {
    return this.#run(RETRAINING, (c) => c.sendRequest(RetrainModel, params(), token), progress, token);
  }

  /** @throws Error as `train` */
  score(params: RetrainParams, progress: ReportProgress, token: CancellationToken): Promise<readonly ScoredModel[]> {
    return this.#run(SCORING, (c) => c.sendRequest(ScoreModels, params, token), progress, token);
  }

  /** What is under way writes down where it stands, and ends. */
  dispose(): void {
    this.#process.leave();
  }

  async #run<R>(
    work: Work,
    send: (connection: MessageConnection) => Promise<R>,
    progress: ReportProgress,
    token: CancellationToken,
  ): Promise<R> {
    // Of several that wait one begins, and the others look again.
    while (work.waits && this.#work !== undefined && !token.isCancellationRequested) {
      await endOrCancellation(this.#ended, token);
    }
    if (token.isCancellationRequested) throw new Error('cancelled');
    if (this.#work !== undefined) throw new Error(`${this.#work.name} already; wait for it or cancel it`);
    this.#work = work;
    let end = () => {};
    this.#ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#progress = progress;
    this.#process.forgive();
    let forgetEnd: (() => void) | undefined;
    const cancelling = token.onCancellationRequested(() => {
      forgetEnd = this.#options.clock.after(work.grace, () => this.#process.kill());
    });
    try {
      return await this.#process.request(send, token, MOST_ATTEMPTS);
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error;
      if (token.isCancellationRequested) throw new Error('cancelled');
      throw new Error(`${error.message} again and again; see the log, then run the command again to go on`);
    } finally {
      cancelling.dispose();
      // Else it would end the next training.
      forgetEnd?.();
      this.#work = undefined;
      this.#progress = undefined;
      this.#process.kill();
      end();
    }
  }
}

async function endOrCancellation(ended: Promise<void>, token: CancellationToken): Promise<void> {
  let cancelling: Disposable | undefined;
  const cancelled = new Promise<void>((resolve) => {
    cancelling = token.onCancellationRequested(() => resolve());
  });
  await Promise.race([ended, cancelled]);
  cancelling?.dispose();
}
