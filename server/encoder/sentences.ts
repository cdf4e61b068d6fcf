// Sentences on their way through the encoder without training: near lengths together, in shapes of which there are few.
import type { BatchShape } from './direction.ts';
import { type Window, windowsOf } from './windows.ts';

/** Lengths that programs are built for. */
const TIMES = [8, 16, 24, 32, 48, 64, 96, 128] as const;
const LONGEST = TIMES.at(-1)!;

/** Words at the edge of a window that serve as context only. */
const CONTEXT = 32;

/** Windows that go through the encoder in one go. */
export interface WindowBatch {
  readonly shape: BatchShape;
  readonly windows: readonly Window[];
}

/** The shapes that `planWindows` gives; `few` sentences are what a person looks at, `words` fill a batch of a corpus. */
export function windowShapes({ few, words }: { few: number; words: number }): BatchShape[] {
  return TIMES.flatMap((time) => {
    const many = Math.max(1, Math.floor(words / time));
    return [...new Set([Math.min(few, many), many])].map((sentences) => ({ sentences, time }));
  });
}

/**
 * Divides sentences into batches, the longest first. How a sentence is cut depends on itself alone.
 * @param lengths words of each sentence; sentences without any are left out
 */
export function planWindows(lengths: readonly number[], limits: { few: number; words: number }): WindowBatch[] {
  const windows = lengths.flatMap((length, sentence) => windowsOf(sentence, length, LONGEST, CONTEXT));
  windows.sort((a, b) => b.length - a.length || a.sentence - b.sentence || a.start - b.start);
  const shapes = windowShapes(limits);
  const batches: WindowBatch[] = [];
  for (let next = 0; next < windows.length; ) {
    const fitting = shapes.filter(({ time }) => time >= windows[next]!.length);
    const [small, large] = fitting.filter(({ time }) => time === fitting[0]!.time);
    const shape = large && windows.length - next > small!.sentences ? large : small!;
    batches.push({ shape, windows: windows.slice(next, next + shape.sentences) });
    next += shape.sentences;
  }
  return batches;
}
