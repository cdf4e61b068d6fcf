// Retraining on corrections, its versions, and the dashboard.
import { NotificationType, RequestType } from 'vscode-languageserver-protocol';
import type { ProjectParams } from './models.ts';

/** The score of a model, 0 to 100: F1 (NER) or accuracy (POS). */
export interface VersionScore {
  /** Of the model as it is now on the sentences that are held out now; undefined where nothing is held out yet. */
  readonly holdout?: number;
  /** On development data of the language whose labels it started from. */
  readonly source?: number;
}

/** A model of the workspace folder. */
export interface ModelVersion extends VersionScore {
  readonly folder: string;
  /** Name and version, as `ner/3`. */
  readonly name: string;
  readonly task: 'ner' | 'pos';
  /** ISO 8601. */
  readonly created: string;
  /** The one that suggests. */
  readonly active: boolean;
  /** Why it did not replace the one before it; undefined where it did. */
  readonly rejected?: string;
}

export interface RetrainResult {
  /** Name of the model that was in use, and of the new one, as `ner/3`. */
  readonly old?: string;
  /** Absent where no label was new, and nothing was trained. */
  readonly new?: string;
  /** Scores on the hold-out and what is in it. */
  readonly holdout: {
    readonly old?: number;
    readonly new?: number;
    readonly sentences: number;
    readonly tokens: number;
  };
  /** Whether the new model suggests from now on. */
  readonly accepted: boolean;
  /** One line for people. */
  readonly reason: string;
  readonly seconds: number;
  /** Nobody asked for it: it was due. */
  readonly byItself?: boolean;
}

/**
 * Client -> server: trains the tagger on all labels of the folder and replaces the one in use if the new one is not worse.
 * Cancellable; reports work-done progress. Where a run goes on already, this one waits behind it; at most one does.
 */
export const RetrainRequest = new RequestType<ProjectParams, RetrainResult, void>('crosstag/retrain');

/** Client -> server: retraining by schedule is paused (what runs is cancelled, and can go on later) or resumed. */
export const PauseTrainingRequest = new RequestType<
  { readonly folder: string; readonly paused: boolean },
  LearningStatus,
  void
>('crosstag/pauseTraining');

/** Client -> server: the models of a folder, the one in use first, then the newest; scored on the present hold-out if asked. */
export const VersionsRequest = new RequestType<
  { readonly folder: string; readonly score: boolean; readonly workDoneToken?: string | number },
  { readonly versions: readonly ModelVersion[] },
  void
>('crosstag/versions');

/** Client -> server: uses this model of the workspace from now on, until a later one is better. Survives a restart. */
export const RestoreVersionRequest = new RequestType<{ readonly folder: string }, LearningStatus, void>(
  'crosstag/restoreVersion',
);

/** How retraining stands in a workspace folder. */
export interface LearningStatus {
  /** The workspace folder. */
  readonly folder: string;
  readonly state: 'idle' | 'waiting' | 'training' | 'paused';
  /** Corrections that no model has learnt from yet, and how many make it train. */
  readonly corrections: number;
  readonly after: number;
  /** Another run waits behind the one that goes on. */
  readonly queued: boolean;
  /** What the last run of this session came to. */
  readonly last?: RetrainResult | { readonly failed: string };
}

/** Server -> client: retraining stands elsewhere, or the history has a new line: a dashboard asks again. */
export const LearningChanged = new NotificationType<LearningStatus>('crosstag/learningChanged');

export interface Dashboard {
  /** Name of the workspace folder. */
  readonly name: string;
  /** HTML, as that of `EncoderReport`. */
  readonly body: string;
}

/** Client -> server: how labelling and learning stand in a workspace folder. A dashboard asks again when anything changes. */
export const DashboardRequest = new RequestType<{ readonly folder: string }, Dashboard, void>('crosstag/dashboard');
