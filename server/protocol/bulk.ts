// Many places at once, and words that are split and joined.
import { type Range, RequestType } from 'vscode-languageserver-protocol';
import type { JournalledEdit } from './labels.ts';

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
