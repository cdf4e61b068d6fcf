// Messages between the language server and its model processes (trainer.ts): JSON-RPC over Node's IPC channel with the
// structured-clone serialisation, so that typed arrays travel as they are. A tag request names its model, which makes
// every request complete in itself: after a crash it can be sent again to a fresh process.
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { Parts } from './tagger/types.ts';
import type { LoadedModel, ModelReference } from './workspace/models.ts';

/** Server -> model process: loads a model (a loaded one is replaced). */
export const LoadModel = new RequestType<ModelReference, LoadedModel, void>('load');

export interface TagParams {
  readonly model: ModelReference;
  readonly sentences: readonly (readonly string[])[];
}

/** Server -> model process: tags sentences, marginals included; one packed answer each (workspace/suggestion.ts). */
export const TagSentences = new RequestType<TagParams, readonly Uint16Array[], void>('tag');

export interface TrainModelParams {
  readonly train: readonly string[];
  readonly dev?: string;
  /** Workspace folder; the model becomes the next version under its `.crosstag/models`. */
  readonly workspace: string;
  readonly parts: Parts;
  readonly engine: string;
  readonly threads: number;
}

export interface TrainedModel {
  readonly folder: string;
  /** F1 (NER) or accuracy (POS) on dev, 0 to 100. */
  readonly dev: number;
  readonly seconds: number;
}

/** Server -> model process: trains a tagger. Cancellable. */
export const TrainModel = new RequestType<TrainModelParams, TrainedModel, void>('train');

/** Model process -> server: how far training is, `done` from 0 to 1, and one line for people. */
export const TrainingProgress = new NotificationType<{ readonly done: number; readonly message: string }>('progress');
