// The features of the wide tagger, as one table: what is looked at in which words around the token.
import { type Hash, hashPair, hashText } from './hash.ts';

/** A word taken apart, in Unicode code points. */
interface Word {
  readonly text: string;
  readonly lower: string;
  /** Code points of the lower-cased word. */
  readonly letters: readonly string[];
  /** One sign a code point, see `signOf`; marks left out. */
  readonly outline: string;
}

interface Template {
  readonly name: string;
  /** Places relative to the token where it looks. */
  readonly at: readonly number[];
  /** Whether it tells how a word is spelt, which another language does not share; the others tell how it looks. */
  readonly spelling?: boolean;
  /** The values that it finds in the word there; often one. */
  readonly values: (word: Word) => readonly string[];
}

const HERE = [0];
const WINDOW = [-2, -1, 0, 1, 2];
const AFFIXES = [1, 2, 3, 4];
const YES = [''];
const NO: readonly string[] = [];

/**
 * The table. Values become hashes; the model holds no strings. Changing it makes older models foreign (`TEMPLATES_VERSION`).
 */
const TEMPLATES: readonly Template[] = [
  { name: 'bias', at: HERE, values: () => YES },
  { name: 'word', at: WINDOW, spelling: true, values: (word) => [word.lower] },
  { name: 'shape', at: WINDOW, values: (word) => [squeeze(word.outline)] },
  { name: 'length', at: HERE, values: (word) => [String(Math.min(word.letters.length, 8))] },
  { name: 'title', at: HERE, values: (word) => (isTitle(word.outline) ? YES : NO) },
  { name: 'upper', at: HERE, values: (word) => (isUpper(word.outline) ? YES : NO) },
  { name: 'digit', at: HERE, values: (word) => (word.outline.includes('d') ? YES : NO) },
  { name: 'punctuation', at: HERE, values: (word) => (isPunctuation(word) ? [word.text] : NO) },
  ...AFFIXES.map((size) => ({
    name: `prefix ${size}`,
    at: HERE,
    spelling: true,
    values: (word: Word) => affix(word, 0, size),
  })),
  ...AFFIXES.map((size) => ({
    name: `suffix ${size}`,
    at: HERE,
    spelling: true,
    values: (word: Word) => affix(word, -size, undefined),
  })),
];

/** Pairs of neighbouring words, lower-cased: with the word before, with the word after. */
const BIGRAMS = ['word before and word', 'word and word after'];

/** What stands beyond the sentence's ends, at each place of the window. */
const BEYOND = 'beyond';

/** Counts the changes of what a feature means; a model that was trained with other features cannot be used. */
export const TEMPLATES_VERSION = 1;

function affix({ letters }: Word, start: number, end: number | undefined): readonly string[] {
  return letters.length > Math.abs(end ?? start) ? [letters.slice(start, end).join('')] : NO;
}

/** Starts with a capital, as every part does, and has no capital after a letter: `Rio`, `Jean-Luc`, but not `McKay`. */
function isTitle(outline: string): boolean {
  let inside = false;
  for (const sign of outline) {
    const isCapital = sign === 'X';
    const isCased = isCapital || sign === 'x';
    if (isCased && isCapital === inside) return false;
    inside = isCased;
  }
  return outline.includes('X');
}

function isUpper(outline: string): boolean {
  return outline.includes('X') && !outline.includes('x');
}

function isPunctuation({ text, outline }: Word): boolean {
  return !/[Xxcd]/.test(outline) && !/[\p{L}\p{N}]/u.test(text);
}

const signs = new Map<string, string>();

/** Capitals X, small letters x, letters without case c, digits d, marks nothing, other characters themselves. */
function signOf(character: string): string {
  let sign = signs.get(character);
  if (sign === undefined) {
    if (/[\p{Uppercase}\p{Lt}]/u.test(character)) sign = 'X';
    else if (/\p{Lowercase}/u.test(character)) sign = 'x';
    else if (/\p{L}/u.test(character)) sign = 'c';
    else if (/\p{Nd}/u.test(character)) sign = 'd';
    else sign = /\p{M}/u.test(character) ? '' : character;
    signs.set(character, sign);
  }
  return sign;
}

function outlineOf(text: string): string {
  let outline = '';
  for (const character of text) outline += signOf(character);
  return outline;
}

/** Keeps two of three or more signs alike. */
function squeeze(outline: string): string {
  return outline.replace(/(.)\1+/gsu, '$1$1');
}

/** The word's shape: its outline in short. `Rio-92` is `Xxx-dd`, `ሰላም` is `cc`. */
export function shapeOf(text: string): string {
  return squeeze(outlineOf(text));
}

/** Places around a token, in the order of a word's attributes. */
export const PLACES = WINDOW;

const START: Hash = { low: 0x2545f491, high: 0x1b873593 };

function hashOf(text: string, from: Hash = START): Hash {
  const out = { low: 0, high: 0 };
  hashText(text, from, out);
  return out;
}

/** What to compute for a word that stands at each place of the window: templates with the hash that their values go on from. */
const PLANS = PLACES.map((place) =>
  TEMPLATES.filter(({ at }) => at.includes(place)).map((template) => ({
    template,
    from: hashOf(`${template.name}@${place}`),
  })),
);

const BIGRAM_STARTS = BIGRAMS.map((name) => hashOf(name));

/** The features that a word brings to the tokens around it; computed once for each distinct word. */
export interface WordFeatures {
  /** Of the lower-cased word, for the bigrams: one hash for each of them; none where its spelling is hidden. */
  readonly bigrams: readonly Hash[];
  /** For each of `PLACES` where the word may stand from the token: hashes [features, 2]. */
  readonly at: readonly Int32Array[];
}

/**
 * A word has the same features however its combining marks are written.
 * @param hidden leaves out what tells how the word is spelt: as if it were one that was never seen, of this look
 */
export function featuresOf(form: string, hidden = false): WordFeatures {
  const text = form.normalize('NFC');
  const lower = text.toLowerCase();
  const word: Word = { text, lower, letters: [...lower], outline: outlineOf(text) };
  const hash = { low: 0, high: 0 };
  const at = PLANS.map((plan) => {
    const hashes: number[] = [];
    for (const { template, from } of plan) {
      if (hidden && template.spelling) continue;
      for (const value of template.values(word)) {
        hashText(value, from, hash);
        hashes.push(hash.low, hash.high);
      }
    }
    return Int32Array.from(hashes);
  });
  return { at, bigrams: hidden ? [] : BIGRAM_STARTS.map((from) => hashOf(lower, from)) };
}

/** For each of `PLACES`: the one feature of a place beyond the sentence, as hashes [1, 2]. */
export const BEYOND_FEATURES: readonly Int32Array[] = PLACES.map((place) => {
  const { low, high } = hashOf(`${BEYOND}@${place}`);
  return Int32Array.of(low, high);
});

/** Number of bigram features a token has at most: 0 = with the word before, 1 = with the word after. */
export const BIGRAM_COUNT = BIGRAMS.length;

/** The bigram feature `which` of two neighbours. @returns false where they have none: one of them is hidden or beyond the end */
export function hashBigram(
  which: number,
  left: WordFeatures | undefined,
  right: WordFeatures | undefined,
  out: Hash,
): boolean {
  const [a, b] = [left?.bigrams[which], right?.bigrams[which]];
  if (a === undefined || b === undefined) return false;
  hashPair(a, b, out);
  return true;
}
