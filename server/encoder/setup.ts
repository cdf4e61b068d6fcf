// What a pre-training starts from: vocabularies, first weights, given vectors, pairs of words.
import { Random, type StateTensor } from '../tensor/index.ts';
import { sha256 } from '../text/folder.ts';
import { InputError } from '../text/index.ts';
import { identicalStrings, type SharedRows } from './alignment/translations.ts';
import type { AlignmentConfig, EncoderConfig } from './config.ts';
import { corpusState } from './corpus.ts';
import { type CountedCorpus, countedBytes, countVocabulary, doubtsAbout, readCounted } from './count-vocabulary.ts';
import { type GivenList, readGivenList, type WordPair } from './pairs.ts';
import type { PretrainOptions } from './types.ts';
import { readUnfinished, writeUnfinished } from './unfinished.ts';
import { readVectors, rowsOf } from './vectors/vector-file.ts';
import { type EncoderVocabulary, UNKNOWN } from './vocabulary.ts';
import { firstWeights, tableName } from './weights.ts';

/** How far the counting of all corpora is: bytes of their files, of so many, and words. */
export interface CorporaProgress {
  readonly bytes: number;
  readonly of: number;
  readonly words: number;
}

/** A text that takes longer is not counted again after an interruption. */
const LONG_SECONDS = 10;

/**
 * Counts the words of every corpus, and warns of what is odd about one. What took long is kept until the encoder is written.
 * @param known vocabularies that stay as they are, in the order of the texts
 */
