// A person says that sentences are done, or that suggestions are wrong.
import type { Range } from 'vscode-languageserver-protocol';
import type { ReviewCount } from '../protocol.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { sentencesIn } from '../workspace/positions.ts';
import type { Labelling } from './edits.ts';
import { quote } from './quote.ts';
import { acceptable } from './relabel.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** Words that a message names. */
const NAMED = 5;

export interface Reviewed {
  /** What is undecided in them, as no entity. */
  readonly labellings: readonly Labelling[];
  /** All sentences whose state changes. */
  readonly always: ReadonlyMap<number, undefined>;
}

/**
 * The sentences that ranges touch as reviewed: what is undecided in them is no entity. Or as open again: their labels
 * stay.
 * @throws Error where a word has no part of speech: there is none that says "nothing"
 */
export function reviewed(document: OpenDocument, ranges: readonly Range[], isReviewed: boolean): Reviewed {
  const labellings: Labelling[] = [];
  const always = new Map<number, undefined>();
  for (const index of ranges.flatMap((range) => indicesIn(document, range))) {
    const { tokens } = document.text.sentences[index]!;
    const before = document.tagsOf(index);
    const wasReviewed = document.journal?.reviewed(index) !== undefined;
    // Another program may have taken labels out of a reviewed sentence.
    const isDone = isReviewed ? wasReviewed && !before.includes(undefined) : !wasReviewed;
    if (tokens.length === 0 || isDone) continue;
    if (isReviewed && document.task === 'pos') requireAll(tokens, before);
    if (isReviewed) labellings.push(...openRuns(index, before));
    always.set(index, undefined);
  }
  return { labellings, always };
}

/**
 * How much is decided at once where these sentences are marked as reviewed, and how many suggestions that are shown become `O`.
 * @throws Error as `reviewed`
 */
export function reviewCount(document: OpenDocument, ranges: readonly Range[]): ReviewCount {
  const indices = [...reviewed(document, ranges, true).always.keys()];
  const ofModel = indices.flatMap((index) =>
    labelsOfSentence(document, index).filter(({ origin }) => origin === 'model'),
  );
  return { sentences: indices.length, suggestions: ofModel.length };
}

function openRuns(sentence: number, tags: readonly (string | undefined)[]): Labelling[] {
  const runs: Labelling[] = [];
  for (let start = tags.indexOf(undefined); start >= 0; start = tags.indexOf(undefined, start)) {
    const next = tags.findIndex((tag, token) => token > start && tag !== undefined);
    const end = next < 0 ? tags.length : next;
    runs.push({ sentence, start, end, label: null });
    start = end;
  }
  return runs;
}

function indicesIn({ text }: OpenDocument, range: Range): number[] {
  const { first, end } = sentencesIn(text, range);
  return Array.from({ length: end - first }, (_, i) => first + i);
}

function requireAll(tokens: readonly { readonly form: string }[], tags: readonly (string | undefined)[]): void {
  const open = tokens.filter((_, token) => tags[token] === undefined).map(({ form }) => quote([form]));
  if (open.length === 0) return;
  const words = open.slice(0, NAMED).join(', ') + (open.length > NAMED ? ` and ${open.length - NAMED} more` : '');
  throw new Error(
    `a reviewed sentence has a part of speech for each word; ${words} ${open.length === 1 ? 'has' : 'have'} none yet`,
  );
}

/**
 * The tokens of the suggestions that a range touches, as no entity.
 * @throws Error for parts of speech: every word has one, so that a wrong one is replaced and not rejected
 */
export function rejectable(document: OpenDocument, range: Range): Labelling[] {
  if (document.task === 'pos') throw new Error('a word without a part of speech is none; give it the right one');
  const touched = acceptable(document, { range, what: 'touched', minimumProbability: 0 });
  return touched.map(({ sentence, start, end }) => ({ sentence, start, end, label: null }));
}
