// Sentences on their way through the encoder without training, in shapes of which there are few: packed into rows, or, where
// every row is one sentence, near lengths together.
import type { BatchShape, RowShape } from './direction.ts';
import { type Window, windowsOf } from './windows.ts';

/** Lengths that programs are built for. */
const TIMES = [8, 16, 24, 32, 48, 64, 96, 128] as const;
/** Words of a window at most. */
export const LONGEST = TIMES.at(-1)!;

/** Words at the edge of a window that serve as context only. */
const CONTEXT = 32;

/** Windows that go through the encoder in one go. */
export interface WindowBatch {
  readonly shape: BatchShape;
  readonly windows: readonly Window[];
}

/** A window's place in a batch: words [at, at + window.length) of a row. */
export interface PackedWindow {
  readonly window: Window;
  readonly row: number;
  readonly at: number;
  /** From 1: which one of its row it is. */
  readonly number: number;
}

export interface PackedBatch {
  readonly shape: RowShape;
  readonly windows: readonly PackedWindow[];
}

/** The shapes that `packWindows` gives: of a corpus, of its rest, and of one short sentence that a person waits for. */
export const ROW_SHAPES: readonly RowShape[] = [
  { rows: 1, time: 32 },
  ...[1, 2, 4, 8].map((rows) => ({ rows, time: LONGEST })),
];
const MOST_ROWS = ROW_SHAPES.at(-1)!.rows;

/**
 * Packs sentences into rows, the longest first and each into the row where it leaves the least place: next to nothing is
 * computed for padding. How a sentence is cut depends on itself alone.
 * @param lengths words of each sentence; sentences without any are left out
 */
export function packWindows(lengths: readonly number[]): PackedBatch[] {
  const windows = lengths.flatMap((length, sentence) => windowsOf(sentence, length, LONGEST, CONTEXT));
  windows.sort((a, b) => b.length - a.length || a.sentence - b.sentence || a.start - b.start);
  const rows: Window[][] = [];
  /** Rows by the number of words that still fit. */
  const byPlace = Array.from({ length: LONGEST + 1 }, (): Window[][] => []);
  for (const window of windows) {
    let place = window.length;
    while (place < LONGEST && byPlace[place]!.length === 0) place++;
    let row = byPlace[place]!.pop();
    if (!row) {
      row = [];
      place = LONGEST;
      rows.push(row);
    }
    row.push(window);
    byPlace[place - window.length]!.push(row);
  }
  const batches: PackedBatch[] = [];
  for (let next = 0; next < rows.length; next += MOST_ROWS) {
    const own = rows.slice(next, next + MOST_ROWS);
    const longest = Math.max(...own.map((row) => row.reduce((sum, { length }) => sum + length, 0)));
    const shape = ROW_SHAPES.find(({ rows, time }) => rows >= own.length && time >= longest)!;
    batches.push({ shape, windows: own.flatMap(placed) });
  }
  return batches;
}

/** The windows of a row, one behind the other. */
function placed(windows: readonly Window[], row: number): PackedWindow[] {
  let end = 0;
  return windows.map((window, i) => {
    end += window.length;
    return { window, row, at: end - window.length, number: i + 1 };
  });
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
