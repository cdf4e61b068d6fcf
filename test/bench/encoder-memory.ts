// What a pre-training at the size of the paper takes of the memory, in a process of its own.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ALLOCATOR } from '../../server/encoder/allocator.ts';
import type { Bench } from './main.ts';
import { number, printTable } from './report.ts';

/** What the process prints (encoder-memory-step.ts). */
export interface MemoryUse {
  /** Of the steps of each shape: how long one took, and the most bytes of memory that the process had until then. */
  readonly shapes: readonly {
    readonly sentences: number;
    readonly time: number;
    readonly seconds: number;
    readonly bytes: number;
  }[];
  /** What Crosstag says beforehand, in bytes. */
  readonly estimate: number;
}

/** The bar: most bytes of the whole process. */
const TARGET = 6 * 2 ** 30;

export const encoderMemory: Bench = {
  name: 'encoder-memory',
  about: 'peak memory of pre-training at the size of the paper: two languages of 4,096 words, average linkage',
  async run({ threads }) {
    const program = fileURLToPath(new URL('./encoder-memory-step.cjs', import.meta.url));
    const printed = execFileSync(process.execPath, [program, String(threads)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...ALLOCATOR },
    });
    const { shapes, estimate } = JSON.parse(printed.toString()) as MemoryUse;
    const gibibytes = (bytes: number) => number(bytes / 2 ** 30, 2);
    const rows = shapes.map(({ sentences, time, seconds, bytes }) => [
      `after a step of 2 x ${sentences} x ${time} words`,
      gibibytes(bytes),
      number(seconds, 0),
    ]);
    const peak = Math.max(...shapes.map(({ bytes }) => bytes));
    rows.push(['said beforehand, with corpora and checkpoint', gibibytes(estimate), '']);
    rows.push(['target', gibibytes(TARGET), peak <= TARGET ? 'met' : 'missed']);
    const title = `encoder-memory: size paper, 2 x 200,000 words known, average linkage, ${threads} threads, the whole process`;
    printTable(title, ['', 'GiB at most', 'seconds'], rows);
  },
};
