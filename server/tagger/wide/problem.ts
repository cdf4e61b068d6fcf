// What the wide tagger learns from, as flat arrays. An attribute is a template's value ("the word before is `rio`"); a feature
// is an attribute with a tag. A bundle holds the attributes that always come together, which is all that a word says at
// one place of the window: their weights are added up once for a distinct word and not once for a token. A token has
// one bundle a place, and its bigrams.
import { ANY_TAG } from '../crf.ts';
import type { LabelledSentence } from '../types.ts';
import { HashIndex } from './hash.ts';
import { BEYOND_FEATURES, BIGRAM_COUNT, featuresOf, hashBigram, PLACES, type WordFeatures } from './templates.ts';

/** Bundles of a token. */
export const BUNDLES = PLACES.length;

/** The attribute that no feature belongs to: a bigram at the sentence's end. */
const NO_ATTRIBUTE = 0;

/** A bundle that is not made yet. */
const NO_BUNDLE = -1;

export interface Problem {
  readonly tags: number;
  /** Hashes of the attributes: [attributes, 2]. */
  readonly keys: Int32Array;
  /** First feature of each attribute: [attributes + 1]. */
  readonly features: Int32Array;
  /** Tag of each feature: [features]. */
  readonly featureTags: Int32Array;
  /** First place in `bundleAttributes` of each bundle: [bundles + 1]. */
  readonly bundles: Int32Array;
  readonly bundleAttributes: Int32Array;
  /** [tokens, BUNDLES] */
  readonly tokens: Int32Array;
  /** Attributes of the bigrams: [tokens, BIGRAM_COUNT]. */
  readonly bigrams: Int32Array;
  /** Tag ids or ANY_TAG: [tokens]. */
  readonly gold: Int32Array;
  /** First token of each sentence, or of each segment: [sentences + 1]. */
  readonly sentences: Int32Array;
  /** How many times each of them counts: [sentences]. */
  readonly sentenceWeights: Float64Array;
  readonly longest: number;
}

/** A stretch of a sentence: tokens [start, end). */
export interface Segment {
  /** Number of the sentence. */
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The parts of sentences that have something to say: the decided tokens with `margin` tokens on both sides. What lies further
 * off changes the likelihood of what was decided next to nothing, and takes as long to compute as what matters.
 */
export function segmentsOf(sentences: readonly LabelledSentence[], margin: number): Segment[] {
  const segments: Segment[] = [];
  for (const [sentence, { tags, words }] of sentences.entries()) {
    if (margin === Infinity) {
      segments.push({ sentence, start: 0, end: words.length });
      continue;
    }
    let open: { sentence: number; start: number; end: number } | undefined;
    for (const [t, tag] of tags.entries()) {
      if (tag === undefined) continue;
      if (open === undefined || t - margin > open.end) {
        open = { sentence, start: Math.max(0, t - margin), end: 0 };
        segments.push(open);
      }
      open.end = Math.min(words.length, t + 1 + margin);
    }
  }
  return segments;
}

/** Collects bundles: lists of attribute ids, one after another. */
class Bundles {
  readonly index = new HashIndex();
  readonly attributes: number[] = [];
  readonly starts: number[] = [0];

  constructor() {
    this.index.add(0, 0); // NO_ATTRIBUTE
  }

