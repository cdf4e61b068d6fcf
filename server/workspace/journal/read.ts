// Reads what is new in a journal, a little at a time: whoever types does not wait for it.
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { fileError, InputError } from '../../text/index.ts';
import { type JournalEntry, parseLine } from './entry.ts';

/** Milliseconds of work at a time. */
const SLICE = 10;

const CHUNK = 64 * 1024;

const NEWLINE = 0x0a;

/** Bytes before a position that are remembered: ids are in them, so another text has others. */
const TAIL = 256;

/** Milliseconds in which another program ends the line that it is writing. */
const WRITING = 50;

/** How far a file has been read. */
export interface ReadPosition {
  /** Bytes; the start of a line. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
  /** The last bytes before `offset`: a file with others there is another one, and is read from its start. */
  readonly tail: Buffer;
}

export const START: ReadPosition = { offset: 0, line: 0, tail: Buffer.alloc(0) };

/** Whether a file still begins as it was read: git, or a person, may have put another one in its place. */
export async function goesOn(path: string, from: ReadPosition): Promise<boolean> {
  try {
    const handle = await open(path, 'r');
    try {
      return await continues(handle, from);
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}

async function continues(handle: FileHandle, { offset, tail }: ReadPosition): Promise<boolean> {
  return (await bytesBefore(handle, offset, tail.length)).equals(tail);
}

async function bytesBefore(handle: FileHandle, offset: number, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count);
  const { bytesRead } = await handle.read(bytes, 0, count, offset - count);
  return bytes.subarray(0, bytesRead);
}

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
    const { size } = await handle.stat();
    let { offset, line } = (await continues(handle, from)) ? from : START;
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
    if (rest.length > 0 && !(await isBeingWritten(handle, rest, size))) use(rest, line + 1);
    return { offset, line, tail: await bytesBefore(handle, offset, Math.min(TAIL, offset)) };
  } finally {
    await handle.close();
  }
}

/** Whether another program is in the middle of this last line, so that the next reading finds more of it. */
async function isBeingWritten(handle: FileHandle, rest: Buffer, size: number): Promise<boolean> {
  const parsed = parseLine(rest.toString());
  if (parsed === undefined || !('what' in parsed)) return false;
  await delay(WRITING);
  return (await handle.stat()).size > size;
}