export async function countCorpora(
  { texts, out, signal, warn }: PretrainOptions,
  config: EncoderConfig,
  progress: (now: CorporaProgress) => void,
  known?: readonly EncoderVocabulary[],
): Promise<CountedCorpus[]> {
  const states: { readonly size: number; readonly modified: number }[] = [];
  for (const { path } of texts) states.push(await corpusState(path));
  const sizes = states.map(({ size }) => size);
  const of = sum(sizes);
  const counted: CountedCorpus[] = [];
  for (const [i, { language, path }] of texts.entries()) {
    const before = { bytes: sum(sizes.slice(0, i)), words: sum(counted.map(({ words }) => words)) };
    const { vocabulary: most, lowerCase, maxLength } = config;
    const settings = {
      ...{ most, lowerCase, maxLength },
      ...states[i]!,
      vocabulary: sha256(known?.[i]?.toText() ?? ''),
    };
    const started = performance.now();
    const kept = await readUnfinished(out, language, settings);
    const corpus = kept
      ? readCounted(kept, path)
      : await countVocabulary(path, {
          ...{ language, most, lowerCase, maxLength, signal, vocabulary: known?.[i] },
          progress: ({ bytes, words }) => progress({ bytes: before.bytes + bytes, of, words: before.words + words }),
        });
    const isLong = performance.now() - started > LONG_SECONDS * 1000;
    if (!kept && isLong) await writeUnfinished(out, language, settings, [countedBytes(corpus)]);
    for (const doubt of doubtsAbout(corpus, { language, maxLength })) warn?.(`${path}: ${doubt}`);
    counted.push(corpus);
  }
  return counted;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** Rows of words that are spelt alike in two languages, as far as they are to be pulled together. */
function identicalRows(
  vocabularies: readonly EncoderVocabulary[],
  { identical, ratio }: AlignmentConfig,
): SharedRows[] {
  if (identical === 0) return [];
  const indexed = vocabularies.map(({ words }) => ({ words, index: new Map(words.map((word, row) => [word, row])) }));
  return identicalStrings(indexed, ratio);
}

/** Words that mean the same. */
export interface Translations {
  /** Spelt alike, in every two languages; nothing where the alignment has no use for them. */
  readonly identical: readonly SharedRows[];
  /** Of the word lists. */
  readonly pairs: readonly SharedRows[];
}

/** @throws InputError where the vocabularies hold no pair of a word list */
export function translationsIn(
  vocabularies: readonly EncoderVocabulary[],
  lists: readonly TextList[],
  { texts }: PretrainOptions,
  { alignment }: EncoderConfig,
): Translations {
  const pairs = lists.map((list) => pairRows(list, texts, vocabularies));
  return { identical: identicalRows(vocabularies, alignment), pairs };
}

/** A word list of two texts, by their numbers. */
export interface TextList extends GivenList {
  readonly first: number;
  readonly second: number;
}

const byLanguages = (a: Languages, b: Languages) => lower(a) - lower(b) || upper(a) - upper(b);
type Languages = Pick<SharedRows, 'first' | 'second'>;
const lower = ({ first, second }: Languages) => Math.min(first, second);
const upper = ({ first, second }: Languages) => Math.max(first, second);

/** The word lists of a pre-training in the order of their texts, some of which may be in memory already. */
export async function listsOf({ texts, pairs = [], note }: PretrainOptions): Promise<TextList[]> {
  const numberOf = (language: string) => texts.findIndex((text) => text.language === language);
  const lists: TextList[] = [];
  for (const { languages, list } of pairs) {
    const given = typeof list === 'string' ? await readGivenList(list, note) : list;
    lists.push({ ...given, first: numberOf(languages[0]), second: numberOf(languages[1]) });
  }
  return lists.sort(byLanguages);
}

/**
 * Rows of the pairs of a word list that the vocabularies of its languages hold: of each word with its most frequent
 * translation, and only where it is the most frequent one of that. Through others, words of one language would be pulled
 * together (bueno and buena, by good), which the language model has to tell apart.
 * @throws InputError where there is none
 */
function pairRows(
  { path, list, first, second }: TextList,
  texts: PretrainOptions['texts'],
  vocabularies: readonly EncoderVocabulary[],
): SharedRows {
  const rows = mutualRows(list, vocabularies[first]!, vocabularies[second]!);
  if (rows.length > 0) return { first, second, rows };
  const [a, b] = [texts[first]!.language, texts[second]!.language];
  const what = `none of its ${list.length} pairs has its words in the corpora of ${a} and ${b}`;
  const remedy = texts.length === 2 ? 'name the texts in the order of the list' : `say that it is a list of ${b}-${a}`;
  throw new InputError(what, `write \`word-of-${a} word-of-${b}\`, or ${remedy}`, { path });
}

/** Of a list of other languages, or of texts that are too short for it, a smaller share is used. */
const FEW = 0.1;

/** Says how much of a word list is used; a wrong one, or one in the other order, has a few matches by chance. */
export function tellPairs(
  { path, list, first, second }: TextList,
  { rows }: SharedRows,
  vocabularies: readonly EncoderVocabulary[],
  { texts, note, warn }: PretrainOptions,
): void {
  const [a, b] = [texts[first]!.language, texts[second]!.language];
  const which = texts.length === 2 ? 'the word list' : `the word list ${a}-${b}`;
  const used = rows.length / 2;
  note?.(`${used} of the ${list.length} pairs of ${which} are used`);
  const turned = list.map(({ source, target }) => ({ source: target, target: source }));
  if (mutualRows(turned, vocabularies[first]!, vocabularies[second]!).length > rows.length) {
    warn?.(`${path}: more of its pairs fit in the other order: write the word of ${a} first`);
  } else if (used < FEW * list.length) {
    warn?.(
      `${path}: the texts have both words of ${used} of its ${list.length} pairs alone; is it a list of ${a} and ${b}?`,
    );
  }
}

function mutualRows(pairs: readonly WordPair[], first: EncoderVocabulary, second: EncoderVocabulary): Int32Array {
  // The smaller a row, the more frequent its word.
  const [targetOf, sourceOf] = [new Map<number, number>(), new Map<number, number>()];
  const [sources, targets] = [lowered(first), lowered(second)];
  for (const { source, target } of pairs) {
    const [a, b] = [sources.get(source), targets.get(target)];
    if (a === undefined || b === undefined) continue;
    targetOf.set(a, Math.min(b, targetOf.get(a) ?? b));
    sourceOf.set(b, Math.min(a, sourceOf.get(b) ?? a));
  }
  return Int32Array.from([...targetOf].filter(([a, b]) => sourceOf.get(b) === a).flat());
}

/** The rows of words by how a word list has them; of those that differ in case alone, the most frequent one's. */
function lowered({ words }: EncoderVocabulary): Map<string, number> {
  const rows = new Map<string, number>();
  words.forEach((word, row) => {
    const form = word.toLowerCase().normalize('NFC');
    if (row > UNKNOWN && !rows.has(form)) rows.set(form, row);
  });
  return rows;
}

/**
 * @throws InputError where words that are spelt alike shall be pulled together and there are none, in two languages that no
 *   word list is given for
 */
export function requireShared({ identical, pairs }: Translations, { texts }: PretrainOptions): void {
  const hasList = ({ first, second }: SharedRows) =>
    pairs.some((list) => [list.first, list.second].every((l) => l === first || l === second));
  const isAlone = (one: SharedRows) => one.rows.length / 2 <= 2; // `<eos>` and `<unk>` are in every vocabulary
  const alone = identical.find((one) => isAlone(one) && !hasList(one));
  if (!alone) return;
  const [a, b] = [texts[alone.first]!, texts[alone.second]!];
  throw new InputError(
    `the languages ${a.language} and ${b.language} have no word in common`,
    'give a word list of them (pairs), or another template (layer_avl needs no common words)',
    { path: b.path },
  );
}

export interface FirstState {
  readonly state: Record<string, StateTensor>;
  /** Of each language: words that start with a given vector; undefined where none are given. */
  readonly vectors: readonly (number | undefined)[];
}

/**
 * First weights. Words that mean the same start from the same random vector (ours): what pulls them together then only has
 * to keep them there.
 * @throws InputError for vectors of another dimension or without a known word
 */
export async function firstState(
  { texts, vectors, seed = 1 }: PretrainOptions,
  config: EncoderConfig,
  vocabularies: readonly EncoderVocabulary[],
  shared: readonly SharedRows[],
): Promise<FirstState> {
  const languages = texts.map(({ language }, i) => ({ language, words: vocabularies[i]!.size }));
  const state = firstWeights(config, languages, (name) => new Random(seed, name));
  const { hidden } = config;
  const tables = languages.map(({ language }) => state[tableName(language)]!.data);
  // From the first language on, so that what was copied from is not overwritten
  for (const each of [...shared].sort(byLanguages)) {
    const [from, to] = [tables[lower(each)]!, tables[upper(each)]!];
    const [source, target] = each.first < each.second ? [0, 1] : [1, 0];
    for (let i = each.rows.length - 2; i >= 0; i -= 2) {
      const start = each.rows[i + source]! * hidden;
      to.set(from.subarray(start, start + hidden), each.rows[i + target]! * hidden);
    }
  }
  const found: (number | undefined)[] = texts.map(() => undefined);
  for (const { language, path } of vectors ?? []) {
    const index = texts.findIndex((text) => text.language === language);
    found[index] = await giveVectors(path, vocabularies[index]!, tables[index]!, config);
  }
  return { state, vectors: found };
}

/** Overwrites the rows of the words that have a vector. @returns how many */
async function giveVectors(
  path: string,
  { words }: EncoderVocabulary,
  table: Float32Array,
  { hidden, lowerCase }: Pick<EncoderConfig, 'hidden' | 'lowerCase'>,
): Promise<number> {
  const vectors = await readVectors(path, {
    wanted: new Set(words),
    lowerCase,
    expected: { dimension: hidden, of: 'the encoder' },
  });
  const rows = rowsOf(vectors, words);
  let count = 0;
  rows.forEach((row, id) => {
    if (row < 0 || id <= UNKNOWN) return;
    table.set(vectors.table.subarray(row * hidden, (row + 1) * hidden), id * hidden);
    count++;
  });
  if (count > 0) return count;
  throw new InputError('none of its words is in the corpus', 'give vectors of the same language', {
    path,
  });
}
