// The labels of one sentence, those of the file and the model's suggestions in one list.
import { labelOf, labelsIn } from '../tags/index.ts';
import type { Token } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import type { Suggestion } from '../workspace/suggestion.ts';

/** A label of tokens [start, end): a span (NER) or a single token (POS). */
export interface SentenceLabel {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  /** `human`: somebody decided it here; see `ShownLabel`. */
  readonly origin: 'human' | 'file' | 'model';
  /** Probability of a suggestion, 0 to 1. */
  readonly probability?: number;
}

/** Lowest probability of the suggestions of a document that are shown; nobody acts on what is not. */
function leastShown({ settings: { suggestions } }: OpenDocument): number {
  return suggestions.enabled ? suggestions.minimumProbability : Infinity;
}

/**
 * In the order of the text. A suggestion is left out where it touches a token that somebody has decided.
 * @param after the tags that somebody is about to give the sentence
 * @param least probability from which on suggestions count; else from which on they are shown
 */
export function labelsOfSentence(
  document: OpenDocument,
  index: number,
  { after, least = leastShown(document) }: { after?: readonly (string | undefined)[]; least?: number } = {},
): SentenceLabel[] {
  const before = document.tagsOf(index);
  const tags = after ?? before;
  const decided = labelsIn(tags, document.task);
  const suggestion = document.suggestions?.get(document.text.sentences[index]!);
  const origins = document.journal?.origins(index) ?? [];
  const labels: SentenceLabel[] = decided.map(({ start, end, label }) => {
    const isDecidedHere = (t: number) => origins[t] !== undefined || tags[t] !== before[t];
    let isHuman = true;
    for (let t = start; t < end; t++) isHuman &&= isDecidedHere(t);
    return { start, end, label, origin: isHuman ? 'human' : 'file' };
  });
  if (suggestion !== undefined) {
    for (const suggested of suggestedLabels(document, suggestion)) {
      if (suggested.probability! < least) continue;
      if (tags.slice(suggested.start, suggested.end).every((tag) => tag === undefined)) labels.push(suggested);
    }
  }
  return labels.sort((a, b) => a.start - b.start);
}

/** Everything that the model says of a sentence, shown or not. */
function suggestedLabels(document: OpenDocument, suggestion: Suggestion): SentenceLabel[] {
  const { tags, task } = document.suggestions!.model;
  if (task === 'ner') {
    return Array.from(suggestion.spans(), ({ start, end, tag, score }) => {
      return { start, end, label: labelOf(tags[tag]) ?? '', origin: 'model', probability: score };
    });
  }
  return Array.from({ length: suggestion.length }, (_, token) => {
    const tag = suggestion.tag(token);
    const probability = suggestion.probability(token, tag);
    return { start: token, end: token + 1, label: tags[tag]!, origin: 'model', probability };
  });
}

/** Tokens [start, end) of sentence `index` that the offsets [from, to] of the document touch; the nearest if none. */
export function tokensTouched(
  document: OpenDocument,
  index: number,
  from: number,
  to: number,
): { start: number; end: number } {
  const { tokens } = document.text.sentences[index]!;
  const base = document.text.offsetOf(index);
  // Columns have the label in the row of its token, JSON lines in a list of all: what is touched there are its cells.
  const isListed = document.text.format === 'jsonl';
  const inList =
    isListed && tokens.length > 0 && base + tokens[0]!.labelStart <= from && to <= base + tokens.at(-1)!.labelEnd;
  const startOf = ({ start, labelStart }: Token) => base + (inList ? labelStart : start);
  const endOf = ({ end, labelEnd }: Token) => base + (inList ? labelEnd : isListed ? end : Math.max(end, labelEnd));
  let start = tokens.findIndex((token) => endOf(token) >= from);
  if (start < 0) return { start: 0, end: 0 };
  // A caret behind a token belongs to it, unless it stands at the start of the next; a selection does not.
  const next = from === endOf(tokens[start]!) ? tokens[start + 1] : undefined;
  if (next !== undefined && (startOf(next) === from || startOf(next) < to)) start++;
  let end = start;
  while (end < tokens.length && (startOf(tokens[end]!) < to || (from === to && startOf(tokens[end]!) <= to))) end++;
  return { start, end };
}
