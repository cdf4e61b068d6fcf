// Models and encoders: training them, using them, and what a project says of them.
import { NotificationType, RequestType } from 'vscode-languageserver-protocol';

/** State of the model process, for the status bar item. */
export interface ModelStatus {
  readonly state: 'none' | 'loading' | 'ready' | 'tagging' | 'training' | 'pretraining' | 'failed';
  /** Name and version of the model in use, as `ner/3`. */
  readonly model?: string;
  /** How much of a training or pre-training is done, 0 to 1, where that is known. */
  readonly done?: number;
  /** One line for people: what it does, or what failed and what to do. */
  readonly message: string;
}

/** Server -> client: the state of the model process has changed. */
export const ModelStatusChanged = new NotificationType<ModelStatus>('crosstag/modelStatus');

export interface TrainParams {
  /** Labelled files to train on and to choose the best checkpoint by. */
  readonly train: readonly string[];
  readonly dev?: string;
  readonly parts: 'wide' | 'deep' | 'both';
  /** Token for LSP work-done progress, made by the client. */
  readonly workDoneToken?: string | number;
}

export interface TrainResult {
  /** Folder of the new model. */
  readonly model: string;
  /** F1 (NER) or accuracy (POS) on dev, 0 to 100. */
  readonly dev: number;
  readonly seconds: number;
  /** The same measure on the test files of `crosstag.json`. */
  readonly tests: readonly { readonly language: string; readonly path: string; readonly score: number }[];
}

/** Client -> server: trains a tagger in the model process, then uses it. Cancellable; reports work-done progress. */
export const TrainRequest = new RequestType<TrainParams, TrainResult, void>('crosstag/train');

/** Client -> server: loads the model in this folder instead of the newest of the workspace. */
export const UseModelRequest = new RequestType<{ readonly folder: string }, ModelStatus, void>('crosstag/useModel');

/** A project as a person has put it together. Paths are absolute; `crosstag.json` gets them relative to its folder. */
export interface ProjectDraft {
  readonly task: 'ner' | 'pos';
  readonly languages: readonly {
    /** BCP 47. */
    readonly language: string;
    /** Plain text to pre-train on. */
    readonly text?: string;
    readonly train?: readonly string[];
    readonly dev?: string;
    /** Files and folders to label in this language. */
    readonly documents?: readonly string[];
  }[];
  /** Absent where fewer than two languages have a plain text. */
  readonly encoder?: {
    readonly size: 'tiny' | 'small' | 'base' | 'paper';
    /** Word list of the first and the second language that have a plain text, or lists by their languages (`en-am`). */
    readonly pairs?: string | Readonly<Record<string, string>>;
    readonly minutes?: number;
  };
}

/** Client -> server: writes `crosstag.json` into a workspace folder. One that is there is an error unless `replace` is set. */
export const SetUpProjectRequest = new RequestType<
  { readonly folder: string; readonly project: ProjectDraft; readonly replace: boolean },
  { readonly path: string },
  void
>('crosstag/setUpProject');

export interface ProjectParams {
  /** Workspace folder with a `crosstag.json`. */
  readonly folder: string;
  /** Token for LSP work-done progress, made by the client. */
  readonly workDoneToken?: string | number;
}

export interface PretrainProjectParams extends ProjectParams {
  /** Name and version of the newest encoder, as `pt-wo/1`, if it is to be trained further, into a new version. */
  readonly from?: string;
  /** What becomes of an unfinished pre-training; default: it goes on, whatever `from` says. */
  readonly unfinished?: 'finish' | 'discard';
}

/** What a pre-training in a workspace folder would begin with. */
export interface EncoderState {
  /** How far an unfinished pre-training is. */
  readonly unfinished?: { readonly steps: number; readonly seconds: number };
  /** The newest encoder, which can be trained further; its name and version as `pt-wo/1`. */
  readonly newest?: { readonly name: string; readonly words: number; readonly seconds: number };
}

/** Client -> server: which encoders of `crosstag.json` there are. */
export const EncoderStateRequest = new RequestType<{ readonly folder: string }, EncoderState, void>(
  'crosstag/encoderState',
);

export interface PretrainResult {
  /** Folder of the new encoder. */
  readonly encoder: string;
  readonly steps: number;
  /** Words of all languages, passed over by all runs. */
  readonly words: number;
  /** Seconds of training, interrupted runs included. */
  readonly seconds: number;
  /** Perplexity a token by language. */
  readonly perplexity: Readonly<Record<string, { readonly forward: number; readonly backward: number }>>;
}

/**
 * Client -> server: pre-trains the encoder of `crosstag.json` in a process of its own. Cancellable; reports work-done
 * progress. The same request goes on where a cancelled or killed one stood.
 */
export const PretrainRequest = new RequestType<PretrainProjectParams, PretrainResult, void>('crosstag/pretrain');

/** Client -> server: trains the tagger of `crosstag.json` with its newest encoder, then uses it. As `crosstag/train`. */
export const TrainProjectRequest = new RequestType<ProjectParams, TrainResult, void>('crosstag/trainProject');

export interface EncoderReport {
  /** Name and version of the encoder, as `en-am/1`. */
  readonly name: string;
  /** HTML: what was trained, the curves as data and as tables. The script `dist/report.js` draws them. */
  readonly body: string;
}

/** Client -> server: the report of an encoder, finished or being pre-trained. */
export const EncoderReportRequest = new RequestType<{ readonly folder: string }, EncoderReport, void>(
  'crosstag/encoderReport',
);
