// A change of labels as a line of the journal.
import { differing, labelOf, labelsIn, type Span } from '../../tags/index.ts';
import type { Sentence } from '../../text/index.ts';
import type { OpenDocument } from '../documents.ts';
import type { EntryDraft, LabelAction, SentenceAddress, SuggestedSpan } from './entry.ts';
import { written } from './label-watch.ts';

type Tags = readonly (string | undefined)[];

export interface DraftOptions {
  /** The same for all lines of a bulk action. */
  readonly group?: string;
  /** Tokens [start, end) that the line is to speak of whether they change or not. */
  readonly tokens?: { readonly start: number; readonly end: number };
}

/** The line for new tags of a sentence. */
export function labelDraft(
  document: OpenDocument,
  action: LabelAction,
  { address, sentence }: { readonly address: SentenceAddress; readonly sentence: Sentence },
  before: Tags,
  after: Tags,
  { group, tokens }: DraftOptions = {},
): EntryDraft {
  const changed = differing(before, after);
  const start = Math.min(tokens?.start ?? after.length, changed?.start ?? after.length);
  const end = Math.max(tokens?.end ?? 0, changed?.end ?? 0);
  const isEmpty = start >= end;
  const [old, now] = [labelsIn(before, document.task), labelsIn(after, document.task)];
  const suggested = isEmpty ? [] : suggestionsFor(document, sentence, start, end);
  const gone = without(old, now);
  const come = without(now, old);
  return {
    action,
    ...address,
    word: sentence.tokens[0]!.form,
    start: isEmpty ? 0 : start,
    before: isEmpty ? [] : written(before.slice(start, end)),
    after: isEmpty ? [] : written(after.slice(start, end)),
    ...(gone.length > 0 && { old: gone }),
    ...(come.length > 0 && { new: come }),
    ...(suggested.length > 0 && { suggested }),
    ...(group !== undefined && { group }),
  };
}

function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  return spans.filter(
    ({ start, end, label }) => !others.some((o) => o.start === start && o.end === end && o.label === label),
  );
}

/** What the model in use says of tokens [start, end), where that is a label. */
function suggestionsFor(
  { suggestions }: OpenDocument,
  sentence: Sentence,
  start: number,
  end: number,
): SuggestedSpan[] {
  const suggestion = suggestions?.get(sentence);
  if (suggestions === undefined || suggestion === undefined) return [];
  const { name: model, tags, task } = suggestions.model;
  const found: SuggestedSpan[] = [];
  const add = (span: Span, probability: number) => {
    if (span.start < end && span.end > start) found.push({ ...span, model, probability: round(probability) });
  };
  if (task === 'ner') {
    for (const { start: from, end: to, tag, score } of suggestion.spans()) {
      add({ start: from, end: to, label: labelOf(tags[tag]) ?? '' }, score);
    }
    return found;
  }
  for (let token = start; token < end; token++) {
    const tag = suggestion.tag(token);
    add({ start: token, end: token + 1, label: tags[tag]! }, suggestion.probability(token, tag));
  }
  return found;
}

function round(probability: number): number {
  return Math.round(probability * 1e4) / 1e4;
}
