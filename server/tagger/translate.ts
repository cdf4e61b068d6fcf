// Labelled sentences in another language, word by word: what a word list alone can do for a language without labels.
import { translationsOf, type WordPair } from '../encoder/pairs.ts';
import { isLanguageTag } from '../text/language-tag.ts';
import type { LabelledSentence } from './types.ts';

/**
 * A translator of single words. The look-up does not ask for case; the translation gets that of the word: a capital first
 * letter, or capitals throughout. A word without an entry stays as it is.
 * @param language BCP 47 tag of the translations, for what their capitals are
 */
export function translatorOf(pairs: readonly WordPair[], language: string): (word: string) => string {
  const translations = translationsOf(pairs);
  const locale = isLanguageTag(language) ? language : 'und';
  return (word) => {
    const translation = translations.get(word.toLowerCase())?.[0];
    return translation === undefined ? word : withCaseOf(word, translation, locale);
  };
}

/** The sentences with their words translated, as sentences of that language; labels and weights stay. */
export function translateSentences(
  sentences: readonly LabelledSentence[],
  translate: (word: string) => string,
  language: string,
): LabelledSentence[] {
  return sentences.map((sentence) => ({ ...sentence, words: sentence.words.map(translate), language }));
}

function withCaseOf(word: string, translation: string, locale: string): string {
  const isUpper = (text: string) => text !== text.toLowerCase() && text === text.toUpperCase();
  const [first] = word;
  if (first === undefined || !isUpper(first)) return translation;
  // One letter says nothing about the others: `I`, `A`.
  if (isUpper(word) && word !== first) return translation.toLocaleUpperCase(locale);
  const [letter = ''] = translation;
  return letter.toLocaleUpperCase(locale) + translation.slice(letter.length);
}
