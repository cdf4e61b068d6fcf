// What making vectors needs, said beforehand as that of a pre-training is.
import { BASE, countingMemory, FLOAT, requireBytes } from '../memory.ts';
import { SPARE } from './eigenvectors.ts';

/** Counts of pairs, at most: a table and the one that it is moved into, or it and the sparse matrix that is made of it. */
const PAIRS = 0.8e9;
/** Tables of all words and directions at once, of either language and of what is computed with them. */
const TABLES = 6;

/**
 * @param most words of a language that get a vector
 * @param text bytes of the larger text, unpacked
 * @returns what it needs, in a sentence, and whether so much is free now
 * @throws InputError where the machine has less memory
 */
export function requireVectorsMemory(
  { most, dimension }: { readonly most: number; readonly dimension: number },
  text: number,
  ...machine: readonly [available?: number, free?: number]
): { need: string; isFree: boolean } {
  const making = BASE + PAIRS + TABLES * FLOAT * most * (dimension + SPARE);
  const counting = countingMemory(text);
  const remedy = () =>
    making > counting
      ? 'take fewer words (--most) or numbers (--dimension)'
      : 'make them from a part of the larger text';
  const what = making > counting ? 'making the vectors' : 'counting the words of so large a text';
  return requireBytes(what, Math.max(making, counting), remedy, ...machine);
}
