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

/** Bytes of a number in a vector file that is written, about, and at least in one that is read. */
const [WRITTEN, LEAST] = [11, 2];

/**
 * The same of bringing given vectors down.
 * @param before numbers of a vector that are given
 * @param bytes of the largest file, unpacked
 * @throws InputError where the machine has less memory
 */
export function requireReducingMemory(
  { languages, most, before, dimension }: Readonly<Record<'languages' | 'most' | 'before' | 'dimension', number>>,
  bytes: number,
  ...machine: readonly [available?: number, free?: number]
): { need: string; isFree: boolean } {
  const words = Math.min(most, bytes / (LEAST * before));
  const held = languages * words * (FLOAT * before + (FLOAT + WRITTEN) * dimension);
  // A table that grows while it is read, or the text that is put together
  const passing = words * Math.max(2 * FLOAT * before, WRITTEN * dimension);
  const remedy = () => 'take fewer words (--most)';
  return requireBytes('bringing the vectors down', BASE + held + passing, remedy, ...machine);
}
