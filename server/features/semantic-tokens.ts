// Labels as semantic tokens, for every editor that speaks LSP.
import {
  type Range,
  type SemanticTokens,
  SemanticTokensBuilder,
  type SemanticTokensLegend,
} from 'vscode-languageserver';
import type { OpenDocument } from '../workspace/documents.ts';
import { positionsIn } from '../workspace/positions.ts';
import { visibleSentences } from './labels.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** Editors know how to colour these types; each class of labels has one. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  class: ['PER', 'PERSON', 'NOUN'],
  namespace: ['ORG', 'ORGANIZATION', 'PROPN'],
  enum: ['LOC', 'LOCATION', 'GPE', 'ADJ'],
  type: ['MISC', 'X'],
  number: ['DATE', 'TIME', 'NUM'],
  function: ['VERB'],
  decorator: ['ADV'],
  keyword: ['ADP', 'AUX', 'CCONJ', 'DET', 'PART', 'PRON', 'SCONJ'],
  operator: ['PUNCT', 'SYM'],
  macro: ['INTJ'],
  parameter: [],
};

/** The class of labels that no other has. */
const OTHER = 'parameter';

const typeOf = new Map(Object.entries(CLASSES).flatMap(([type, labels]) => labels.map((label) => [label, type])));
const types = Object.keys(CLASSES);

export const legend: SemanticTokensLegend = { tokenTypes: types, tokenModifiers: ['suggestion', 'human'] };

/** Bits of the modifiers. */
const MODIFIERS = { model: 1, human: 2, file: 0 };

/** UTF-16 units of a document above which only ranges are coloured. */
const LARGEST = 4_000_000;

/** @param range all of the document where it is not given @returns undefined for a whole document that is too big */
export function semanticTokens(document: OpenDocument, range?: Range): SemanticTokens | undefined {
  const { text } = document;
  const count = text.sentences.length;
  if (range === undefined && text.offsetOf(count) > LARGEST) return undefined;
  const { first, end } = range === undefined ? { first: 0, end: count } : visibleSentences(document, range);
  const builder = new SemanticTokensBuilder();
  for (let i = first; i < end; i++) {
    const { tokens } = text.sentences[i]!;
    const positionOf = positionsIn(text, i);
    for (const { start, end: stop, label, origin } of labelsOfSentence(document, i)) {
      const type = types.indexOf(typeOf.get(label.toUpperCase()) ?? OTHER);
      // No token may go over the end of a line, so that each word has its own.
      for (const token of tokens.slice(start, stop)) {
        const { line, character } = positionOf(token.start);
        builder.push(line, character, token.end - token.start, type, MODIFIERS[origin]);
      }
    }
  }
  return builder.build();
}