  /** @param hashes [attributes, 2] */
  add(hashes: Int32Array): number {
    for (let i = 0; i < hashes.length; i += 2) {
      this.attributes.push(this.index.add(hashes[i] as number, hashes[i + 1] as number));
    }
    return this.starts.push(this.attributes.length) - 2;
  }
}

/** What is remembered of a distinct word: its features and its bundles at each place, made when first needed. */
interface KnownWord {
  readonly features: WordFeatures;
  readonly bundles: Int32Array;
}

/**
 * Extracts the features of all sentences, or of their segments. As in CRFsuite, an attribute gets a feature for each tag that it was seen with;
 * undecided tokens show nothing.
 * @param isHidden whether the spelling of a token is hidden, by number of the sentence and of the token
 * @param segments parts of the sentences in their order; default: all of all. Features look beyond their ends
 * @throws RangeError for a tag that is not among `tags`, or a sentence with more or fewer tags than words.
 */
export function problemOf(
  sentences: readonly LabelledSentence[],
  tags: readonly string[],
  isHidden: (sentence: number, token: number) => boolean = () => false,
  segments: readonly Segment[] = segmentsOf(sentences, Infinity),
): Problem {
  const ids = new Map(tags.map((tag, id) => [tag, id]));
  const starts = new Int32Array(segments.length + 1);
  segments.forEach(({ start, end }, s) => {
    starts[s + 1] = (starts[s] as number) + end - start;
  });
  const count = starts[segments.length] as number;
  const tokens = new Int32Array(count * BUNDLES);
  const bigrams = new Int32Array(count * BIGRAM_COUNT);
  const gold = new Int32Array(count);
  const bundles = new Bundles();
  const beyond = BEYOND_FEATURES.map((hashes) => bundles.add(hashes));
  const seen = { open: new Map<string, KnownWord>(), hidden: new Map<string, KnownWord>() };
  const know = (text: string, hidden: boolean): KnownWord => {
    const words = hidden ? seen.hidden : seen.open;
    let word = words.get(text);
    if (word === undefined) {
      word = { features: featuresOf(text, hidden), bundles: new Int32Array(PLACES.length).fill(NO_BUNDLE) };
      words.set(text, word);
    }
    return word;
  };
  const hash = { low: 0, high: 0 };
  const bigram = (which: number, left: KnownWord | undefined, right: KnownWord | undefined): number =>
    hashBigram(which, left?.features, right?.features, hash) ? bundles.index.add(hash.low, hash.high) : NO_ATTRIBUTE;
  for (const [s, { words, tags: given }] of sentences.entries()) {
    if (given.length === words.length) continue;
    throw new RangeError(`sentence ${s} has ${words.length} words, but ${given.length} tags`);
  }
  let known: readonly KnownWord[] = [];
  segments.forEach(({ sentence: s, start, end }, segment) => {
    const sentence = sentences[s] as LabelledSentence;
    if (segments[segment - 1]?.sentence !== s) known = sentence.words.map((word, t) => know(word, isHidden(s, t)));
    for (let t = start; t < end; t++) {
      const token = (starts[segment] as number) + t - start;
      for (let place = 0; place < BUNDLES; place++) {
        const neighbour = known[t + (PLACES[place] as number)];
        let bundle = beyond[place] as number;
        if (neighbour !== undefined) {
          bundle = neighbour.bundles[place] as number;
          if (bundle === NO_BUNDLE) bundle = bundles.add(neighbour.features.at[place] as Int32Array);
          neighbour.bundles[place] = bundle;
        }
        tokens[token * BUNDLES + place] = bundle;
      }
      for (let which = 0; which < BIGRAM_COUNT; which++) {
        bigrams[token * BIGRAM_COUNT + which] = bigram(which, known[t - 1 + which], known[t + which]);
      }
      const tag = sentence.tags[t];
      const id = tag === undefined ? ANY_TAG : ids.get(tag);
      if (id === undefined) throw new RangeError(`${tag} is not among the tags ${tags.join(' ')}`);
      gold[token] = id;
    }
  });
  return {
    tags: tags.length,
    keys: bundles.index.keys,
    ...observe(bundles, tokens, bigrams, gold, tags.length),
    tokens,
    bigrams,
    gold,
    sentences: starts,
    sentenceWeights: Float64Array.from(segments, ({ sentence }) => sentences[sentence]?.weight ?? 1),
    longest: segments.reduce((most, { start, end }) => Math.max(most, end - start), 0),
  };
}

/** The features: every attribute with every tag that it stands with somewhere. */
function observe(bundles: Bundles, tokens: Int32Array, bigrams: Int32Array, gold: Int32Array, tags: number) {
  const starts = Int32Array.from(bundles.starts);
  const bundleAttributes = Int32Array.from(bundles.attributes);
  const withBundle = new Uint8Array((starts.length - 1) * tags);
  const withAttribute = new Uint8Array(bundles.index.size * tags);
  for (let token = 0; token < gold.length; token++) {
    const tag = gold[token] as number;
    if (tag === ANY_TAG) continue;
    for (let k = token * BUNDLES; k < (token + 1) * BUNDLES; k++) withBundle[(tokens[k] as number) * tags + tag] = 1;
    for (let k = token * BIGRAM_COUNT; k < (token + 1) * BIGRAM_COUNT; k++) {
      withAttribute[(bigrams[k] as number) * tags + tag] = 1;
    }
  }
  withAttribute.fill(0, NO_ATTRIBUTE * tags, (NO_ATTRIBUTE + 1) * tags);
  for (let bundle = 0; bundle + 1 < starts.length; bundle++) {
    for (let k = starts[bundle] as number; k < (starts[bundle + 1] as number); k++) {
      const row = (bundleAttributes[k] as number) * tags;
      for (let tag = 0; tag < tags; tag++) {
        if (withBundle[bundle * tags + tag] === 1) withAttribute[row + tag] = 1;
      }
    }
  }
  const features = new Int32Array(bundles.index.size + 1);
  const featureTags = new Int32Array(withAttribute.reduce((sum, seen) => sum + seen, 0));
  let feature = 0;
  for (let attribute = 0; attribute < bundles.index.size; attribute++) {
    for (let tag = 0; tag < tags; tag++) if (withAttribute[attribute * tags + tag] === 1) featureTags[feature++] = tag;
    features[attribute + 1] = feature;
  }
  return { features, featureTags, bundles: starts, bundleAttributes };
}
