// What a pre-training needs, said beforehand: a machine that runs out of memory loses a person's evening.
import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { InputError } from '../text/index.ts';
import { AS_TYPED, keepsFreed } from './allocator.ts';
import { type EncoderConfig, encoderConfig } from './config.ts';
import { samplesOf } from './direction.ts';
import { SIZES, type Size } from './types.ts';

export const FLOAT = 4;
// The constants below were measured (docs/benchmarks.md): sizes tiny, small and paper.

/** Node, the engine's library, words as strings. */
export const BASE = 200e6;
/** A compiled program of both directions. */
const PROGRAM = 25e6;
/** Of what a step computes with, what the engine keeps for every program where it keeps memory. */
const KEPT = 0.6;
/** What the system's allocator takes for blocks that come and go, for every byte in use. */
const SLACK = 1.5;
/** What counting the words of a large text takes at most, and for every byte of a smaller one, about. */
const MOST_COUNTED = 1.6e9;
const COUNTED = 6;

/** Bytes that a process takes while it counts the words of a text of so many bytes. */
export const countingMemory = (text: number) => BASE + Math.min(MOST_COUNTED, COUNTED * text);
/** What the C library keeps of what was freed, at the sizes that are trained in pieces, unless it is told not to. */
const KEPT_FREED = 1.7e9;
/** Words of a sentence, of the corpora that are shuffled. */
const SENTENCE = 25;

/** Sessions of the engine that are kept with their memory: one for every bucket of lengths that is common. */
const SESSIONS = 12;
/** A pre-training that would keep more than this gives memory back after every run. */
const MOST_KEPT = 3e9;

/** Bytes that a step computes with at once, both directions. */
function stepMemory(config: EncoderConfig, vocabularies: readonly number[]): number {
  const { layers, hidden, filter, heads, batchWords, maxLength } = config;
  const words = batchWords * vocabularies.length;
  const aWord = layers * (14 * hidden + 5 * filter + 4 * heads * Math.min(maxLength, 40)) + 8 * hidden;
  const samples = Math.max(...vocabularies.map((size) => samplesOf(config, size) ?? size));
  return 2 * FLOAT * (words * aWord + 5 * batchWords * samples);
}

/** A step that would need more than this is taken in pieces (piecewise.ts). */
const MOST_AT_ONCE = 3e9;

/** Whether a step is so large that its pieces come one after another. Depends on nothing but sizes: so do the numbers. */
export function isPiecewise(config: EncoderConfig, vocabularies: readonly number[]): boolean {
  return stepMemory(config, vocabularies) > MOST_AT_ONCE;
}

/** Whether the engine may keep the memory of every program: faster, as long as it is little. */
export function keepsMemory(config: EncoderConfig, vocabularies: readonly number[]): boolean {
  return stepMemory(config, vocabularies) * SESSIONS <= MOST_KEPT;
}

/** Bytes of a step in pieces: what is fed, what is handed over, what comes out, and the largest piece. */
function pieceMemory(config: EncoderConfig, vocabularies: readonly number[]): number {
  const { layers, hidden, filter, heads, batchWords, maxLength } = config;
  const words = batchWords * vocabularies.length;
  const fed = words * (hidden * (2 + 2 * layers) + filter + layers * heads * maxLength);
  const handedOver = words * hidden * (2 * layers + 2);
  const samples = vocabularies.map((size) => samplesOf(config, size) ?? size);
  const ofTables = samples.reduce((sum, count) => sum + 4 * count + batchWords, 0) * hidden;
  const layer = words * (14 * hidden + 5 * filter + 4 * heads * maxLength);
  const logits = 4 * batchWords * Math.max(...samples);
  return FLOAT * SLACK * (fed + handedOver + ofTables + Math.max(layer, logits));
}

/**
 * Bytes that a pre-training takes at most, roughly.
 * @param vocabularies words of each language
 */
