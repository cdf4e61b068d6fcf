// The outline: documents, in them sentences with entities, in them the entities.
import { type DocumentSymbol, type Range, SymbolKind } from 'vscode-languageserver-protocol';
import type { Sentence } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { rangeOf } from '../workspace/positions.ts';
import { quote } from './quote.ts';
import { labelsOfSentence } from './sentence-labels.ts';

/** Files with more sentences have an outline of their parts alone: nobody reads an outline of a million lines. */
const MOST_SENTENCES = 2000;

/** Sentences of a part where the file names no documents. */
const PART = 100;

export function documentSymbols(document: OpenDocument): DocumentSymbol[] {
  const { text } = document;
  const small = text.sentences.length <= MOST_SENTENCES;
  return partsOf(text.sentences).map(({ name, first, end }) => {
    const range = rangeOf(text, text.offsetOf(first), text.offsetOf(end));
    const children = small ? sentenceSymbols(document, first, end) : [];
    return { name, kind: SymbolKind.Module, range, selectionRange: { start: range.start, end: range.start }, children };
  });
}

interface Part {
  readonly name: string;
  readonly first: number;
  end: number;
}

/** Documents as the file marks them; else parts of so many sentences. */
function partsOf(sentences: readonly Sentence[]): Part[] {
  const parts: Part[] = [];
  for (const [i, sentence] of sentences.entries()) {
    const name = documentName(sentence);
    if (name !== undefined) parts.push({ name: name || `Document ${parts.length + 1}`, first: i, end: i + 1 });
    else if (parts.length > 0) parts.at(-1)!.end = i + 1;
  }
  if (parts.length > 0) return parts;
  const count = sentences.length;
  return Array.from({ length: Math.ceil(count / PART) }, (_, part) => {
    const end = Math.min(count, (part + 1) * PART);
    return { name: `Sentences ${part * PART + 1} to ${end}`, first: part * PART, end };
  });
}

/** The name of the document that starts here, '' for one without a name; undefined where none starts. */
function documentName({ source, comments }: Sentence): string | undefined {
  if (source.startsWith('-DOCSTART-')) return '';
  for (const comment of comments) {
    const match = /^#\s*newdoc(?:\s+id\s*=\s*(.*))?\s*$/.exec(comment);
    if (match !== null) return match[1] ?? '';
  }
  return undefined;
}

function sentenceSymbols(document: OpenDocument, first: number, end: number): DocumentSymbol[] {
  const { text, task } = document;
  const symbols: DocumentSymbol[] = [];
  for (let i = first; i < end; i++) {
    const { tokens } = text.sentences[i]!;
    if (tokens.length === 0) continue;
    const place = (start: number, stop: number): Range => {
      const base = text.offsetOf(i);
      return rangeOf(text, base + tokens[start]!.start, base + tokens[stop - 1]!.end);
    };
    const entities = task === 'pos' ? [] : labelsOfSentence(document, i).filter(({ origin }) => origin !== 'model');
    if (task === 'ner' && entities.length === 0) continue;
    const range = place(0, tokens.length);
    symbols.push({
      name: quote(tokens.map(({ form }) => form)),
      kind: SymbolKind.String,
      range,
      selectionRange: range,
      children: entities.map(({ start, end: stop, label }) => {
        const words = tokens.slice(start, stop).map(({ form }) => form);
        const at = place(start, stop);
        return {
          name: quote(words),
          detail: label,
          kind: SymbolKind.Constant,
          range: at,
          selectionRange: at,
        };
      }),
    });
  }
  return symbols;
}
