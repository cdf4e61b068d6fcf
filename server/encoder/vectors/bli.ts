// Word translation by nearest neighbours: how well two tables of vectors are aligned.
import type { Engine } from '../../tensor/index.ts';
import { translationsOf, type WordPair } from '../pairs.ts';
import { meanOfNearest, nearest, normaliseRows, Products } from './nearest.ts';
import { rowsOf, type WordVectors } from './vector-file.ts';

/** Percentages of source words with a translation among the first 1, 5, 10 neighbours. */
export interface Precision {
  readonly p1: number;
  readonly p5: number;
  readonly p10: number;
}

export interface TranslationScore {
  readonly cosine: Precision;
  readonly csls: Precision;
  /** Source words that were scored: those with a vector, and with a vector for a translation at least. */
  readonly words: number;
  /** Pairs of the dictionary whose words both have vectors. */
  readonly pairs: number;
  /** Percentage of the dictionary's source words that were scored. */
  readonly coverage: number;
}

export interface TranslationTask {
  readonly source: WordVectors;
  readonly target: WordVectors;
  readonly dictionary: readonly WordPair[];
  readonly engine: Engine;
  readonly threads: number;
  /** Called between blocks of products. */
  readonly pause?: () => Promise<void>;
}

const NEIGHBOURS = 10;

/**
 * Scores as MUSE does: all target words are candidates, any of a word's translations counts, and source words that have no
 * vector, or none of whose translations has one, are left out (`coverage` says how many are not).
 * @returns undefined where no word could be scored
 */
export async function scoreTranslation(task: TranslationTask): Promise<TranslationScore | undefined> {
  const { source, target, pause = async () => undefined } = task;
  const { questions, pairs, words } = findQuestions(task);
  if (questions.length === 0) return undefined;
  const { dimension } = source;
  const sources = normaliseRows(source.table.slice(), dimension);
  const targets = normaliseRows(target.table.slice(), dimension);
  const queries = new Float32Array(questions.length * dimension);
  for (const [i, { row }] of questions.entries()) {
    queries.set(sources.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  }
  const among = await Products.open(sources, dimension, task);
  const penalty = await meanOfNearest(among, targets, pause).finally(() => among.dispose());
  const products = await Products.open(targets, dimension, task);
  try {
    const cosine = precision(questions, await nearest(products, queries, NEIGHBOURS, pause));
    const csls = precision(questions, await nearest(products, queries, NEIGHBOURS, pause, penalty));
    return { cosine, csls, words: questions.length, pairs, coverage: (100 * questions.length) / words };
  } finally {
    await products.dispose();
  }
}

/** A source word that can be scored. */
interface Question {
  readonly row: number;
  /** Rows of its translations. */
  readonly answers: ReadonlySet<number>;
}

function findQuestions({ source, target, dictionary }: TranslationTask) {
  const translations = [...translationsOf(dictionary)];
  const rows = rowsOf(
    source,
    translations.map(([word]) => word),
  );
  const targets = new Map(target.words.map((word, row) => [word, row]));
  const questions: Question[] = [];
  let pairs = 0;
  for (const [i, [, words]] of translations.entries()) {
    const row = rows[i]!;
    const answers = new Set(words.flatMap((word) => targets.get(word) ?? []));
    if (row < 0 || answers.size === 0) continue;
    questions.push({ row, answers });
    pairs += answers.size;
  }
  return { questions, pairs, words: translations.length };
}

function precision(questions: readonly Question[], neighbours: Int32Array): Precision {
  const ranks = questions.map(({ answers }, i) => {
    const own = neighbours.subarray(i * NEIGHBOURS, (i + 1) * NEIGHBOURS);
    return own.findIndex((row) => answers.has(row));
  });
  const at = (k: number) => (100 * ranks.filter((rank) => rank >= 0 && rank < k).length) / questions.length;
  return { p1: at(1), p5: at(5), p10: at(10) };
}
