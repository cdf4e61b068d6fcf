// Counting the words of a corpus: one pass over it, whatever its size (specification, 1).
import { detectFormat, InputError, refuseJsonArray } from '../text/index.ts';
import { detached } from '../text/lines.ts';
import { type CorpusBlock, ONE_SENTENCE_A_LINE, readCorpus } from './corpus.ts';
import { EncoderVocabulary, SPECIAL_WORDS } from './vocabulary.ts';
import { eachLine, eachWord } from './words.ts';

export interface CountOptions {
  /** Lines of the vocabulary at most, the two special ones included; there are never fewer than these. */
  readonly most: number;
  /** One that stays as it is: how much of the corpus it covers is counted. */
  readonly vocabulary?: EncoderVocabulary | undefined;
  readonly lowerCase: boolean;
  readonly asWritten?: boolean;
  /** For messages. */
  readonly language: string;
  /** Words of the longest sentence that batches take; longer ones count here, but a corpus of only such is refused. */
  readonly maxLength: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (done: CountProgress) => void;
  /** Distinct words to hold in memory; for tests. */
  readonly distinct?: number;
}

export interface CountProgress {
  /** Bytes of the file on disk that are read. */
  readonly bytes: number;
  readonly sentences: number;
  readonly words: number;
}

export interface CountedCorpus {
  readonly vocabulary: EncoderVocabulary;
  /** Lines that hold a word, and those of them that batches take: 3 to `maxLength` words. */
  readonly sentences: number;
  readonly kept: number;
  readonly words: number;
  /** Words of letters with a punctuation mark at their end. */
  readonly punctuated: number;
  /** Of the file on disk, lower-case hex. */
  readonly sha256: string;
  /** Share of the words that are in the vocabulary, from 0 to 1. */
  readonly covered: number;
}

/** Some 300 MB of words and counts. */
const DISTINCT = 4_000_000;

/**
 * The commonest words of a corpus; equally common ones in the order of their first appearance.
 * A corpus of more than four million distinct words is counted approximately: whenever the table is full, the rarest words
 * are dropped until half of it is free (as word2vec's `ReduceVocab` does). A word that is among the commonest 200,000 of so
 * large a text comes often enough not to be dropped.
 * @throws InputError for a corpus that cannot be read, is empty or labelled, or has no sentence of a length that batches take
 */
export async function countVocabulary(path: string, options: CountOptions): Promise<CountedCorpus> {
  const table = new WordTable(options.distinct ?? DISTINCT);
  let sentences = 0;
  let kept = 0;
  let words = 0;
  let punctuated = 0;
  const count = ({ text }: CorpusBlock): void =>
    eachLine(text, 0, (start, end) => {
      let length = 0;
      eachWord(text, start, end, (word) => {
        table.add(word);
        length++;
        if (isPunctuated(word)) punctuated++;
      });
      words += length;
      if (length > 0) sentences++;
      if (length > 2 && length <= options.maxLength) kept++;
      return true;
    });
  const blocks = readCorpus(path, options);
  for (;;) {
    const { done, value } = await blocks.next();
    if (done) {
      requireSentences(path, options, { sentences, kept, words });
      const vocabulary = options.vocabulary ?? table.commonest(options.most);
      const covered = table.covered(vocabulary) / words;
      return { vocabulary, sentences, kept, words, punctuated, sha256: value, covered };
    }
    if (value.line === 1) requirePlain(value, path, options.language);
    count(value);
    options.progress?.({ bytes: value.read, sentences, words });
  }
}

/** What was counted, for a file. */
export function countedBytes({ vocabulary, ...facts }: CountedCorpus): Uint8Array {
  return Buffer.from(JSON.stringify({ ...facts, vocabulary: vocabulary.toText() }));
}

/** @param bytes from `countedBytes` */
export function readCounted(bytes: Uint8Array, path: string): CountedCorpus {
  const { vocabulary, ...facts } = JSON.parse(new TextDecoder().decode(bytes)) as Omit<CountedCorpus, 'vocabulary'> & {
    readonly vocabulary: string;
  };
  return { ...facts, vocabulary: EncoderVocabulary.parse(vocabulary, path) };
}

/** Marks that end a sentence or a clause, of several scripts. */
const MARKS = new Set('.,;:!?…،؛؟۔।॥።፣፤፥、。，！？');
const LETTER = /[\p{L}\p{M}]$/u;

function isPunctuated(word: string): boolean {
  return word.length > 1 && MARKS.has(word.at(-1)!) && LETTER.test(word.slice(0, -1));
}

/** Shares of a corpus that are as they should be: below, or above, it is said. */
const MOST_LINES = 0.8;
const FEW_MARKS = 0.05;

