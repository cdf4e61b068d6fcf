// Words on their way through the character network: in chunks of a fixed size, near lengths together.
import { bucketOf, FORMS, WORD_LENGTHS } from './programs.ts';

/** The longest word that is read whole; of longer ones the first characters count. */
export const LONGEST_WORD = WORD_LENGTHS.at(-1)!;

/** Inputs of one run of the character network, and whose they are. */
export interface Chunk {
  readonly time: number;
  /** Which word stands in each row; shorter than FORMS in a chunk that is not full. */
  readonly words: readonly number[];
  /** int32 [time, FORMS] and int32 [FORMS]. */
  readonly characters: Int32Array;
  readonly lengths: Int32Array;
}

/**
 * Divides words into chunks, the longest first, so that few chunks are long.
 * @param spelled character ids of each word, at most LONGEST_WORD; words without any are left out (their states are zeros)
 */
export function planChunks(spelled: readonly (readonly number[])[]): Chunk[] {
  const order = spelled.map((_, i) => i).filter((i) => spelled[i]!.length > 0);
  order.sort((a, b) => spelled[b]!.length - spelled[a]!.length || a - b);
  const chunks: Chunk[] = [];
  for (let start = 0; start < order.length; start += FORMS) {
    const words = order.slice(start, start + FORMS);
    const time = bucketOf(spelled[words[0]!]!.length, WORD_LENGTHS);
    const characters = new Int32Array(time * FORMS);
    const lengths = new Int32Array(FORMS);
    words.forEach((word, row) => {
      const ids = spelled[word]!;
      lengths[row] = ids.length;
      for (let t = 0; t < ids.length; t++) characters[t * FORMS + row] = ids[t]!;
    });
    chunks.push({ time, words, characters, lengths });
  }
  return chunks;
}
