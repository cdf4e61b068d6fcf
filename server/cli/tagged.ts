// A tagged document in its three shapes: the format of the file, JSON lines, coloured text.

import type { TaggedSentence, Tagger } from '../tagger/index.ts';
import { convertTags, detectScheme, labelOf, labelsIn, type Scheme } from '../tags/index.ts';
import { annotate, applyEdits, bratLabel, isAnnotated, type Sentence, type TextDocument } from '../text/index.ts';
import { colourText } from './colour.ts';

export interface TaggedDocument {
  readonly path: string;
  readonly document: TextDocument;
  /** One for each sentence that has tokens. */
  readonly answers: readonly TaggedSentence[];
  readonly tagger: Tagger;
}

function withTokens(document: TextDocument): { sentence: Sentence; index: number }[] {
  return document.sentences
    .map((sentence, index) => ({ sentence, index }))
    .filter(({ sentence }) => sentence.tokens.length > 0);
}

/** The words of the sentences that have tokens. */
export function wordsOf(document: TextDocument): string[][] {
  return withTokens(document).map(({ sentence }) => sentence.tokens.map(({ form }) => form));
}

/** Its labels as character spans of the document (UTF-16). */
function characterSpans(tagged: TaggedDocument) {
  return withTokens(tagged.document).flatMap(({ sentence: { tokens }, index }, i) => {
    const offset = tagged.document.offsetOf(index);
    const answer = tagged.answers[i];
    if (answer === undefined) return [];
    return labelsIn(answer.tags, tagged.tagger.task).map(({ start, end, label }) => ({
      start: offset + (tokens[start]?.start ?? 0),
      end: offset + (tokens[end - 1]?.end ?? 0),
      label,
    }));
  });
}

/** The file with the new tags, in the scheme that it is written in; for raw text, its annotations. */
export function inFormat(tagged: TaggedDocument): string {
  const { document, answers, tagger } = tagged;
  if (isAnnotated(document)) {
    const spans = characterSpans(tagged).map((span) => ({ ...span, label: bratLabel(span.label) }));
    return annotate(document.text, spans);
  }
  const scheme = tagger.task === 'pos' ? 'pos' : schemeOf(document);
  const sentences = withTokens(document);
  const [first] = sentences;
  // The first label of a file without a label column writes the whole column.
  if (first !== undefined) document.edit(document.setLabels(first.index, 0, [undefined]));
  const edits = sentences.flatMap(({ index }, i) =>
    document.setLabels(index, 0, convertTags(answers[i]?.tags ?? [], scheme, tagger.scheme)),
  );
  return applyEdits(document.text, edits);
}

function schemeOf(document: TextDocument): Scheme {
  const { scheme } = detectScheme(document.sentences.map(({ tokens }) => tokens.map(({ label }) => label)));
  return scheme === 'pos' ? 'bio' : scheme;
}

/** A JSON object a sentence: tokens, tags, spans with scores, and what was asked for. */
export function jsonLines(tagged: TaggedDocument, marginals: boolean): string {
  const { path, document, answers, tagger } = tagged;
  const lines = withTokens(document).map(({ sentence: { tokens }, index }, i) => {
    const answer = answers[i];
    if (answer === undefined) return '';
    const offset = document.offsetOf(index);
    const spans = answer.spans.map(({ start, end, label, score }) => ({
      start,
      end,
      label,
      score: round(score),
      text: tokens
        .slice(start, end)
        .map(({ form }) => form)
        .join(' '),
    }));
    const line = {
      path,
      sentence: i,
      line: document.lineOf(index) + 1,
      offsets: tokens.map(({ start, end }) => [offset + start, offset + end]),
      tokens: tokens.map(({ form }) => form),
      tags: answer.tags,
      spans,
      ...(marginals ? { marginals: tokens.map((_, t) => row(tagger.tags, answer.marginals, t)) } : {}),
      ...(answer.nbest.length > 0
        ? { nbest: answer.nbest.map(({ tags, probability }) => ({ tags, probability: round(probability) })) }
        : {}),
    };
    return `${JSON.stringify(line)}\n`;
  });
  return lines.join('');
}

/** The probabilities of one token by tag; those that round to nothing are left out. */
function row(tags: readonly string[], marginals: Float32Array, token: number): Record<string, number> {
  const entries = tags.map((tag, k): [string, number] => [tag, round(marginals[token * tags.length + k] ?? 0)]);
  return Object.fromEntries(entries.filter(([, probability]) => probability > 0));
}

function round(probability: number): number {
  return Math.round(probability * 1e4) / 1e4;
}

/** The text with its labels in colour. */
export function coloured(tagged: TaggedDocument): string {
  const { tags, scheme } = tagged.tagger;
  const labels = new Set(tags.flatMap((tag) => labelOf(tag, scheme) ?? []));
  return colourText(tagged.document.text, characterSpans(tagged), [...labels]);
}
