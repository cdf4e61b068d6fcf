// Messages between the language server and its model processes (trainer.ts): JSON-RPC over Node's IPC channel with the
// structured-clone serialisation, so that typed arrays travel as they are. A tag request names its model, which makes
// every request complete in itself: after a crash it can be sent again to a fresh process.
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { LanguageListFile } from './encoder/pairs.ts';
import type { PretrainReport } from './encoder/types.ts';
import type { Measures } from './learning/acquisition/index.ts';
import type { OpenText } from './learning/document-labels.ts';
import type { Retrained } from './learning/retrain.ts';
import type { ScoredModel } from './learning/score-models.ts';
import type { LabelledSentence, Parts } from './tagger/types.ts';
import type { Format, Task } from './text/types.ts';
import type { LoadedModel, ModelReference } from './workspace/models.ts';
import type { LanguageFile, PretrainPlan } from './workspace/project.ts';

/**
 * Milliseconds that a pre-training has to end its step and to write down where it stands, when it is cancelled or the server has
 * gone: at the size of the paper a step takes most of a minute on two cores, and gigabytes are written.
 */
export const LAST_MOMENTS = 180_000;

/** Server -> model process: loads a model; one that is loaded already stays as it is. */
export const LoadModel = new RequestType<ModelReference, LoadedModel, void>('load');

/** What answers: a model, an adaptation of it, or an adaptation that has no model under it. */
export interface AnsweringModel {
  /** Undefined: the adaptation stands on its own. */
  readonly model: ModelReference | undefined;
  /** The version that `AdaptModel` gave it; undefined: the model as it is. */
  readonly adaptation?: number;
}

export interface TagParams extends AnsweringModel {
  readonly sentences: readonly (readonly string[])[];
  /** BCP 47 tag of their language; empty: the model's own. */
  readonly language: string;
}

/**
 * Server -> model process: tags sentences, marginals included; one packed answer each (workspace/suggestion.ts). Fails with
 * the code `ADAPTATION_LOST` where the process does not have the adaptation.
 */
export const TagSentences = new RequestType<TagParams, readonly Uint16Array[], void>('tag');

/** Code of the error for an adaptation that the process has not (it is a new one) or no longer has: adapt again. */
export const ADAPTATION_LOST = -32900;

export interface AdaptParams {
  /** The model that is corrected; undefined: the labels are all there is. */
  readonly model: ModelReference | undefined;
  /** Used without a model; a model has its own. */
  readonly task: Task;
  /** All that people have decided, tags in the model's scheme, undefined where nobody has. */
  readonly sentences: readonly LabelledSentence[];
  /** BCP 47 tag of the sentences that do not say theirs; empty: the model's own. */
  readonly language: string;
  /** Learning ends after so many seconds with what it has; default 6. */
  readonly seconds?: number;
}

export interface AdaptedModel extends LoadedModel {
  /** What later requests name; never the same twice in the life of a process, and told apart from those of other processes. */
  readonly adaptation: number;
  readonly seconds: number;
  readonly iterations: number;
}

/**
 * Server -> model process: learns corrections of a model within seconds (tagger/adaptation.ts), from the last adaptation of
 * the same model on. The process keeps the newest two of each model. Its `tags` may be more than the model's.
 * Cancellable.
 */
export const AdaptModel = new RequestType<AdaptParams, AdaptedModel, void>('adapt');

/** Server -> model process: what choosing asks of each sentence. Cancellable; fails as `TagSentences`. */
export const MeasureSentences = new RequestType<TagParams, readonly Measures[], void>('measure');

/** How a training runs. */
export interface TrainingSettings {
  readonly engine: string;
  readonly threads: number;
}

/** A labelled file; its language is empty where nobody has said it. */
export interface LabelledInput extends LanguageFile {
  /** Recognised by name and content where it is not given. */
  readonly format?: Format;
}

export interface TrainModelParams extends TrainingSettings {
  readonly train: readonly LabelledInput[];
  readonly dev: readonly LabelledInput[];
  /** Of the language that the model is for, where that has no files to train on. */
  readonly targetDev?: readonly LabelledInput[];
  /** The finished model is scored on these. */
  readonly test?: readonly LabelledInput[];
  /** Default: what the files hold. */
  readonly task?: Task;
  /** Folder of an encoder, and what of it is read. */
  readonly encoder?: string;
  readonly features?: string;
  /** Word vectors that the deep part reads. */
  readonly vectors?: readonly LanguageFile[];
  /** Language that the model is for, where it is another than that of the labels. */
  readonly target?: string;
  /** Of the language of the labels and `target`: the training text is translated by it as well. */
  readonly pairs?: LanguageListFile;
  /** Workspace folder; the model becomes the next version under its `.crosstag/models`. */
  readonly workspace: string;
  readonly parts: Parts;
  /** Of the deep part. */
  readonly limits?: { readonly epochs?: number; readonly minutes?: number };
}

export interface TrainedModel {
  readonly folder: string;
  /** F1 (NER) or accuracy (POS) on dev, 0 to 100. */
  readonly dev: number;
  readonly seconds: number;
  /** The same measure on each test file. */
  readonly tests: readonly (LabelledInput & { readonly score: number })[];
}

/** Server -> model process: trains a tagger. Cancellable. */
export const TrainModel = new RequestType<TrainModelParams, TrainedModel, void>('train');

/** Model process -> server: what the user should hear of and what does not end the training. */
export const TrainingWarning = new NotificationType<string>('warning');

/** Model process -> server: what is good to know, for the log. */
export const TrainingNote = new NotificationType<string>('note');

/** Model process -> server: how far training is, `done` from 0 to 1, and one line for people. */
export const TrainingProgress = new NotificationType<{ readonly done: number; readonly message: string }>('progress');

export interface PretrainParams extends TrainingSettings {
  /** Workspace folder. */
  readonly workspace: string;
  readonly plan: PretrainPlan;
  /** Folder of the encoder; an interrupted pre-training of it is taken up again. */
  readonly out: string;
  /** Folder of an encoder that is trained further, where there is no interrupted one. */
  readonly from?: string;
  /** What an interrupted one has learnt becomes the encoder. */
  readonly finish?: boolean;
  /** The interrupted one that is thrown away first, by its seconds: a request that is sent again finds another one. */
  readonly discard?: number;
}

/** Server -> model process: pre-trains an encoder. Cancellable; reports `progress`. */
export const PretrainEncoder = new RequestType<PretrainParams, PretrainReport, void>('pretrain');

export interface RetrainParams extends TrainingSettings {
  /** Workspace folder. */
  readonly workspace: string;
  /** Documents whose text in the editor may be another than that on the disk. */
  readonly open: readonly OpenText[];
  /** When it was so, ISO 8601: a retraining may wait for another one, or die and be taken up again. */
  readonly labelsRead?: string;
}

/**
 * Server -> model process: trains on all labels of a folder and puts the new model into use if it is not worse
 * (learning/retrain.ts). Cancellable; reports `progress`. A run that was cut off goes on.
 */
export const RetrainModel = new RequestType<RetrainParams, Retrained, void>('retrain');

/** Server -> model process: scores the models of a folder on its present hold-out. Cancellable; reports `progress`. */
export const ScoreModels = new RequestType<RetrainParams, readonly ScoredModel[], void>('score');
