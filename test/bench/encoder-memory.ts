// What a pre-training at the size of the paper takes of the memory, in a process of its own.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bench } from './main.ts';
import { number, printTable } from './report.ts';

/** What the process prints (encoder-memory-step.ts). */
export interface MemoryUse {
  /** Most bytes of memory that the process had, after the steps of each shape. */
  readonly shapes: readonly { readonly sentences: number; readonly time: number; readonly bytes: number }[];
  /** What Crosstag says beforehand. */
  readonly estimate: number;
}

export const encoderMemory: Bench = {
  name: 'encoder-memory',
  about: 'peak memory of pre-training at the size of the paper: two languages of 4,096 words, average linkage',
  async run({ threads }) {
    const program = fileURLToPath(new URL('./encoder-memory-step.cjs', import.meta.url));
    const printed = execFileSync(process.execPath, [program, String(threads)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { shapes, estimate } = JSON.parse(printed.toString()) as MemoryUse;
    const gibibytes = (bytes: number) => number(bytes / 2 ** 30, 2);
    const rows = shapes.map(({ sentences, time, bytes }) => [
      `after steps of 2 x ${sentences} x ${time} words`,
      gibibytes(bytes),
    ]);
    rows.push(['said beforehand', gibibytes(estimate)]);
    const title = `encoder-memory: size paper, 2 x 200,000 words known, average linkage, ${threads} threads, the whole process`;
    printTable(title, ['', 'GiB at most'], rows);
  },
};
