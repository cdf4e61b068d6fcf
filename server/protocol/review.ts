// The review view: a document whose lines are sentences of files.
import { NotificationType, type Range, RequestType } from 'vscode-languageserver-protocol';

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
  /** By which the server knows the line again while it is shown, also when its sentence has got other words. */
  readonly id: string;
  /** Tokens [start, end) that are asked for. */
  readonly start: number;
  readonly end: number;
  /** Why it was chosen, in a few words for people. */
  readonly why: string;
}

export interface ReviewQueueState {
  /** Files that are there to be labelled: those of the projects; in a folder that lists none, those that are open. */
  readonly files: number;
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
  /** By which the sentence is found from now on. */
  readonly place: SentencePlace;
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
  { readonly uri: string; readonly lines: readonly ReviewItem[] },
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
