// A text file in pieces of whole lines, so that a file larger than memory can be gone through line by line.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { decodeText, fileError, InputError } from '../../text/index.ts';

const LINE_FEED = 0x0a;
const CHUNK = 1 << 18;
/** A line that is longer than this is no line of a text file. */
const LONGEST = 1 << 24;

export interface LineBlock {
  /** Whole lines, each with its line feed (the last one of the file may lack it). Valid UTF-8. */
  readonly bytes: Buffer;
  /** Number of the first line, from 1. */
  readonly line: number;
}

/**
 * Goes through a file; `.gz` is unpacked on the way.
 * @throws InputError where it cannot be read, is no valid gzip, is no UTF-8 text, or holds a line of more than 16 MB
 */
export async function* readLineBlocks(path: string): AsyncGenerator<LineBlock, void, undefined> {
  let rest: Buffer[] = [];
  let waiting = 0;
  let line = 1;
  const checked = (bytes: Buffer): LineBlock => {
    if (!isUtf8(bytes) || bytes.includes(0)) refuse(bytes, line, path);
    return { bytes, line };
  };
  for await (const chunk of read(path)) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      const block = checked(Buffer.concat([...rest, chunk.subarray(0, end)]));
      yield block;
      line += countLines(block.bytes);
      rest = [];
      waiting = 0;
    }
    rest.push(chunk.subarray(end));
    waiting += chunk.length - end;
    if (waiting > LONGEST) {
      const what = `a line of more than ${LONGEST / 1024 / 1024} MB`;
      throw new InputError(what, 'give a text file with one entry a line', { path, line });
    }
  }
  const bytes = Buffer.concat(rest);
  if (bytes.length > 0) yield checked(bytes);
}

async function* read(path: string): AsyncGenerator<Buffer, void, undefined> {
  if (path === '-') {
    const remedy = 'they are read more than once: write them to a file';
    throw new InputError('vectors cannot come from stdin', remedy, { path: '<stdin>' });
  }
  const file = createReadStream(path, { highWaterMark: CHUNK });
  let stream: Readable = file;
  if (path.endsWith('.gz')) {
    const gunzip = createGunzip({ chunkSize: CHUNK });
    // Errors of either end reach whoever reads `gunzip`.
    pipeline(file, gunzip).catch(() => undefined);
    stream = gunzip;
  }
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_')) {
      throw new InputError('the file is no valid gzip, or is cut off', 'copy it anew, or take .gz off its name', {
        path,
      });
    }
    throw fileError(error, path);
  } finally {
    file.destroy();
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

/** Says what is wrong as for a small file, at the line of the large one. */
function refuse(bytes: Buffer, line: number, path: string): never {
  try {
    decodeText(bytes, path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.line === undefined) throw error;
    throw new InputError(error.what.replace(/ at offset \d+/, ''), error.remedy, {
      path,
      line: line + error.line - 1,
      column: error.column ?? 1,
    });
  }
  throw new Error('text that is and is not UTF-8');
}