/** What is odd about a corpus that can be learnt from all the same. */
export function doubtsAbout(
  { sentences, kept, words, punctuated }: CountedCorpus,
  { language, maxLength }: Pick<CountOptions, 'language' | 'maxLength'>,
): string[] {
  const doubts: string[] = [];
  if (kept < MOST_LINES * sentences) {
    doubts.push(
      `only ${kept} of the ${sentences} lines of the corpus of ${language} have 3 to ${maxLength} words, and others are not learnt; ${ONE_SENTENCE_A_LINE}`,
    );
  }
  if (punctuated > FEW_MARKS * words) {
    const share = Math.round((100 * punctuated) / words);
    doubts.push(
      `${share}% of the words of the corpus of ${language} end in a punctuation mark, which is a word of its own in labelled text; ${ONE_SENTENCE_A_LINE}`,
    );
  }
  return doubts;
}

/** The labels of a labelled file would be learnt as words. Its content says what it is: any text may be called `x.conll`. */
function requirePlain({ bytes }: CorpusBlock, path: string, language: string): void {
  const text = bytes.toString('utf8');
  const format = detectFormat('', text);
  refuseJsonArray(format, text, path);
  if (format === 'txt') return;
  const what = `the corpus of ${language} has labels or columns (${format}), and plain text is learnt from`;
  throw new InputError(what, 'take its words alone: crosstag convert FILE OUT.txt --sentences', { path });
}

type Counts = { readonly sentences: number; readonly kept: number; readonly words: number };

function requireSentences(path: string, options: CountOptions, { sentences, kept, words }: Counts): void {
  const { language, maxLength } = options;
  if (sentences === 0) {
    throw new InputError(`the corpus of ${language} holds no word`, 'give a text with one sentence on a line', {
      path,
    });
  }
  if (kept > 0) return;
  if (sentences === 1) {
    const what = `the corpus of ${language} is one line of ${words} words, and batches take lines of 3 to ${maxLength}`;
    throw new InputError(what, ONE_SENTENCE_A_LINE, { path });
  }
  const what = `none of the ${sentences} lines of the corpus of ${language} has 3 to ${maxLength} words`;
  throw new InputError(what, ONE_SENTENCE_A_LINE, { path });
}

/** Counts by word. Words get a row when they come first, so that the rows are in the order of first appearance. */
class WordTable {
  readonly #most: number;
  #rows = new Map<string, number>();
  #counts = new Float64Array(1024);
  /** What was dropped came at most this often at a time. */
  #floor = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(word: string): void {
    const row = this.#rows.get(word);
    if (row === undefined) this.#insert(word);
    else this.#counts[row]!++;
  }

  /** How many words of the corpus are in a vocabulary. */
  covered({ words }: EncoderVocabulary): number {
    const rows = words.slice(SPECIAL_WORDS.length).map((word) => this.#rows.get(word));
    return rows.reduce((sum: number, row) => sum + (row === undefined ? 0 : this.#counts[row]!), 0);
  }

  commonest(most: number): EncoderVocabulary {
    for (const word of SPECIAL_WORDS) {
      const row = this.#rows.get(word);
      if (row !== undefined) this.#counts[row] = 0;
    }
    const counts = this.#counts.subarray(0, this.#rows.size);
    const wanted = Math.max(0, most - SPECIAL_WORDS.length);
    // Millions of words are not sorted for the sake of the commonest: their lowest count says which they are.
    const sorted = counts.slice().sort();
    const lowest = wanted === 0 ? Number.POSITIVE_INFINITY : Math.max(1, sorted[sorted.length - wanted] ?? 1);
    let ties = wanted - sorted.reduce((above, count) => above + Number(count > lowest), 0);
    const taken: [word: string, count: number][] = [];
    for (const [word, row] of this.#rows) {
      const count = counts[row]!;
      if (count > lowest || (count === lowest && ties-- > 0)) taken.push([word, count]);
    }
    taken.sort(([, a], [, b]) => b - a); // stable: equals stay in the order of the rows
    return new EncoderVocabulary([...SPECIAL_WORDS, ...taken.map(([word]) => word)]);
  }

  #insert(word: string): void {
    if (this.#rows.size >= this.#most) this.#prune();
    const row = this.#rows.size;
    if (row === this.#counts.length) {
      const counts = new Float64Array(2 * row);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#rows.set(detached(word), row);
    this.#counts[row] = 1;
  }

  #prune(): void {
    while (this.#rows.size > this.#most / 2) {
      this.#floor++;
      const rows = new Map<string, number>();
      for (const [word, row] of this.#rows) {
        const count = this.#counts[row]!;
        if (count <= this.#floor) continue;
        // Rows only move to the front, so no count is overwritten before it is read.
        this.#counts[rows.size] = count;
        rows.set(word, rows.size);
      }
      this.#rows = rows;
    }
  }
}
