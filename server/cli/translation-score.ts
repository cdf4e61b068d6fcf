// How word translation is shown: a small table for people, flat fields for scripts.
import type { TranslationScore } from '../encoder/vectors/bli.ts';
import { InputError } from '../text/index.ts';

/** Why there is no score of a word list. @param path of the list */
export function nothingScored(path: string, [from, to]: readonly string[]): InputError {
  const what = `no pair of the word list has vectors for both words, ${from} and ${to}`;
  return new InputError(what, 'name the languages in the order of the list, or give another list', { path });
}

/** The fields of `--json`: percentages from 0 to 100. */
export function translationAsJson({ cosine, csls, words, pairs, coverage }: TranslationScore) {
  return {
    ...cosine,
    csls_p1: csls.p1,
    csls_p5: csls.p5,
    csls_p10: csls.p10,
    pairs,
    words,
    coverage,
  };
}

export function translationAsText({ cosine, csls, words, pairs, coverage }: TranslationScore): string {
  const row = (name: string, { p1, p5, p10 }: typeof cosine) =>
    [name.padEnd(8), ...[p1, p5, p10].map((value) => value.toFixed(1).padStart(6))].join('  ');
  return [
    'right at       1       5      10',
    row('cosine', cosine),
    row('CSLS', csls),
    `${words} words scored, ${coverage.toFixed(1)}% of the dictionary's; ${pairs} pairs`,
    '',
  ].join('\n');
}
