// A person gives the tokens of a selection a label, or takes over what the model suggests.
import type { Range } from 'vscode-languageserver-protocol';
import type { AcceptParams } from '../protocol.ts';
import { UNDECIDED } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { offsetAt, sentencesIn } from '../workspace/positions.ts';
import type { Labelling } from './edits.ts';
import { labelsOfSentence, type SentenceLabel, tokensTouched } from './sentence-labels.ts';

/** Tokens [start, end) of a sentence. */
export interface TouchedTokens {
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
}

/** The tokens that a range touches, sentence by sentence. */
export function tokensIn(document: OpenDocument, range: Range): TouchedTokens[] {
  const from = offsetAt(document.text, range.start);
  const to = offsetAt(document.text, range.end);
  const { first, end } = sentencesIn(document.text, range);
  const touched: TouchedTokens[] = [];
  for (let sentence = first; sentence < end; sentence++) {
    const tokens = tokensTouched(document, sentence, from, to);
    if (tokens.start < tokens.end) touched.push({ sentence, ...tokens });
  }
  return touched;
}

/** The label for the tokens in `range`; null is `O`, `_` "undecided". */
export function relabellings(document: OpenDocument, range: Range, label: string | null): Labelling[] {
  const wanted = label === UNDECIDED ? undefined : label;
  return tokensIn(document, range).map((tokens) => ({ ...tokens, label: wanted }));
}

/** A suggestion as a label to write. */
export interface AcceptableSuggestion extends Labelling {
  readonly label: string;
  readonly probability: number;
}

/** The suggestions that a range touches, or all of the sentences that it touches, as far as they are shown. */
export function acceptable(document: OpenDocument, params: Omit<AcceptParams, 'uri'>): AcceptableSuggestion[] {
  const { range, what, minimumProbability } = params;
  return tokensIn(document, range).flatMap(({ sentence, start, end }) =>
    suggestionsOf(sentence, labelsOfSentence(document, sentence)).filter(
      (label) =>
        label.probability >= minimumProbability && (what === 'sentence' || (label.start < end && label.end > start)),
    ),
  );
}

/** All suggestions of a document from this probability on, shown or not. */
export function allSuggestions(document: OpenDocument, minimumProbability: number): AcceptableSuggestion[] {
  return document.text.sentences.flatMap((_, sentence) =>
    suggestionsOf(sentence, labelsOfSentence(document, sentence, { least: minimumProbability })),
  );
}

function suggestionsOf(sentence: number, labels: readonly SentenceLabel[]): AcceptableSuggestion[] {
  return labels.flatMap(({ origin, probability = 0, ...label }) =>
    origin === 'model' ? [{ sentence, ...label, probability }] : [],
  );
}
