// Work on many sentences: group by group, with a pause between two groups.
import { setImmediate } from 'node:timers/promises';
import type { Decoder } from './decoder.ts';
import type { TaggedSentence, TagOptions } from './types.ts';

/** Called between two pieces of work: gives the event loop its turn, throws when it is time to stop. */
export type Pause = () => Promise<void>;

export type Sentences = readonly (readonly string[])[];

export type EmissionOptions = Pick<TagOptions, 'language' | 'signal'>;

/** Sentences between two pauses. */
const GROUP = 64;

export function pauseFor(signal: AbortSignal | undefined): Pause {
  return async () => {
    await setImmediate();
    signal?.throwIfAborted();
  };
}

/** Results in the order of the sentences; near lengths work together, for little padding in the deep part's batches. */
export async function inGroups<T>(
  sentences: Sentences,
  pause: Pause,
  work: (group: Sentences) => Promise<readonly T[]>,
): Promise<T[]> {
  const order = sentences.map((_, i) => i).sort((a, b) => sentences[a]!.length - sentences[b]!.length || a - b);
  const results = new Array<T>(sentences.length);
  for (let start = 0; start < order.length; start += GROUP) {
    await pause();
    const group = order.slice(start, start + GROUP);
    const done = await work(group.map((i) => sentences[i]!));
    group.forEach((i, k) => {
      results[i] = done[k]!;
    });
  }
  return results;
}

/** Tags sentences with the scores that `emissionsOf` gives a group of them. */
export function tagWith(
  decoder: Decoder,
  emissionsOf: (group: Sentences) => Promise<readonly Float32Array[]>,
  sentences: Sentences,
  options: TagOptions,
): Promise<TaggedSentence[]> {
  return inGroups(sentences, pauseFor(options.signal), async (group) => {
    const emissions = await emissionsOf(group);
    return group.map((words, i) => decoder.decode(emissions[i]!, words.length, options));
  });
}
