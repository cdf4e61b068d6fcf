// The words and characters that the deep part knows: those of its training text, and no others.
import type { LabelledSentence } from '../types.ts';

/** Id of every word that is not in the vocabulary. */
export const UNKNOWN = 0;

/** Words are kept with their case, in Unicode's normal form C; word ids count from 1, character ids from 0. */
export class Vocabulary {
  readonly words: readonly string[];
  readonly characters: readonly string[];
  readonly #words: ReadonlyMap<string, number>;
  readonly #characters: ReadonlyMap<string, number>;

  constructor(words: readonly string[], characters: readonly string[]) {
    this.words = words;
    this.characters = characters;
    this.#words = new Map(words.map((word, i) => [word, i + 1]));
    this.#characters = new Map(characters.map((character, i) => [character, i]));
  }

  /**
   * Words in order of first appearance, characters (code points) in code point order.
   * @param tables whether there is a table of words (without one, none are kept) and one of characters
   */
  static of(
    sentences: readonly LabelledSentence[],
    tables: { readonly words: boolean; readonly characters: boolean } = { words: true, characters: true },
  ): Vocabulary {
    const words = new Set(sentences.flatMap((sentence) => sentence.words.map(composed)));
    const characters = new Set<string>();
    if (tables.characters) for (const word of words) for (const character of word) characters.add(character);
    return new Vocabulary(
      tables.words ? [...words] : [],
      [...characters].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
    );
  }

  /** What the sizes of the deep part depend on. */
  counts(tags: number): { words: number; characters: number; tags: number } {
    return { words: this.words.length, characters: this.characters.length, tags };
  }

  /** Row of the embedding table; `UNKNOWN` for a word that was not trained. */
  word(form: string): number {
    return this.#words.get(composed(form)) ?? UNKNOWN;
  }

  /** Ids of the known characters among the first `limit` known ones; the others are skipped. */
  spell(form: string, limit: number): number[] {
    const ids: number[] = [];
    for (const character of composed(form)) {
      const id = this.#characters.get(character);
      if (id !== undefined) ids.push(id);
      if (ids.length === limit) break;
    }
    return ids;
  }
}

/** A word is the same word however its combining marks are written. */
const composed = (form: string) => form.normalize('NFC');

/** Ids of the words that stand once in the text. */
export function seenOnce(sentences: readonly LabelledSentence[], vocabulary: Vocabulary): ReadonlySet<number> {
  const counts = new Uint32Array(vocabulary.words.length + 1);
  for (const sentence of sentences) for (const word of sentence.words) counts[vocabulary.word(word)]!++;
  const once = new Set<number>();
  counts.forEach((count, id) => {
    if (count === 1) once.add(id);
  });
  return once;
}