export function estimateMemory(config: EncoderConfig, vocabularies: readonly number[]): number {
  const { layers, hidden, filter, maxLength, bucketWidth, shuffle } = config;
  // A table and its two moments; a checkpoint is written without a copy of them
  const tables = vocabularies.reduce((sum, words) => sum + words, 0) * hidden * FLOAT * 3;
  const stack = layers * (4 * hidden * hidden + 2 * hidden * filter);
  // Of both directions: weight, gradient and two moments
  const weights = 2 * stack * FLOAT * 4;
  const shuffled = vocabularies.length * shuffle * (SENTENCE * FLOAT + 8);
  const fixed = BASE + tables + weights + shuffled;
  if (isPiecewise(config, vocabularies)) return fixed + 2 * PROGRAM + pieceMemory(config, vocabularies);
  const programs = Math.floor(maxLength / bucketWidth) + 1;
  const steps = keepsMemory(config, vocabularies) ? programs * KEPT : 1;
  return fixed + programs * PROGRAM + steps * stepMemory(config, vocabularies);
}

/** The same in a process like this one. */
function memoryHere(config: EncoderConfig, vocabularies: readonly number[]): number {
  const isKept = keepsFreed() && isPiecewise(config, vocabularies);
  return estimateMemory(config, vocabularies) + (isKept ? KEPT_FREED : 0);
}

/** Bytes that a pre-training of two languages takes at most, by size, with average linkage and all words of the size. */
export function memoryOfSizes(): { readonly size: Size; readonly bytes: number }[] {
  return SIZES.map((size) => {
    const config = encoderConfig(size, 'layer_avl', false);
    return { size, bytes: memoryHere(config, [config.vocabulary, config.vocabulary]) };
  });
}

/** What a packed text is unpacked, about. */
const PACKED = 4;

/** Bytes of the largest text, unpacked; whether it can be read is asked later. */
export async function largestOf(texts: readonly { readonly path: string }[]): Promise<number> {
  const sizes = texts.map(async ({ path }) => {
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    return path.endsWith('.gz') ? size * PACKED : size;
  });
  return Math.max(...(await Promise.all(sizes)));
}

/** Bytes that this process may have: a container is often given less than the machine has. */
export function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/**
 * @param text bytes of the largest text, unpacked, if its words are still to be counted
 * @returns what a pre-training needs, in a sentence, and whether so much is free now
 * @throws InputError where the machine has less memory than the size needs, naming a size that fits
 */
export function requireMemory(
  config: EncoderConfig,
  vocabularies: readonly number[],
  size: Size,
  text = 0,
  available = availableMemory(),
  free = process.availableMemory(),
): { need: string; isFree: boolean } {
  const counting = countingMemory(text);
  const frugal = estimateMemory(config, vocabularies);
  const training = memoryHere(config, vocabularies);
  const needed = Math.max(counting, training);
  const what = counting > training ? 'counting the words of so large a text' : `the size ${size}`;
  const remedy = () => remedyFor(config, vocabularies, { counting, frugal, available });
  const { need, isFree } = requireBytes(what, needed, remedy, available, free);
  const isLess = needed === training && training > frugal;
  return { need: isLess ? `${need} (${gigabytes(frugal)} with ${AS_TYPED} before the command)` : need, isFree };
}

/**
 * @param what needs so many bytes
 * @returns that in a sentence, and whether so much is free now
 * @throws InputError where the machine has less memory
 */
export function requireBytes(
  what: string,
  needed: number,
  remedy: () => string,
  available = availableMemory(),
  free = process.availableMemory(),
): { need: string; isFree: boolean } {
  if (needed > available) {
    throw new InputError(
      `${what} needs about ${gigabytes(needed)} GB of memory, and this machine has ${gigabytes(available)} GB`,
      remedy(),
      { path: 'memory' },
    );
  }
  const need = `${what} needs up to about ${gigabytes(needed)} GB of memory`;
  const isFree = needed <= free;
  return { need: isFree ? need : `${need}, and only ${gigabytes(free)} GB are free now: end other programs`, isFree };
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);

function remedyFor(
  { alignment }: EncoderConfig,
  vocabularies: readonly number[],
  { counting, frugal, available }: Readonly<Record<'counting' | 'frugal' | 'available', number>>,
): string {
  if (counting > available) return 'train on a part of the largest text, or on a machine with more memory';
  if (frugal <= available)
    return `write ${AS_TYPED} before the command: ${(frugal / 1e9).toFixed(1)} GB are enough then`;
  const fits = SIZES.filter((other) => {
    const smaller = encoderConfig(other, 'none', false);
    const sizes = vocabularies.map(() => smaller.vocabulary);
    return estimateMemory({ ...smaller, alignment }, sizes) <= available;
  }).at(-1);
  return fits === undefined ? 'train on a machine with more memory' : `take the size ${fits}`;
}
