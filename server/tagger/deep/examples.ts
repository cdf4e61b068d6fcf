// Sentences ready for training: ids instead of strings, cut to the longest program.
import { ANY_TAG } from '../crf.ts';
import type { LabelledSentence } from '../types.ts';
import { SENTENCE_LENGTHS } from './programs.ts';
import type { Vocabulary } from './vocabulary.ts';

const LONGEST = SENTENCE_LENGTHS.at(-1)!;

export interface Example {
  /** Its number among the sentences that training was given. */
  readonly sentence: number;
  readonly words: readonly string[];
  /** Rows of the word table. */
  readonly ids: Int32Array;
  /** Tag ids; ANY_TAG where nobody has decided. */
  readonly tags: Int32Array;
  /** How many times it counts in the loss. */
  readonly weight: number;
}

/** Sentences without words or without a decided tag teach nothing and are left out. */
export function examplesOf(
  sentences: readonly LabelledSentence[],
  vocabulary: Vocabulary,
  tags: readonly string[],
): Example[] {
  const id = new Map(tags.map((tag, i) => [tag, i]));
  return sentences.flatMap((sentence, number) => {
    const words = sentence.words.slice(0, LONGEST);
    const ids = Int32Array.from(words, (word) => vocabulary.word(word));
    const tagIds = Int32Array.from(words, (_, i) => id.get(sentence.tags[i] ?? '') ?? ANY_TAG);
    if (tagIds.every((tag) => tag === ANY_TAG)) return [];
    return [{ sentence: number, words, ids, tags: tagIds, weight: sentence.weight ?? 1 }];
  });
}
