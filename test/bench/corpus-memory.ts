// What `crosstag pretrain` takes of the memory where a text is larger than it: the whole command, as people run it.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { Random } from '../../server/tensor/index.ts';
import { watchPeak } from '../peak-memory.ts';
import type { Bench } from './main.ts';
import { number, printTable } from './report.ts';

/** The bar: most bytes of the whole process. */
const TARGET = 2 * 2 ** 30;
const CLI = resolve('dist/cli.cjs');
/** Places of each copy of the text where a word stands that is nowhere else: a vocabulary grows with its text. */
const PLACES = 100_000;

export const corpusMemory: Bench = {
  name: 'corpus-memory',
  about:
    'peak memory of a pre-training at size tiny on a text of --gigabytes (default 5), from counting its words to the encoder',
  unfit: () => 'it is long; ask for it by name',
  async run({ threads, gigabytes }) {
    if (process.platform !== 'linux') throw new Error('corpus-memory reads /proc, which Linux alone has');
    if (!existsSync(CLI)) throw new Error('dist/cli.cjs is missing: npm run build');
    // Not among temporary files, which are in the memory on some systems
    const folder = mkdtempSync(join('.cache', 'corpus-memory-'));
    try {
      const large = join(folder, 'en.txt');
      await pipeline(Readable.from(copies(textOf('en'), gigabytes * 1e9)), createWriteStream(large));
      const texts = ['--text', `en=${large}`, '--text', `es=${pathOf('es')}`];
      const shape = ['--size', 'tiny', '--steps', '60', '--threads', String(threads)];
      const start = performance.now();
      const bytes = await peakOf(['pretrain', ...texts, ...shape, '--out', join(folder, 'encoder')]);
      const minutes = (performance.now() - start) / 60_000;
      const rows = [
        [`a text of ${gigabytes} GB`, number(bytes / 2 ** 30, 2), number(minutes, 1)],
        ['target', number(TARGET / 2 ** 30, 2), bytes <= TARGET ? 'met' : 'missed'],
      ];
      const title = `corpus-memory: size tiny, 60 steps after all words are counted, ${threads} threads, the whole process`;
      printTable(title, ['', 'GiB at most', 'minutes'], rows);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function pathOf(language: string): string {
  const places = ['../shared/data/text', 'samples/novels'].map((folder) => join(folder, `${language}.txt.gz`));
  return places.find((path) => existsSync(path))!;
}

const textOf = (language: string) => gunzipSync(readFileSync(pathOf(language))).toString('utf8');

/** Copies of a text until there are so many bytes; here and there the end of a word is made one of its own. */
function* copies(text: string, bytes: number): Generator<string> {
  const random = new Random(1, 'corpus-memory');
  const share = Math.min(1, PLACES / (text.length / 6));
  const pieces = text.split(/(?<=\p{L})(?= )/u).reduce<string[]>((all, piece) => {
    if (all.length === 0 || random.uniform() < share) all.push(piece);
    else all[all.length - 1] += piece;
    return all;
  }, []);
  for (let written = 0, copy = 0; written < bytes; copy++) {
    const next = pieces.map((piece, i) => `${piece}q${copy}x${i}`).join('');
    written += Buffer.byteLength(next);
    yield next;
  }
}

/** Runs the command line. @returns the most bytes of memory that its process had */
async function peakOf(args: readonly string[]): Promise<number> {
  const child = spawn(CLI, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const peak = watchPeak(child.pid);
  const end = new Promise<number | null>((done, fail) => child.on('close', done).on('error', fail));
  const status = await end.catch(() => null);
  const bytes = peak();
  if (status !== 0) throw new Error(`crosstag ${args[0]} ended with status ${status}`);
  return bytes;
}
