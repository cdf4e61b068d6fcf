// How sentences are cut for the programs, in training as in tagging.
import { type Window, windowsOf } from '../../encoder/windows.ts';
import { SENTENCE_LENGTHS } from './programs.ts';

const LONGEST = SENTENCE_LENGTHS.at(-1)!;
/** A long sentence is read in overlapping windows; this many words at a window's edge serve as context only. */
const CONTEXT = 16;

/** The windows of a sentence of so many words: one, unless it is longer than the longest program. */
export function sentenceWindows(sentence: number, length: number): Window[] {
  return windowsOf(sentence, length, LONGEST, CONTEXT);
}
