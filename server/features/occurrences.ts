// Where else the words of a label stand.
import type { Range } from 'vscode-languageserver-protocol';
import type { Hit } from '../protocol.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { hitOf } from './hits.ts';
import { tokensIn } from './relabel.ts';
import { labelsOfSentence, type SentenceLabel } from './sentence-labels.ts';

/** What is looked for: the words of a label. */
export interface LabelledWords {
  readonly words: readonly string[];
  readonly label: string;
  /** Where they come from: no occurrence. */
  readonly document: OpenDocument;
  readonly sentence: number;
  readonly start: number;
}

/** The label that a range touches; one of the file before a suggestion. */
export function labelledWords(document: OpenDocument, range: Range): LabelledWords | undefined {
  const [touched] = tokensIn(document, range);
  if (touched === undefined) return undefined;
  const { sentence } = touched;
  const labels = labelsOfSentence(document, sentence).filter((l) => l.start < touched.end && l.end > touched.start);
  const found = labels.find(({ origin }) => origin !== 'model') ?? labels[0];
  if (found === undefined) return undefined;
  const { start, end, label } = found;
  const words = document.text.sentences[sentence]!.tokens.slice(start, end).map(({ form }) => form);
  return { words, label, document, sentence, start };
}

/**
 * The occurrences of words in sentence `index` that do not have their label. Those whose tokens are labelled otherwise, in
 * whole or in part, are not wanted unless a person ticks them.
 */
export function occurrencesIn(
  document: OpenDocument,
  index: number,
  sought: LabelledWords,
  fold: (word: string) => string,
): Hit[] {
  const { tokens } = document.text.sentences[index]!;
  const words = sought.words.map(fold);
  const hits: Hit[] = [];
  let labels: SentenceLabel[] | undefined;
  for (let start = 0; start + words.length <= tokens.length; start++) {
    if (!words.every((word, i) => fold(tokens[start + i]!.form) === word)) continue;
    const end = start + words.length;
    const isSource = document === sought.document && index === sought.sentence && start === sought.start;
    labels ??= labelsOfSentence(document, index).filter(({ origin }) => origin !== 'model');
    const touching = labels.filter((label) => label.start < end && label.end > start);
    const [only] = touching;
    const isLabelled =
      touching.length === 1 && only!.start === start && only!.end === end && only!.label === sought.label;
    if (!isSource && !isLabelled) hits.push(hitOf(document, index, start, end, touching.length === 0));
    start = end - 1;
  }
  return hits;
}

/** How words are compared. */
export function folding(ignoreCase: boolean): (word: string) => string {
  return ignoreCase ? (word) => word.toLowerCase().normalize('NFC') : (word) => word;
}
