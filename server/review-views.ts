// The documents of the review view: each line is a sentence of a file, found there by its content, wherever it moves, and
// followed where it gets other words.
import type { Position, Range } from 'vscode-languageserver-protocol';
import { rangeOfSentence } from './features/labels.ts';
import { isOpenSentence } from './features/open-sentences.ts';
import { tokensTouched } from './features/sentence-labels.ts';
import { REVIEW_SCHEME, type ReviewItem, type ReviewLine, type SentencePlace } from './protocol.ts';
import { type Reading, readingOf, replaced, type Sentence } from './text/index.ts';
import type { Documents, OpenDocument, SentenceEdit } from './workspace/documents.ts';
import { ends, sameWords, sentenceHash } from './workspace/journal/index.ts';
import { offsetAt, positionsIn } from './workspace/positions.ts';

export function isReviewView(uri: string): boolean {
  return uri.startsWith(`${REVIEW_SCHEME}:`);
}

interface Line {
  readonly id: string;
  place: SentencePlace;
  /** Where the sentence was last found. */
  index: number;
  /** As the client has it. */
  text: string;
}

interface View {
  readonly revision: number;
  readonly lines: readonly Line[];
}

/** A line that has been found in its document. */
export interface FoundLine {
  readonly line: number;
  readonly document: OpenDocument;
  /** Sentence of the document. */
  readonly index: number;
  readonly reading: Reading;
}

/** A place in a file, and what leads from its ranges to those of where it was asked for. */
export interface Place {
  /** By which the client has asked: that of the document, or of a review view. */
  readonly uri: string;
  readonly document: OpenDocument;
  readonly range: Range;
  /**
   * Absent where the client has asked about the file itself.
   * @returns undefined where the range lies outside of the line
   */
  readonly back?: (range: Range) => Range | undefined;
}

