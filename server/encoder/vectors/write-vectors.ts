// Word vectors to a file, piece by piece: the text of a large table is larger than a string can be.
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fileError } from '../../text/index.ts';
import type { WordVectors } from './vector-file.ts';

/** Digits of each number: more than training makes meaningful. */
const DIGITS = 6;
/** Lines in one piece. */
const PIECE = 1000;

let counter = 0;

/**
 * Writes the format that `readVectors` reads, beside its place, syncs and renames it: whoever reads finds the old file or
 * the new one. `.gz` is packed. Aborting ends it between two pieces.
 * @throws InputError where it cannot be written; nothing is left beside `path` then
 */
export async function writeVectors(path: string, vectors: WordVectors, signal?: AbortSignal): Promise<void> {
  const temporary = join(dirname(path), `.crosstag.${process.pid}.vectors-${counter++}.tmp`);
  try {
    const file = createWriteStream(temporary, { flags: 'wx' });
    const options = signal === undefined ? {} : { signal };
    if (path.endsWith('.gz')) await pipeline(pieces(vectors), createGzip(), file, options);
    else await pipeline(pieces(vectors), file, options);
    await sync(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, path);
  }
}

function* pieces({ words, dimension, table }: WordVectors): Generator<string> {
  yield `${words.length} ${dimension}\n`;
  for (let start = 0; start < words.length; start += PIECE) {
    const lines = words.slice(start, start + PIECE).map((word, i) => {
      const row = table.subarray((start + i) * dimension, (start + i + 1) * dimension);
      return `${word} ${Array.from(row, (x) => Number(x.toPrecision(DIGITS))).join(' ')}\n`;
    });
    yield lines.join('');
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
