// Bytes to text: strict UTF-8, with a message that says what a file is when it is something else.
import { isUtf8 } from 'node:buffer';
import { InputError } from './types.ts';

const LINE_FEED = 0x0a;

/**
 * Decodes UTF-8. A byte order mark stays in the text, so that writing it back gives the same bytes.
 * @throws InputError with line and column for UTF-16, NUL bytes, invalid UTF-8 and files too large for a string.
 */
export function decodeText(bytes: Buffer, path: string): string {
  const utf16 = byteOrder(bytes);
  if (utf16 !== undefined) {
    throw new InputError(
      `the file is ${utf16}, not UTF-8`,
      `convert it: iconv -f ${utf16.slice(0, 6)} -t UTF-8 IN > OUT`,
      { path },
    );
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    const place = { path, ...placeOf(bytes, zero) };
    throw new InputError('the file holds NUL bytes', 'it is no text file: give a UTF-8 text file', place);
  }
  if (!isUtf8(bytes)) {
    const at = firstInvalid(bytes);
    const byte = `0x${bytes[at]!.toString(16).toUpperCase()}`;
    throw new InputError(
      `byte ${byte} at offset ${at} is not UTF-8`,
      'convert the file to UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 IN > OUT',
      { path, ...placeOf(bytes, at) },
    );
  }
  try {
    return bytes.toString('utf8');
  } catch {
    throw new InputError('the file is too large to be held as one text', 'split it into files of at most 500 MB', {
      path,
    });
  }
}

function byteOrder(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16 (little endian)';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16 (big endian)';
  return undefined;
}

const BLOCK = 4096;

/** Offset of the first byte that begins no valid sequence. Whole blocks are checked first: a call costs more than a byte. */
function firstInvalid(bytes: Buffer): number {
  for (let start = 0; ; ) {
    let end = Math.min(start + BLOCK, bytes.length);
    // A block must not end inside a sequence, whose later bytes are 10xxxxxx.
    for (let back = 0; back < 3 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80; back++) end--;
    if (!isUtf8(bytes.subarray(start, end))) return firstInvalidOfBlock(bytes, start, end);
    start = end;
  }
}

function firstInvalidOfBlock(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const lead = bytes[at]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > 1 && !isUtf8(bytes.subarray(at, Math.min(at + length, end)))) return at;
    at += length;
  }
  return at;
}

/** Line and column (in characters), from 1, of a byte offset. */
function placeOf(bytes: Buffer, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let feed = bytes.indexOf(LINE_FEED); feed >= 0 && feed < offset; feed = bytes.indexOf(LINE_FEED, start)) {
    line++;
    start = feed + 1;
  }
  return { line, column: bytes.subarray(start, offset).toString('utf8').length + 1 };
}
