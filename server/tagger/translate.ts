// Labelled sentences in another language, word by word: what a word list alone can do for a language without labels.
import { translationsOf, type WordPair } from '../encoder/pairs.ts';
import { OUTSIDE } from '../tags/index.ts';
import { isLanguageTag } from '../text/language-tag.ts';
import type { Task } from '../text/types.ts';
import type { LabelledSentence } from './types.ts';

/**
 * A translator of single words. The look-up does not ask for case; the translation gets that of the word: a capital first
 * letter, or capitals throughout. A word without an entry stays as it is. Of several translations the most frequent one
 * counts, for lists are in no order: MUSE has `said said` before `said dijo`, and `that eso` before `that que`.
 * @param language BCP 47 tag of the translations, for what their capitals are
 * @param rank place of a translation among the words of its language, the most frequent first; without it, or where it
 *   is the same, the first in the list counts
 */
export function translatorOf(
  pairs: readonly WordPair[],
  language: string,
  rank: (word: string) => number = () => 0,
): (word: string) => string {
  const translations = new Map(
    [...translationsOf(pairs)].map(([source, targets]) => [
      source,
      targets.reduce((a, b) => (rank(b) < rank(a) ? b : a)),
    ]),
  );
  const locale = isLanguageTag(language) ? language : 'und';
  return (word) => {
    const translation = translations.get(asListed(word));
    return translation === undefined ? word : withCaseOf(word, translation, locale);
  };
}

/**
 * Share of the running words outside of names for which the list has a translation, 0 to 1. What has no letter is no word.
 * @param task of parts of speech all words count
 */
export function knownShare(sentences: readonly LabelledSentence[], pairs: readonly WordPair[], task: Task): number {
  const translations = translationsOf(pairs);
  let [words, known] = [0, 0];
  for (const { words: forms, tags } of sentences) {
    for (const [t, form] of forms.entries()) {
      const isName = task === 'ner' && tags[t] !== undefined && tags[t] !== OUTSIDE;
      if (isName || !/\p{L}/u.test(form)) continue;
      words++;
      if (translations.has(asListed(form))) known++;
    }
  }
  return words === 0 ? 0 : known / words;
}

/** The sentences with their words translated, as sentences of that language; labels and weights stay. */
export function translateSentences(
  sentences: readonly LabelledSentence[],
  translate: (word: string) => string,
  language: string,
): LabelledSentence[] {
  return sentences.map((sentence) => ({ ...sentence, words: sentence.words.map(translate), language }));
}

/** A word as lists have it. */
const asListed = (word: string) => word.toLowerCase().normalize('NFC');

function withCaseOf(word: string, translation: string, locale: string): string {
  const isUpper = (text: string) => text !== text.toLowerCase() && text === text.toUpperCase();
  const first = letterOf(word);
  if (!isUpper(first)) return translation;
  // One letter says nothing about the others: `I`, `A`.
  if (isUpper(word) && word !== first) return translation.toLocaleUpperCase(locale);
  const letter = letterOf(translation);
  return letter.toLocaleUpperCase(locale) + translation.slice(letter.length);
}

/** The first character with its combining marks. */
function letterOf(word: string): string {
  return /^\P{M}\p{M}*/u.exec(word)?.[0] ?? '';
}
