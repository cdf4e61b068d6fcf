// Vectors of one language from its corpus alone: the corpus is read anew in every epoch, so it may be larger than memory.
import { setImmediate } from 'node:timers/promises';
import { InputError } from '../../text/index.ts';
import { readCorpus } from '../corpus.ts';
import { countVocabulary } from '../count-vocabulary.ts';
import { type EncoderVocabulary, SPECIAL_WORDS } from '../vocabulary.ts';
import { eachLine, eachWord } from '../words.ts';
import { SkipGram, type SkipGramOptions } from './skip-gram.ts';
import type { WordVectors } from './vector-file.ts';

/** Longer lines are no sentences (word2vec cuts there too). */
const LONGEST = 1000;

/** Rarer words have too few contexts to learn from. */
export const RAREST = 5;

export interface TrainWordsOptions extends SkipGramOptions {
  /** Words that get a vector, the most frequent ones. */
  readonly most: number;
  readonly epochs: number;
  /** Called often; must be quick. */
  readonly progress?: (progress: TrainWordsProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainWordsProgress {
  readonly phase: 'count' | 'train';
  /** Words of the corpus passed over in this phase. */
  readonly words: number;
  /** Of the whole phase; 0 where that is not known. */
  readonly total: number;
}

export interface TrainedWords extends WordVectors {
  /** How often each word occurs, falling. */
  readonly counts: readonly number[];
  /** Of the corpus on disk. */
  readonly sha256: string;
  /** Words of the corpus. */
  readonly corpusWords: number;
}

/**
 * Trains skip-gram vectors on a corpus, lower-cased.
 * @throws InputError for a corpus that cannot be read, is empty, or repeats too few words
 * @throws the signal's reason
 */
export async function trainWords(
  text: { readonly language: string; readonly path: string },
  options: TrainWordsOptions,
): Promise<TrainedWords> {
  const { most, epochs, progress, signal } = options;
  const { language, path } = text;
  const counted = await countVocabulary(path, {
    language,
    most: most + SPECIAL_WORDS.length,
    maxLength: LONGEST,
    lowerCase: true,
    signal,
    progress: ({ words }) => progress?.({ phase: 'count', words, total: 0 }),
  });
  const all = await countWords(path, counted.vocabulary, signal);
  const kept = all.findIndex((count) => count < RAREST);
  const counts = kept < 0 ? all : all.slice(0, kept);
  if (counts.length < 2) {
    const what = `the corpus of ${language} repeats fewer than 2 words ${RAREST} times`;
    throw new InputError(what, 'give more text: some 100,000 words at least', { path });
  }
  const words = counted.vocabulary.words.slice(SPECIAL_WORDS.length, SPECIAL_WORDS.length + counts.length);
  const skipGram = new SkipGram(words, counts, options);
  const total = epochs * counted.words;
  let passed = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const { ids, length } of sentences(path, counted.vocabulary, words.length, signal)) {
      skipGram.learn(ids, Math.min(1, passed / total));
      passed += length;
      progress?.({ phase: 'train', words: Math.min(passed, total), total });
    }
  }
  const { dimension } = options;
  const { sha256 } = counted;
  return { words, dimension, table: skipGram.vectors(), counts, sha256, corpusWords: counted.words };
}

/** How often each word of the vocabulary occurs, but for the special ones: by falling count. */
async function countWords(
  path: string,
  vocabulary: EncoderVocabulary,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const counts = new Array<number>(vocabulary.size - SPECIAL_WORDS.length).fill(0);
  for await (const { ids } of sentences(path, vocabulary, counts.length, signal)) {
    for (const id of ids) counts[id]!++;
  }
  return counts;
}

interface Sentence {
  /** Words without the special ones: 0 is the most frequent. */
  readonly ids: Int32Array;
  /** Words that it has, unknown ones too. */
  readonly length: number;
}

/** The sentences of a corpus, without words from `known` on; lines that are too long are cut. */
async function* sentences(
  path: string,
  vocabulary: EncoderVocabulary,
  known: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Sentence, void, undefined> {
  const ids = new Int32Array(LONGEST);
  for await (const { text } of readCorpus(path, { lowerCase: true, signal })) {
    const found: Sentence[] = [];
    eachLine(text, 0, (start, end) => {
      let used = 0;
      let length = 0;
      eachWord(text, start, end, (word) => {
        length++;
        const id = vocabulary.id(word) - SPECIAL_WORDS.length;
        if (id >= 0 && id < known && used < LONGEST) ids[used++] = id;
      });
      if (length > 0) found.push({ ids: ids.slice(0, used), length });
      return true;
    });
    yield* found;
    await setImmediate(); // Ctrl+C is heard here
  }
}
