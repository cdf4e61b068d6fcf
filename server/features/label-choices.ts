// The labels that tokens can get, most probable first.
import type { Range } from 'vscode-languageserver-protocol';
import type { LabelChoice } from '../protocol.ts';
import { BAD_LABEL, LABEL_NAME, labelOf } from '../tags/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { tagsOfSentence } from './lint-tags.ts';
import { quote } from './quote.ts';
import { tokensIn } from './relabel.ts';

/** Labels that corpora share. */
const USUAL = {
  ner: ['PER', 'ORG', 'LOC', 'MISC'],
  pos: 'NOUN VERB ADJ ADV PROPN PRON DET ADP AUX CCONJ SCONJ NUM PART INTJ PUNCT SYM X'.split(' '),
};

/** Sentences that are looked at for the labels of the file. */
const SAMPLE = 20_000;

export interface LabelChoices {
  readonly task: 'ner' | 'pos';
  readonly tokens: string;
  readonly choices: readonly LabelChoice[];
}

export function labelChoices(document: OpenDocument, range: Range): LabelChoices {
  const { task } = document;
  const touched = tokensIn(document, range);
  const words = touched.flatMap(({ sentence, start, end }) =>
    document.text.sentences[sentence]!.tokens.slice(start, end).map((token) => token.form),
  );
  const scores = probabilities(document, touched[0]);
  const present = touched.flatMap(({ sentence, start, end }) => document.tagsOf(sentence).slice(start, end));
  const current = new Set(
    present.map((tag) => labelOf(tag, task === 'pos' ? 'pos' : undefined) ?? (tag === undefined ? undefined : null)),
  );
  const labels: (string | null)[] = [...allLabels(document, scores), ...(task === 'ner' ? [null] : [])];
  const choices = labels.map((label): LabelChoice => {
    const probability = scores.get(label);
    return {
      label,
      current: current.size === 1 && current.has(label),
      ...(probability !== undefined && { probability }),
    };
  });
  choices.sort((a, b) => (b.probability ?? -1) - (a.probability ?? -1));
  return { task, tokens: quote(words), choices };
}

/** Labels of the project, of the file and of the model, and the usual ones: a label is to be given before it was used. */
function allLabels(document: OpenDocument, scores: ReadonlyMap<string | null, number>): Set<string> {
  const ofModel = [...scores.keys()].filter((label) => label !== null);
  return new Set([
    ...labelsOfProject(document),
    ...labelsOfFile(document).keys(),
    ...ofModel,
    ...usualLabels(document),
  ]);
}

/** The labels that crosstag.json names for a document. */
export function labelsOfProject({ task, settings }: OpenDocument): readonly string[] {
  return settings.task === task ? (settings.labels ?? []) : [];
}

/** The labels that corpora of a document's task share. */
export function usualLabels({ task }: OpenDocument): readonly string[] {
  return USUAL[task];
}

/** @returns what is wrong with a label that somebody wants to give; undefined where it is known here, or can be written */
export function problemOfLabel(document: OpenDocument, range: Range, label: string): string | undefined {
  if (LABEL_NAME.test(label)) return undefined;
  const isKnown = labelChoices(document, range).choices.some((choice) => choice.label === label);
  return isKnown ? undefined : BAD_LABEL;
}

/** How often each label stands in the file, or in its beginning where it is long. */
export function labelsOfFile(document: OpenDocument): Map<string, number> {
  const counts = new Map<string, number>();
  const end = Math.min(document.text.sentences.length, SAMPLE);
  for (let i = 0; i < end; i++) {
    for (const tag of tagsOfSentence(document.text.sentences[i]!)) {
      const label = labelOf(tag, document.task === 'pos' ? 'pos' : undefined);
      if (label !== undefined && label !== '') counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  return counts;
}

/** Probability of each label at the first of the tokens: that of all its tags together. */
function probabilities(document: OpenDocument, touched: { sentence: number; start: number } | undefined) {
  const scores = new Map<string | null, number>();
  const { suggestions } = document;
  const sentence = touched && document.text.sentences[touched.sentence];
  const suggestion = sentence && suggestions?.get(sentence);
  if (touched === undefined || suggestions === undefined || suggestion === undefined) return scores;
  for (const [tag, name] of suggestions.model.tags.entries()) {
    const label = labelOf(name, suggestions.model.scheme) ?? null;
    scores.set(label, Math.min(1, (scores.get(label) ?? 0) + suggestion.probability(touched.start, tag)));
  }
  return scores;
}
