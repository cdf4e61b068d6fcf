// The data of a training, checked, divided and, where that is asked for, translated.
import { labelOf, tagSetOf } from '../tags/index.ts';
import { Random } from '../tensor/index.ts';
import { contentHash } from '../text/content-hash.ts';
import { InputError } from '../text/types.ts';
import { presumeOutside } from './presumed.ts';
import { knownShare, translateSentences, translatorOf } from './translate.ts';
import type { LabelledSentence, TrainOptions, TrainReport } from './types.ts';

/**
 * Share of the words that a list has to know so that an encoder reads translations: the others it reads as words of the other
 * language, which they are not. The wide part gains from every word that is translated (docs/results.md).
 */
const ENOUGH = 0.5;

/** One sentence in so many is held out where no dev data is given. */
const HELD_OUT = 10;

export interface TrainingData {
  readonly train: readonly LabelledSentence[];
  /** What the wide part learns from. */
  readonly wide: readonly LabelledSentence[];
  /** What it learns at the end, the sentences that have chosen the model among it; undefined where these are not for learning. */
  readonly whole: readonly LabelledSentence[] | undefined;
  readonly dev: readonly LabelledSentence[];
  /** Which sentences of `dev` stem from another language than the target; undefined where `targetDev` stands in for it. */
  readonly devOfSource: readonly boolean[] | undefined;
  /** Dev data of the target language that choose a model of their own. */
  readonly targetDev: readonly LabelledSentence[] | undefined;
  /** All tags that the labels have in the model's scheme, of what is learnt first or at last. */
  readonly tags: readonly string[];
  /** What share of the words the list knows, and whether the deep part reads translations; undefined without a list. */
  readonly translation: TrainReport['translation'];
}

const isLabelled = ({ tags }: LabelledSentence) => tags.some((tag) => tag !== undefined);

/**
 * Leaves out sentences without any label and holds out a tenth for dev where none is given. A single sentence is both. In data of
 * names alone what is between them is presumed, unless `presume` is false.
 * Train and dev are translated; where the list knows too little for the encoder, only what the wide part learns is. Dev data of
 * the target language stand as they are, and are dev where no other is given.
 * @param target language that the model is for; undefined: that of the labels
 * @param rank of words in their language, the most frequent first: of several translations the most frequent counts
 * @param known tags that the model has whether the labels hold them or not
 * @throws InputError where nothing is labelled; RangeError for a foreign tag or a weight that is no number above 0
 */
export function prepareData(
  options: TrainOptions,
  target: string | undefined,
  rank?: (word: string, language: string) => number,
  known: readonly string[] = [],
): TrainingData {
  const { task, seed = 1 } = options;
  const scheme = task === 'pos' ? 'pos' : 'bio';
  const isPresumed = scheme === 'bio' && options.presume !== false;
  const read = (sentences: readonly LabelledSentence[], path: string) => {
    const labelled = labelledOnly(sentences, path);
    return isPresumed ? presumeOutside(labelled, false) : labelled;
  };
  const train = read(options.train, 'training data');
  const given = options.dev && read(options.dev, 'dev data');
  const targetDev = options.targetDev && read(options.targetDev, 'dev data of the target language');
  const ofTarget = targetDev?.map((sentence) => ({ language: target, ...sentence }));
  const source = given ? { train, dev: given } : ofTarget ? { train, dev: undefined } : holdOut(train, seed);
  const { translated, original, translation } = translating(options, train, target, rank);
  const isRead = translation?.used ?? true; // by the deep part
  const own = given || ofTarget ? (options.ownDev ? (given ?? ofTarget!) : []) : heldOut(source);
  // What the wide part learns at last may hold tags that nothing else does
  const tags = tagsOf([...source.train, ...(options.wide?.train ?? []), ...own], scheme, known);
  const both = (sentences: readonly LabelledSentence[]) => [...original(sentences), ...translated(sentences)];
  const wide = options.wide?.train?.filter(isLabelled);
  const all = both(source.train);
  return {
    train: isRead ? all : source.train,
    wide: wide ? both(wide) : all,
    whole: own.length > 0 ? both([...(wide ?? source.train), ...own]) : undefined,
    dev: source.dev ? (isRead ? translated(source.dev) : source.dev) : ofTarget!,
    devOfSource: source.dev?.map(({ language = options.language }) => language !== target),
    targetDev: source.dev && ofTarget,
    tags,
    translation,
  };
}

function labelledOnly(sentences: readonly LabelledSentence[], path: string): readonly LabelledSentence[] {
  const labelled = sentences.filter(isLabelled);
  if (labelled.length > 0) return labelled;
  throw new InputError('no sentence has a label', 'label some sentences first', { path });
}

/** What becomes of sentences: their translations, and what is kept of the originals. */
function translating(
  { task, translate, language, encoder, wide }: TrainOptions,
  train: readonly LabelledSentence[],
  target: string | undefined,
  rank: ((word: string, language: string) => number) | undefined,
) {
  type Sentences = readonly LabelledSentence[];
  const asTheyAre = { translated: (all: Sentences) => all, original: (): Sentences => [] };
  if (!translate) return { ...asTheyAre, translation: undefined };
  const into = translate.language ?? target;
  if (into === undefined) throw new RangeError('a translation is into some language');
  const isForeign = (sentence: LabelledSentence) => (sentence.language ?? language) !== into;
  const known = knownShare((wide?.train ?? train).filter(isForeign), translate.pairs, task);
  const used = encoder === undefined || known >= ENOUGH;
  const word = translatorOf(translate.pairs, into, rank && ((each) => rank(each, into)));
  return {
    translated: (all: Sentences) =>
      all.map((sentence) => (isForeign(sentence) ? translateSentences([sentence], word, into)[0]! : sentence)),
    original: (all: Sentences) => (translate.keep ? all.filter(isForeign) : []),
    translation: { known, used },
  };
}

function tagsOf(
  train: readonly LabelledSentence[],
  scheme: 'bio' | 'pos',
  known: readonly string[],
): readonly string[] {
  const labels = new Set(known.flatMap((tag) => labelOf(tag, scheme) ?? []));
  for (const { tags } of train) {
    for (const tag of tags) {
      const label = labelOf(tag, scheme);
      if (label !== undefined) labels.add(label);
    }
  }
  const tags = tagSetOf([...labels].sort(), scheme);
  for (const sentence of train) {
    const { weight = 1 } = sentence;
    if (!(weight > 0 && weight < Infinity)) throw new RangeError(`${weight} is no weight of a sentence`);
    const foreign = sentence.tags.find((tag) => tag !== undefined && !tags.includes(tag));
    if (foreign !== undefined) throw new RangeError(`${foreign} is no tag of the scheme ${scheme}`);
  }
  return tags;
}

/** What was held out; a single sentence was not. */
function heldOut({ train, dev = [] }: { train: readonly LabelledSentence[]; dev?: readonly LabelledSentence[] }) {
  return dev === train ? [] : dev;
}

/** A tenth, copies of a sentence on one side. */
function holdOut(sentences: readonly LabelledSentence[], seed: number) {
  const hashes = sentences.map(({ words }) => contentHash(words));
  const different = new Random(seed, 'held out').shuffle([...new Set(hashes)]);
  if (different.length === 1) return { train: sentences, dev: sentences };
  const held = new Set(different.slice(0, Math.ceil(different.length / HELD_OUT)));
  return {
    train: sentences.filter((_, i) => !held.has(hashes[i]!)),
    dev: sentences.filter((_, i) => held.has(hashes[i]!)),
  };
}
