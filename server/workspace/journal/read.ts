// Reads what is new in a journal, a little at a time: whoever types does not wait for it.
import { open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { fileError, InputError } from '../../text/index.ts';
import { type JournalEntry, parseLine } from './entry.ts';

/** Milliseconds of work at a time. */
const SLICE = 10;

const CHUNK = 64 * 1024;

const NEWLINE = 0x0a;

/** How far a file has been read. */
export interface ReadPosition {
  /** Bytes; the start of a line. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
  /** Of the file: another one is read from its start. */
  readonly inode: number;
}

export const START: ReadPosition = { offset: 0, line: 0, inode: -1 };

/**
 * Hands over the entries after `from`, in the order of the file, and what is wrong with other lines.
 * @returns where to go on; before a last line that has no end yet
 * @throws InputError where the file cannot be read
 */
export async function readEntries(
  path: string,
  from: ReadPosition,
  take: (entry: JournalEntry) => void,
  problem: (problem: InputError) => void,
): Promise<ReadPosition> {
  try {
    return await read(path, from, take, problem);
  } catch (error) {
    throw fileError(error, path);
  }
}

async function read(
  path: string,
  from: ReadPosition,
  take: (entry: JournalEntry) => void,
  problem: (problem: InputError) => void,
): Promise<ReadPosition> {
  const handle = await open(path, 'r');
  try {
    const { size, ino: inode } = await handle.stat();
    // A file that has become shorter, or another one in its place, was changed by git or by hand.
    let { offset, line } = inode === from.inode && size >= from.offset ? from : START;
    const use = (bytes: Buffer, number: number) => {
      const text = bytes.toString();
      const parsed = parseLine(number === 1 ? text.replace(/^\ufeff/, '') : text);
      if (parsed === undefined) return;
      if ('what' in parsed) problem(new InputError(parsed.what, parsed.remedy, { path, line: number }));
      else take(parsed);
    };
    let rest: Buffer = Buffer.alloc(0);
    let pause = performance.now() + SLICE;
    while (offset + rest.length < size) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, offset + rest.length);
      if (bytesRead === 0) break;
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        use(bytes.subarray(start, end), ++line);
        start = end + 1;
        if (performance.now() < pause) continue;
        await turn();
        pause = performance.now() + SLICE;
      }
      rest = bytes.subarray(start);
      offset += start;
    }
    // A line without its end may be whole: it is used now, and once more (an id counts once) when the file goes on.
    if (rest.length > 0) use(rest, line + 1);
    return { offset, line, inode };
  } finally {
    await handle.close();
  }
}
