// Sentences ready for training: ids instead of strings, long ones in the windows in which they are tagged.
import { ANY_TAG } from '../crf.ts';
import type { LabelledSentence } from '../types.ts';
import type { Vocabulary } from './vocabulary.ts';
import { sentenceWindows } from './windows.ts';

/** A window of a sentence; of most sentences all of it. */
export interface Example {
  /** Its sentence's number among those that training was given. */
  readonly sentence: number;
  /** The first of its words in the sentence. */
  readonly start: number;
  readonly words: readonly string[];
  /** Rows of the word table. */
  readonly ids: Int32Array;
  /** Tag ids; ANY_TAG where nobody has decided, and for context, which counts in the window next to it. */
  readonly tags: Int32Array;
  /** How many times it counts in the loss. */
  readonly weight: number;
}

/** Windows without words or without a decided tag teach nothing and are left out. */
export function examplesOf(
  sentences: readonly LabelledSentence[],
  vocabulary: Vocabulary,
  tags: readonly string[],
): Example[] {
  const id = new Map(tags.map((tag, i) => [tag, i]));
  return sentences.flatMap((sentence, number) =>
    sentenceWindows(number, sentence.words.length).flatMap(({ start, length, from, to }) => {
      const words = sentence.words.slice(start, start + length);
      const ids = Int32Array.from(words, (word) => vocabulary.word(word));
      const idAt = (i: number) => (i < from || i >= to ? ANY_TAG : (id.get(sentence.tags[i] ?? '') ?? ANY_TAG));
      const tagIds = Int32Array.from(words, (_, t) => idAt(start + t));
      if (tagIds.every((tag) => tag === ANY_TAG)) return [];
      return [{ sentence: number, start, words, ids, tags: tagIds, weight: sentence.weight ?? 1 }];
    }),
  );
}
