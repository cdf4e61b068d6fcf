// A corpus as a stream: tokenised UTF-8 text, one sentence a line, plain or `.gz`, of any size in bounded memory.
import { isUtf8 } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decodeText, fileError, InputError } from '../text/index.ts';

/** Whole lines of a corpus. */
export interface CorpusBlock {
  /**
   * The lines with their line feeds; the last line of a file may have none. Lower-cased where that was asked for, and in
   * Unicode's normal form C: a word is the same word however its combining marks are written.
   */
  readonly text: string;
  /** The same lines as they stand in the file. */
  readonly bytes: Buffer;
  /** Where `bytes` starts in the unpacked file, in bytes. A byte order mark is no part of a block. */
  readonly offset: number;
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Bytes of the file on disk (packed, if it is) that were read so far. */
  readonly read: number;
}

export interface CorpusOptions {
  readonly lowerCase: boolean;
  /** Words stay in the normal form that they have, as the original has it; for its numbers. */
  readonly asWritten?: boolean;
  /** Start of a line, in bytes of the unpacked file, and its number: where to begin. Default: the first line. */
  readonly from?: { readonly offset: number; readonly line: number };
  readonly signal?: AbortSignal | undefined;
}

/** Small enough that the work on one block holds up the event loop for some 20 ms. */
const BLOCK = 256 * 1024;
/** Bytes of a line. Longer ones are no sentences, and a file without line ends must not fill the memory. */
const LONGEST_LINE = 1024 * 1024;
const LINE_FEED = 0x0a;

export const ONE_SENTENCE_A_LINE =
  'put one sentence on a line, its words apart by blanks: crosstag convert FILE OUT.txt --sentences does it (with --language where words are written together)';

/**
 * Size and time of a corpus, by which a change of it is noticed.
 * @throws InputError for a file that is missing, a folder, or nothing that can be read more than once
 */
export async function corpusState(path: string): Promise<{ size: number; modified: number }> {
  if (path === '-') {
    throw new InputError('a text cannot come from stdin', 'it is read more than once: write it to a file first', {
      path: '<stdin>',
    });
  }
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    throw fileError(error, path);
  }
  if (stats.isDirectory()) throw new InputError('it is a folder', 'name a file in it', { path });
  if (!stats.isFile()) {
    throw new InputError('it is no regular file', 'it is read more than once: write it to a file first', { path });
  }
  return { size: stats.size, modified: stats.mtimeMs };
}

/**
 * SHA-256 of a file as it lies on the disk, lower-case hex.
 * @throws InputError for a file that cannot be read; the signal's reason
 */
export async function sha256OfFile(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: BLOCK })) {
      signal?.throwIfAborted();
      hash.update(chunk);
    }
  } catch (error) {
    throw fileError(error, path);
  }
  return hash.digest('hex');
}

/**
 * Reads a corpus from front to back, or from `from` on. A plain file is sought in; a `.gz` is unpacked and skipped.
 * @returns (from the generator, once it is through) SHA-256 of the file on disk, lower-case hex; of no use after `from`
 * @throws InputError for a file that cannot be read, damaged gzip, what is not UTF-8, and lines of more than 1 MiB
 * @throws the signal's reason
 */
export async function* readCorpus(path: string, options: CorpusOptions): AsyncGenerator<CorpusBlock, string> {
  await corpusState(path);
  const { offset: from, line: firstLine } = options.from ?? { offset: 0, line: 1 };
  const source = new Source(path, from);
  let offset = source.start;
  let line = firstLine;
  let rest: Buffer[] = [];
  let length = 0;
  function* blocks(bytes: Buffer): Generator<CorpusBlock> {
    const skip = offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    offset += skip;
    const body = bytes.subarray(skip);
    const text = decodeLines(body, offset, line, path);
    const cased = options.lowerCase ? text.toLowerCase() : text;
    yield { text: options.asWritten ? cased : cased.normalize('NFC'), bytes: body, offset, line, read: source.read };
    offset += body.length;
    line += countLines(body);
  }
  try {
    for await (const chunk of source.chunks()) {
      options.signal?.throwIfAborted();
      let part = chunk;
      if (offset < from) {
        const skipped = Math.min(part.length, from - offset);
        offset += skipped;
        part = part.subarray(skipped);
      }
      const cut = part.lastIndexOf(LINE_FEED) + 1;
      if (cut > 0) {
        yield* blocks(Buffer.concat([...rest, part.subarray(0, cut)]));
        rest = [];
        length = 0;
      }
      if (cut < part.length) rest.push(part.subarray(cut));
      length += part.length - cut;
      if (length > LONGEST_LINE) throw tooLong(path, line);
    }
    if (length > 0) yield* blocks(Buffer.concat(rest));
  } catch (error) {
    throw corpusError(error, path);
  }
  return source.sha256();
}

function tooLong(path: string, line: number): InputError {
  const what = line === 1 ? 'the corpus seems to be one line: it' : 'this line';
  return new InputError(`${what} goes on for more than 1 MB`, ONE_SENTENCE_A_LINE, { path, line });
}

function corpusError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('Z_')) return fileError(error, path);
  return new InputError('the file is no valid gzip, or is cut off', 'copy it anew, or take .gz off its name', { path });
}

/** The unpacked bytes of a file, and the hash of its packed ones. */
class Source {
  /** Offset of the first byte that comes, in the unpacked file: a packed one can only be read from its start. */
  readonly start: number;
  /** Bytes of the file that were read, those before `start` included. */
  read: number;
  readonly #path: string;
  readonly #hash: Hash = createHash('sha256');

  constructor(path: string, from: number) {
    this.#path = path;
    this.start = path.endsWith('.gz') ? 0 : from;
    this.read = this.start;
  }

  chunks(): AsyncIterable<Buffer> {
    if (!this.#path.endsWith('.gz')) return this.#file();
    const unpacked = createGunzip({ chunkSize: BLOCK });
    // Errors of either end come out of `unpacked`; leaving its loop early closes the file too.
    pipeline(this.#file(), unpacked, () => {});
    return unpacked;
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  async *#file(): AsyncGenerator<Buffer> {
    const file = createReadStream(this.#path, { start: this.start, highWaterMark: BLOCK });
    for await (const chunk of file as AsyncIterable<Buffer>) {
      this.read += chunk.length;
      this.#hash.update(chunk);
      yield chunk;
    }
  }
}

function decodeLines(bytes: Buffer, offset: number, line: number, path: string): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString('utf8');
  // At the start of a file, where most foreign encodings show, the message has line, column and the name of UTF-16.
  if (offset === 0) decodeText(bytes, path);
  let bad = line;
  for (let start = 0; start < bytes.length; bad++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    const part = bytes.subarray(start, end);
    if (part.includes(0)) {
      throw new InputError('the line holds NUL bytes', 'it is no text: give a UTF-8 text file', { path, line: bad });
    }
    if (!isUtf8(part)) break;
    start = end + 1;
  }
  const damaged = path.endsWith('.gz') ? ', or copy it anew if it is damaged (gzip -t FILE tells)' : '';
  const remedy = `convert the file to UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 IN > OUT${damaged}`;
  throw new InputError('the line is not UTF-8', remedy, { path, line: bad });
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, feed + 1)) lines++;
  return lines;
}
