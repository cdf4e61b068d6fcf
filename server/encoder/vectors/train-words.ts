// Vectors of one language from its corpus alone: which words stand near each other more often than by chance, brought
// down to a few dimensions (Levy, Goldberg and Dagan 2015: what skip-gram approximates, without its many passes).
import { setImmediate } from 'node:timers/promises';
import { type Engine, readSafetensors, type StateTensor, safetensorsParts } from '../../tensor/index.ts';
import { InputError } from '../../text/index.ts';
import { readCorpus } from '../corpus.ts';
import { type CountedCorpus, countVocabulary } from '../count-vocabulary.ts';
import { readUnfinished, type UnfinishedSettings, unfinishedFolder, writeUnfinished } from '../unfinished.ts';
import { type EncoderVocabulary, SPECIAL_WORDS } from '../vocabulary.ts';
import { eachLine, eachWord } from '../words.ts';
import { CoOccurrence } from './co-occurrence.ts';
import { type Eigen, eigenvectors } from './eigenvectors.ts';
import { positiveInformation } from './mutual-information.ts';
import type { WordVectors } from './vector-file.ts';

/** The same for every corpus. */
export const COUNTING = {
  /** Words on each side that count as neighbours. */
  window: 5,
  /** Words that occur less often get no vector, but count as neighbours. */
  rarest: 5,
  /** Steps towards the eigenvectors. */
  iterations: 5,
  /** A direction counts as its eigenvalue to this power: 1 would let the first few drown the others. */
  power: 0.75,
} as const;

/** Words of a line that count; longer lines are no sentences. */
const LONGEST = 1000;

export interface TrainWordsOptions {
  /** Words that get a vector at most, the most frequent ones. */
  readonly most: number;
  readonly dimension: number;
  readonly seed: number;
  readonly engine: Engine;
  readonly threads: number;
  /** Folder of the finished vectors: beside it the table is kept, and taken from there if it was made before. */
  readonly out?: string | undefined;
  /** Called often; must be quick. */
  readonly progress?: (progress: TrainWordsProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainWordsProgress {
  /** `words` counts the vocabulary, `pairs` the neighbours. */
  readonly phase: 'words' | 'pairs' | 'reduce';
  /** Words of the corpus passed over in this phase; iterations of `reduce`. */
  readonly done: number;
  /** Of the whole phase; 0 where that is not known. */
  readonly total: number;
}

export interface TrainedWords extends WordVectors {
  /** Of the corpus on disk. */
  readonly sha256: string;
  /** Words of the corpus. */
  readonly corpusWords: number;
}

/**
 * Makes vectors of the frequent words of a corpus, lower-cased. The corpus may be larger than memory.
 * @throws InputError for a corpus that cannot be read, is empty, or repeats too few words
 * @throws the signal's reason
 */
export async function trainWords(
  text: { readonly language: string; readonly path: string },
  options: TrainWordsOptions,
): Promise<TrainedWords> {
  const { most, dimension, seed, engine, out, progress, signal } = options;
  const { language, path } = text;
  const counted = await countVocabulary(path, {
    language,
    most: most + SPECIAL_WORDS.length,
    maxLength: LONGEST,
    lowerCase: true,
    signal,
    progress: ({ words }) => progress?.({ phase: 'words', done: words, total: 0 }),
  });
  const { sha256, words, vocabulary } = counted;
  const table = await keptOr(out, language, { ...COUNTING, sha256, most, dimension, seed, engine: engine.name }, () =>
    tableOf(text, counted, options),
  );
  return {
    words: vocabulary.words.slice(SPECIAL_WORDS.length, SPECIAL_WORDS.length + table.shape[0]!),
    dimension,
    table: table.data,
    sha256,
    corpusWords: words,
  };
}

/** The table that was made with these settings before, or a new one, which is kept. */
async function keptOr(
  out: string | undefined,
  language: string,
  settings: UnfinishedSettings,
  make: () => Promise<StateTensor>,
): Promise<StateTensor> {
  if (out === undefined) return make();
  const kept = await readUnfinished(out, language, settings);
  if (kept) return readSafetensors(kept, unfinishedFolder(out, language))[language]!;
  const table = await make();
  await writeUnfinished(out, language, settings, safetensorsParts({ [language]: table }));
  return table;
}

/** Vectors of the words that come often enough: [words, dimension]. */
async function tableOf(
  { language, path }: { readonly language: string; readonly path: string },
  { vocabulary, words }: CountedCorpus,
  options: TrainWordsOptions,
): Promise<StateTensor> {
  const { dimension, progress, signal } = options;
  const { counts, pairs } = await countPairs(path, vocabulary, words, options);
  const rare = counts.findIndex((count) => count < COUNTING.rarest);
  const count = rare < 0 ? counts.length : rare;
  if (count <= dimension) {
    const what = `only ${count} words of the corpus of ${language} occur ${COUNTING.rarest} times or more`;
    throw new InputError(what, `give more text; ${dimension} dimensions need more words than that`, { path });
  }
  const eigen = await eigenvectors(positiveInformation(pairs.matrix(counts.length)), {
    ...options,
    count: dimension,
    iterations: COUNTING.iterations,
    pause: () => breathe(signal),
    progress: (done) => progress?.({ phase: 'reduce', done, total: COUNTING.iterations }),
  });
  return { shape: [count, dimension], data: weighted(eigen, count, dimension) };
}

/** Counts words and their neighbours. Words are numbered without the special ones: 0 is the most frequent. */
async function countPairs(
  path: string,
  vocabulary: EncoderVocabulary,
  total: number,
  { progress, signal }: TrainWordsOptions,
): Promise<{ counts: number[]; pairs: CoOccurrence }> {
  const counts = new Array<number>(vocabulary.size - SPECIAL_WORDS.length).fill(0);
  const pairs = new CoOccurrence(COUNTING.window);
  const ids = new Int32Array(LONGEST);
  let done = 0;
  for await (const { text } of readCorpus(path, { lowerCase: true, signal })) {
    eachLine(text, 0, (start, end) => {
      let used = 0;
      eachWord(text, start, end, (word) => {
        done++;
        const id = vocabulary.id(word) - SPECIAL_WORDS.length;
        if (id < 0) return;
        counts[id]!++;
        if (used < LONGEST) ids[used++] = id;
      });
      pairs.add(ids.subarray(0, used));
      return true;
    });
    progress?.({ phase: 'pairs', done, total });
    await breathe(signal);
  }
  return { counts, pairs };
}

/** Lets Ctrl+C be heard. @throws the signal's reason */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** The first rows, each direction times a power of its eigenvalue. */
function weighted({ vectors, values }: Eigen, count: number, dimension: number): Float32Array {
  const scales = values.map((value) => Math.abs(value) ** COUNTING.power);
  return Float32Array.from(vectors.subarray(0, count * dimension), (x, i) => x * scales[i % dimension]!);
}
