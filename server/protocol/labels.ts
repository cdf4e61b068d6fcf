// What is shown in a document, and what is done to single labels and sentences.
import {
  NotificationType,
  type Position,
  type Range,
  RequestType,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol';

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

/**
 * Client -> server: can the tokens in `range` get a label of this name, which nobody may have used before?
 * @returns null, or why not, in a line for people
 */
export const LabelProblemRequest = new RequestType<
  { readonly uri: string; readonly range: Range; readonly label: string },
  string | null,
  void
>('crosstag/labelProblem');

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

/**
 * Client -> server: the edit that gives the tokens touched by `range` this label; the client applies it (undoable). An error
 * where no file could hold such a label.
 */
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

/** What `ReviewRequest` would do: sentences that are open now, and suggestions in them, which become `O`. */
export interface ReviewCount {
  readonly sentences: number;
  readonly suggestions: number;
}

/** Client -> server, before `ReviewRequest`: how much it would decide at these places. An error where that would be one. */
export const ReviewCountRequest = new RequestType<
  { readonly uri: string; readonly ranges: readonly Range[] },
  ReviewCount,
  void
>('crosstag/reviewCount');

/** Client -> server: an edit could not be applied, or was not wanted: its journal lines count for nothing. */
export const EditDropped = new NotificationType<{ readonly ids: readonly string[] }>('crosstag/editDropped');

/** Title of the edit by which an annotation file follows its text: no label is another one then. */
export const MOVE_ANNOTATIONS = 'Move annotations';

/**
 * Client -> server: the annotation file of a raw text, which is open in the editor, is to follow what was typed into the text. An
 * error where it cannot.
 */
export const MoveAnnotationsRequest = new RequestType<{ readonly uri: string }, null, void>('crosstag/moveAnnotations');

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