export class ReviewViews {
  readonly #documents: Documents;
  readonly #views = new Map<string, View>();
  #revision = 0;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** What a view shows from now on; no lines: it is closed. */
  show(uri: string, items: readonly ReviewItem[]): { revision: number; lines: (ReviewLine | null)[] } {
    const before = new Map(this.#views.get(uri)?.lines.map((line) => [line.id, line]));
    const lines = items.map((item) => before.get(item.id) ?? lineOf(item));
    const view = { revision: ++this.#revision, lines };
    if (lines.length > 0) this.#views.set(uri, view);
    else this.#views.delete(uri);
    return {
      revision: view.revision,
      lines: lines.map((_, i) => {
        const found = this.#find(view, i);
        if (found === undefined) return null;
        const { document, index, reading } = found;
        lines[i]!.text = reading.text;
        const { place } = lines[i]!;
        const isOpen = isOpenSentence(document, index);
        return { text: reading.text, place, range: rangeOfSentence(document, index), isOpen };
      }),
    };
  }

  revision(uri: string): number {
    return this.#views.get(uri)?.revision ?? -1;
  }

  /** The lines [first, last] of a view whose sentences are there. */
  lines(uri: string, first: number, last: number): FoundLine[] {
    const view = this.#views.get(uri);
    if (view === undefined) return [];
    const found: FoundLine[] = [];
    for (let i = Math.max(0, first); i <= Math.min(last, view.lines.length - 1); i++) {
      const line = this.#find(view, i);
      // The client is about to ask for other text: until then its lines have no labels.
      if (line?.reading.text === view.lines[i]!.text) found.push(line);
    }
    return found;
  }

  /**
   * The tokens of a range in a line of a view, in their file. A line that the range only reaches the start of is not meant.
   * @returns undefined where the line, or its sentence, is not there; `several`: it lies in more than one line
   */
  place(uri: string, { start, end }: Range): Place | 'several' | undefined {
    const isWhole = end.line > start.line && end.character === 0;
    const last = isWhole ? end.line - 1 : end.line;
    if (last > start.line) return 'several';
    const [found] = this.lines(uri, last, last);
    if (found === undefined) return undefined;
    const { document, index, reading } = found;
    const [from, to] = [start.character, isWhole ? reading.text.length : end.character];
    const touched = touchedIn(reading, from, to);
    const { tokens } = document.text.sentences[index]!;
    const positionOf = positionsIn(document.text, index);
    const first = positionOf(tokens[touched.start]!.start);
    const isCaret = from === to;
    const range = { start: first, end: isCaret ? first : positionOf(tokens[touched.end - 1]!.end) };
    return { uri, document, range, back: (other) => rangeIn(found, other) };
  }

  /** The views that show a sentence of this document, and whether the words of some line are other ones now. */
  *showing(document: OpenDocument): Generator<{ uri: string; isStale: boolean }> {
    for (const [uri, view] of this.#views) {
      const own = view.lines.flatMap((line, i) => (line.place.uri === document.uri ? [{ line, i }] : []));
      if (own.length === 0) continue;
      const isStale = own.some(({ line, i }) => this.#find(view, i)?.reading.text !== line.text);
      yield { uri, isStale };
    }
  }

  /** A copy of the sentences of a document as they stand, for `edited`; none where no view shows any of them. */
  sentencesOf(document: OpenDocument): Sentence[] {
    return this.#linesOf(document).length === 0 ? [] : [...document.text.sentences];
  }

  /**
   * Sentences came or went, or have other words: a line is looked for where its sentence has moved to, or has the words now
   * that stand in the place of its own.
   * @param before the sentences before the edit; they are changed
   * @returns a copy of the sentences after it, for the next one
   */
  edited(document: OpenDocument, { first, removed, inserted }: SentenceEdit, before: Sentence[]): Sentence[] {
    const lines = this.#linesOf(document);
    if (lines.length === 0) return before;
    // Sentences beside those that were edited are parsed with them.
    const { sentences } = document.text;
    const was = before.slice(first, first + removed);
    const is = sentences.slice(first, first + inserted);
    const { start, same } = ends(was, is, sameWords);
    const [gone, come] = [was.slice(start, removed - same), is.slice(start, inserted - same)];
    for (const line of lines) {
      const nth = line.index - first - start;
      if (nth >= gone.length) line.index += come.length - gone.length;
      else if (nth >= 0) follow(line, nth, gone, come, document);
    }
    return replaced(before, first, removed, is);
  }

  #linesOf(document: OpenDocument): Line[] {
    return Array.from(this.#views.values(), ({ lines }) => lines)
      .flat()
      .filter(({ place }) => place.uri === document.uri);
  }

  #find(view: View, number: number): FoundLine | undefined {
    const line = view.lines[number]!;
    const document = this.#documents.get(line.place.uri);
    if (document === undefined) return undefined;
    const index = indexOf(document, line);
    if (index === undefined) return undefined;
    line.index = index;
    return { line: number, document, index, reading: readingOf(document.text, index) };
  }
}

function lineOf({ id, uri, hash, nth, near }: ReviewItem): Line {
  return { id, place: { uri, hash, nth, near }, index: near, text: '' };
}

/**
 * The sentence of a line, one of those that are gone, has become the one that came in its place, if it stands nowhere else
 * and no other one has moved there.
 */
function follow(
  line: Line,
  nth: number,
  gone: readonly Sentence[],
  come: readonly Sentence[],
  { uri, text: { sentences } }: OpenDocument,
): void {
  const [was, now] = [gone[nth]!, come[nth]];
  if (sentenceHash(was) !== line.place.hash || now === undefined || now.tokens.length === 0) return;
  if (come.some((other) => sameWords(other, was)) || gone.some((other) => sameWords(other, now))) return;
  const { index } = line;
  const before = sentences.slice(0, index).filter((other) => sameWords(other, now));
  line.place = { uri, hash: sentenceHash(now), nth: before.length, near: index };
}

/** Where the sentence stands: where it was, else at the nearest place that has its words. */
function indexOf(document: OpenDocument, { place: { hash }, index }: Line): number | undefined {
  const { sentences } = document.text;
  const from = Math.max(0, Math.min(index, sentences.length - 1));
  for (let away = 0; away < sentences.length; away++) {
    for (const at of away === 0 ? [from] : [from - away, from + away]) {
      const sentence = sentences[at];
      if (sentence !== undefined && sentence.tokens.length > 0 && sentenceHash(sentence) === hash) return at;
    }
  }
  return undefined;
}

/** Tokens [start, end) of a line that the columns [from, to] touch; the nearest one where they touch none. */
function touchedIn({ tokens }: Reading, from: number, to: number): { start: number; end: number } {
  let start = tokens.findIndex(({ end }) => end >= from);
  if (start < 0) start = tokens.length - 1;
  // A caret behind a token belongs to it, unless it stands at the start of the next; a selection does not.
  const next = tokens[start]!.end === from ? tokens[start + 1] : undefined;
  if (next !== undefined && (next.start === from || next.start < to)) start++;
  let end = start + 1;
  while (end < tokens.length && tokens[end]!.start < to) end++;
  return { start, end };
}

/** A range of the file in the line of the view that shows its sentence. */
function rangeIn({ document, index, reading, line }: FoundLine, { start, end }: Range): Range | undefined {
  const from = offsetAt(document.text, start);
  const to = offsetAt(document.text, end);
  const touched = tokensTouched(document, index, from, to);
  if (touched.start >= touched.end) return undefined;
  return rangeOfTokens(reading, line, touched.start, touched.end);
}

export function rangeOfTokens({ tokens }: Reading, line: number, start: number, end: number): Range {
  const at = (character: number): Position => ({ line, character });
  return { start: at(tokens[start]!.start), end: at(tokens[end - 1]!.end) };
}
