// What the status bar says of models: which one answers, or is being loaded, or what is being trained and how far that is.
import type { ModelStatus } from './protocol.ts';
import type { TrainingService } from './training-service.ts';

/** What may be said besides the state: the model that it is about, if it is not the one that answers, and a message. */
export interface Said {
  readonly model?: string;
  readonly message?: string;
}

export class ModelStatusLine {
  readonly #training: Pick<TrainingService, 'state'>;
  readonly #tell: (status: ModelStatus) => void;
  /** The model that was loaded last. */
  #model: string | undefined;
  /** What the newest report of a training says. */
  #progress: Pick<ModelStatus, 'message' | 'done'> = { message: '' };

  /** @param tell hears each status */
  constructor(training: Pick<TrainingService, 'state'>, tell: (status: ModelStatus) => void) {
    this.#training = training;
    this.#tell = tell;
  }

  /** This model answers from now on. */
  loaded(model: string): void {
    this.#model = model;
  }

  /** A training is that far. */
  progress(message: string, done?: number): void {
    this.#progress = { message, ...(done !== undefined && { done }) };
  }

  /** While something is trained, that is what the status says. What labels alone have taught is no model. */
  say(wanted: ModelStatus['state'], { model = this.#model, message }: Said = {}): ModelStatus {
    const training = this.#training.state;
    const state = training ?? (model === undefined && wanted !== 'failed' ? 'none' : wanted);
    const said = training === undefined ? { message: message ?? describe(state, model) } : this.#progress;
    const status = { state, ...(model !== undefined && { model }), ...said };
    this.#tell(status);
    return status;
  }
}

function describe(state: ModelStatus['state'], model: string | undefined): string {
  return state === 'none' ? 'No model yet; suggestions come from your labels' : `Model ${model}: ${state}`;
}
