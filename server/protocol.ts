// Custom requests and notifications between the extension (client) and the language server, beside standard LSP.
// The only file of server/ that extension/ imports, and it imports nothing but types of the protocol library.
import {
  NotificationType,
  type Position,
  type Range,
  RequestType,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol';

/**
 * What the client may say in `initialize`. A standard LSP client needs to say nothing: it is then trusted.
 * A client must sync `.ann` files too (raw text has its labels there) for unsaved labels to be seen.
 */
export interface InitializationOptions {
  /** False: view and lint only; no model is loaded or trained, until `crosstag/trusted`. */
  readonly trusted?: boolean;
  /** Settings for clients without `workspace/configuration`; same shape as the section `crosstag`. */
  readonly settings?: unknown;
}

/** Client -> server: the user has trusted the workspace. */
export const TrustGranted = new NotificationType<void>('crosstag/trusted');

/** One label to show. `range` covers a token (POS) or a whole span (NER) in the document. */
export interface ShownLabel {
  readonly range: Range;
  /** The tokens of a span in columns, each on a line of its own; other columns stand between them. */
  readonly parts?: readonly Range[];
  /** Without its BIO prefix: `PER`, `NOUN`. */
  readonly label: string;
  /** `human`: somebody gave it here, and the journal knows who. `file`: it stands in the file. `model`: a suggestion. */
  readonly origin: 'human' | 'file' | 'model';
  /** Probability of a suggestion, 0 to 1. */
  readonly probability?: number;
}

export interface LabelsParams {
  readonly uri: string;
  /** The visible lines. */
  readonly range: Range;
  /** Lines above and below that the answer covers too, as far as they do not hold too many sentences. */
  readonly margin?: number;
}

export interface LabelsResult {
  /** Version of the document that the ranges belong to; a client drops an answer for an older one. */
  readonly version: number;
  readonly labels: readonly ShownLabel[];
  /** The sentences with tokens in the visible lines, in order. */
  readonly sentences: readonly ShownSentence[];
}

export interface ShownSentence {
  readonly range: Range;
  /** `reviewed`: somebody has decided all of it; without labels that means that there is nothing to label. */
  readonly state: 'reviewed' | 'open';
}

/** Client -> server: what to decorate in the visible lines. Tells the server too which sentences to tag first. */
export const LabelsRequest = new RequestType<LabelsParams, LabelsResult, void>('crosstag/labels');

/** Server -> client: labels of a document have changed (suggestions came, the model was replaced): ask again. */
export const LabelsChanged = new NotificationType<{ readonly uri: string }>('crosstag/labelsChanged');

export interface LabelChoice {
  /** Without its BIO prefix; null: no entity (`O`). */
  readonly label: string | null;
  /** Probability that the model gives it, 0 to 1; absent without a model. */
  readonly probability?: number;
  readonly current: boolean;
}

/** Client -> server: the labels that the tokens in `range` can get, most probable first, for the quick pick. */
export const LabelChoicesRequest = new RequestType<
  { readonly uri: string; readonly range: Range },
  { readonly task: 'ner' | 'pos'; readonly tokens: string; readonly choices: readonly LabelChoice[] },
  void
>('crosstag/labelChoices');

export interface RelabelParams {
  readonly uri: string;
  readonly range: Range;
  readonly others?: OtherRanges;
  /** The label without prefix; null writes `O`; `_` writes "undecided". */
  readonly label: string | null;
}

/** Of further cursors: what is done at `range` is done there too, in one edit. Not in the review view. */
type OtherRanges = readonly Range[];

/** An edit of labels whose journal line is on the disk. A client that cannot apply it says so (`crosstag/editDropped`). */
export interface JournalledEdit extends WorkspaceEdit {
  /** Ids of the journal lines that this edit stands in; absent where nothing had to be written. */
  readonly journal?: readonly string[];
}

/** The labels of a sentence once an edit is applied, where its words stand before it in the document that was asked about. */
export interface SentenceShown {
  readonly range: Range;
  readonly labels: readonly ShownLabel[];
}

export interface WillBeShown {
  /** The document that was asked about. */
  readonly uri: string;
  readonly sentences: readonly SentenceShown[];
}

/**
 * Server -> client, before the answer to a request for an edit of labels: what sentences will show. Nobody need wait for the
 * disk and the editor to see it; where the answer is an error it is not to be.
 */
export const WillShow = new NotificationType<WillBeShown>('crosstag/willShow');

/** Client -> server: the edit that gives the tokens touched by `range` this label; the client applies it (undoable). */
export const RelabelRequest = new RequestType<RelabelParams, JournalledEdit, void>('crosstag/relabel');

export interface AcceptParams {
  readonly uri: string;
  readonly range: Range;
  readonly others?: OtherRanges;
  /** The suggestions that `range` touches, or all of the sentences that it touches. */
  readonly what: 'touched' | 'sentence';
  /** Suggestions below this probability stay suggestions. */
  readonly minimumProbability: number;
}

/** Client -> server: the one edit that writes suggestions into the file as labels; the client applies it (undoable). */
export const AcceptRequest = new RequestType<AcceptParams, JournalledEdit, void>('crosstag/accept');

export interface RejectParams {
  readonly uri: string;
  /** The suggestions that it touches are rejected. */
  readonly range: Range;
  readonly others?: OtherRanges;
}

/** Client -> server: the edit that makes the tokens of rejected suggestions `O`; the client applies it (undoable). NER only. */
export const RejectRequest = new RequestType<RejectParams, JournalledEdit, void>('crosstag/reject');

export interface ReviewParams {
  readonly uri: string;
  /** The sentences that it touches. */
  readonly range: Range;
  readonly others?: OtherRanges;
  /** False: they are to be looked at again. */
  readonly reviewed: boolean;
}

/**
 * Client -> server: somebody has decided these sentences. The edit turns what is undecided into `O`; it may be empty, and
 * the state is known all the same. An error where a word has no part of speech.
 */
export const ReviewRequest = new RequestType<ReviewParams, JournalledEdit, void>('crosstag/review');

export interface StructureParams {
  readonly uri: string;
  /** `splitToken`: the place within a word. `splitSentence`: the token that starts the second. Joins: what is joined, or its start. */
  readonly range: Range;
  readonly what: 'splitToken' | 'joinTokens' | 'splitSentence' | 'joinSentences';
}

/** Client -> server: the edit that splits or joins tokens or sentences; ids are numbered anew, and labels follow. */
export const StructureRequest = new RequestType<
  StructureParams,
  { readonly edit: JournalledEdit } | { readonly refused: string },
  void
>('crosstag/structure');

/** The file of a request, or all that crosstag.json lists as `documents`. */
export type BulkScope = 'file' | 'project';

export interface CountSuggestionsParams {
  readonly uri: string;
  readonly scope: BulkScope;
  readonly minimumProbability: number;
  /** Token for LSP work-done progress, made by the client. */
  readonly workDoneToken?: string | number;
}

/**
 * Client -> server: how many suggestions there are, files without any left out; what is not tagged yet is tagged first.
 * Cancellable; reports work-done progress.
 */
export const CountSuggestionsRequest = new RequestType<
  CountSuggestionsParams,
  { readonly files: readonly { readonly uri: string; readonly suggestions: number; readonly sentences: number }[] },
  void
>('crosstag/countSuggestions');

export interface AcceptAllParams {
  readonly uri: string;
  readonly minimumProbability: number;
  /** The same for the edits of one action. */
  readonly group?: string;
}

/** Client -> server: the one edit that writes all suggestions of an open file into it; what is not tagged yet is tagged first. */
export const AcceptAllRequest = new RequestType<AcceptAllParams, JournalledEdit, void>('crosstag/acceptAll');

/** Tokens [start, end) of a sentence, which is told by its number and its words. */
export interface HitPlace {
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
  /** Content hash of the sentence. */
  readonly hash: string;
}

/** A place that a person may want to relabel. */
export interface Hit extends HitPlace {
  readonly uri: string;
  /** From its first to its last word. */
  readonly range: Range;
  /** Its words, and those around it. */
  readonly words: string;
  readonly before: string;
  readonly after: string;
  /** Its labels now, as `PER`, `O`, `_` or `_, LOC`. */
  readonly labels: string;
  /** Whether it is ticked unless a person says otherwise. */
  readonly wanted: boolean;
}

export interface Hits {
  readonly hits: readonly Hit[];
  /** There are more, which are left out. */
  readonly more: boolean;
}

export interface OccurrencesParams {
  readonly uri: string;
  readonly range: Range;
  readonly scope: BulkScope;
  readonly ignoreCase: boolean;
  readonly workDoneToken?: string | number;
}

/**
 * Client -> server: where else the words of the label at the cursor stand without it. Those that are labelled otherwise, in
 * whole or in part, are not `wanted`. Cancellable.
 */
export const OccurrencesRequest = new RequestType<
  OccurrencesParams,
  (Hits & { readonly label: string; readonly words: string }) | { readonly refused: string },
  void
>('crosstag/occurrences');

export interface SearchParams {
  readonly uri: string;
  readonly scope: BulkScope;
  /** See docs/labelling.md. */
  readonly query: string;
  readonly workDoneToken?: string | number;
}

/** Client -> server: tokens and spans by words, patterns and labels; `refused` says what is wrong with the query. Cancellable. */
export const SearchRequest = new RequestType<SearchParams, Hits | { readonly refused: string }, void>(
  'crosstag/search',
);

export interface LabelHitsParams {
  /** An open file. */
  readonly uri: string;
  readonly hits: readonly HitPlace[];
  /** As `RelabelParams` has it. */
  readonly label: string | null;
  /** The same for the edits of one action. */
  readonly group?: string;
}

/** Client -> server: the one edit that labels hits of a file; an error where one of them has changed since. */
export const LabelHitsRequest = new RequestType<LabelHitsParams, JournalledEdit, void>('crosstag/labelHits');

/** Client -> server: an edit could not be applied, or was not wanted: its journal lines count for nothing. */
export const EditDropped = new NotificationType<{ readonly ids: readonly string[] }>('crosstag/editDropped');

/** Client -> server: the labels of the task of the text at a place, in the order of their keys, the same while the server runs. */
export const LabelKeysRequest = new RequestType<
  { readonly uri: string; readonly position: Position },
  readonly string[],
  void
>('crosstag/labelKeys');

export interface ResizeParams {
  readonly uri: string;
  /** Touches the span, or the suggestion, that is resized. */
  readonly range: Range;
  /** Which end moves, in the order of the text. */
  readonly end: 'start' | 'end';
  /** Tokens: 1 towards the end of the text, -1 towards its start. */
  readonly by: 1 | -1;
}

/** The edit and where the span stands then; or why there is none, in a line for people. */
export type ResizeResult = { readonly edit: JournalledEdit; readonly range: Range } | { readonly refused: string };

/** Client -> server: the edit that moves an end of a span by a token (NER). */
export const ResizeRequest = new RequestType<ResizeParams, ResizeResult, void>('crosstag/resize');

export interface OpenSentenceParams {
  readonly uri: string;
  readonly position: Position;
  readonly direction: 1 | -1;
  /** The sentence at the position counts too. */
  readonly here?: boolean;
}

/** Client -> server: the next or the previous sentence with undecided tokens: where to go on in it; null: there is none. */
export const OpenSentenceRequest = new RequestType<OpenSentenceParams, Range | null, void>('crosstag/openSentence');

export interface NextSuggestionParams {
  readonly uri: string;
  readonly position: Position;
  readonly direction: 1 | -1;
  /** 0 to 1. */
  readonly minimumProbability: number;
}

/** Client -> server: the next suggestion that starts behind the position, or the one before it; null: there is none. */
export const NextSuggestionRequest = new RequestType<NextSuggestionParams, Range | null, void>(
  'crosstag/nextSuggestion',
);

/** Scheme of the documents of the review view: their lines are sentences of files, and requests for labels work there too. */
export const REVIEW_SCHEME = 'crosstag-review';

/** A sentence by its content, wherever it stands in its file now. */
export interface SentencePlace {
  /** Of its file. */
  readonly uri: string;
  /** `contentHash` of its words. */
  readonly hash: string;
  /** Which of the sentences with this hash in the file, from 0. */
  readonly nth: number;
  /** Index at which it stood in the file when it was last seen: where to look first. */
  readonly near: number;
}

/** A sentence that a person is asked for. */
export interface ReviewItem extends SentencePlace {
  /** Tokens [start, end) that are asked for. */
  readonly start: number;
  readonly end: number;
  /** Why it was chosen, in a few words for people. */
  readonly why: string;
}

export interface ReviewQueueState {
  /** Sentences that wait for a person, and of how many the present model has said what it thinks. */
  readonly open: number;
  readonly measured: number;
  /** False while files are still being read. */
  readonly complete: boolean;
}

/** Client -> server: the next sentences of the queue, but for those that are shown already. */
export const ReviewNextRequest = new RequestType<
  { readonly count: number; readonly shown: readonly SentencePlace[] },
  { readonly items: readonly ReviewItem[]; readonly queue: ReviewQueueState },
  void
>('crosstag/reviewNext');

/** A line of the review view; its file is open in the editor. */
export interface ReviewLine {
  /** The sentence in reading order, without line ends. */
  readonly text: string;
  /** Its words in the file. */
  readonly range: Range;
  /** Whether something is undecided in it. */
  readonly isOpen: boolean;
}

/**
 * Client -> server: what a document of the review view consists of from now on; nothing: it is closed. Null: the sentence is not in its file any
 * more, or the file is not open in the editor. `revision` is the version of the document in answers to `crosstag/labels`.
 */
export const ReviewLinesRequest = new RequestType<
  { readonly uri: string; readonly lines: readonly SentencePlace[] },
  { readonly revision: number; readonly lines: readonly (ReviewLine | null)[] },
  void
>('crosstag/reviewLines');

/** Client -> server: where a range of a document of the review view stands in its file. */
export const ReviewPlaceRequest = new RequestType<
  { readonly uri: string; readonly range: Range },
  { readonly uri: string; readonly range: Range },
  void
>('crosstag/reviewPlace');

/** Server -> client: lines of a document of the review view have other words now, or are gone: ask for them again. */
export const ReviewChanged = new NotificationType<{ readonly uri: string }>('crosstag/reviewChanged');

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
  readonly encoder: {
    readonly size: 'tiny' | 'small' | 'base' | 'paper';
    /** Word list of the first and the second language. */
    readonly pairs?: string;
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
export const PretrainRequest = new RequestType<ProjectParams, PretrainResult, void>('crosstag/pretrain');

/** Client -> server: trains the tagger of `crosstag.json` with its newest encoder, then uses it. As `crosstag/train`. */
export const TrainProjectRequest = new RequestType<ProjectParams, TrainResult, void>('crosstag/trainProject');

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

export interface Dashboard {
  /** Name of the workspace folder. */
  readonly name: string;
  /** HTML, as that of `EncoderReport`. */
  readonly body: string;
}

/** Client -> server: how labelling and learning stand in a workspace folder. A dashboard asks again when anything changes. */
export const DashboardRequest = new RequestType<{ readonly folder: string }, Dashboard, void>('crosstag/dashboard');
