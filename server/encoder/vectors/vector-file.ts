// Word vectors in the text format of word2vec and fastText: `count dimension`, then `word number number ...` a line.
import { InputError } from '../../text/index.ts';
import { type LineBlock, readLineBlocks } from './line-blocks.ts';

export interface WordVectors {
  /** Different words, in Unicode's normal form C. */
  readonly words: readonly string[];
  readonly dimension: number;
  /** [words, dimension]: row i is the vector of words[i]. */
  readonly table: Float32Array;
}

export interface ReadVectorsOptions {
  /** Vectors of other words are ignored: a `Map` or `Set` of words, an encoder's vocabulary. */
  readonly wanted?: { has(word: string): boolean };
  /** Reading ends after this many lines: files begin with the most frequent words. */
  readonly most?: number;
  /** Words are lower-cased; of those that become the same the one that was so counts, else the first. */
  readonly lowerCase?: boolean;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
  /** The dimension that the vectors must have, and whose it is, for the message: `the encoder`. */
  readonly expected?: { readonly dimension: number; readonly of: string };
}

/**
 * Reads vectors line by line: memory is needed for the wanted ones alone. Lines are split on single blanks, and one blank
 * at the end is allowed, for fastText writes it. Of several lines of one word the first counts. The count of the first line
 * is not checked, for people cut such files with `head`. (spec section 6; the original takes the last of doubled lines,
 * skips malformed ones, and lets unknown words overwrite `<unk>`.)
 * @throws InputError with the line that is malformed, for vectors of another dimension than `expected`, for a file
 *   that is empty or cannot be read
 * @throws the signal's reason
 */
export async function readVectors(path: string, options: ReadVectorsOptions = {}): Promise<WordVectors> {
  let reader: VectorReader | undefined;
  for await (const block of readLineBlocks(path)) {
    options.signal?.throwIfAborted();
    for (const { line, bytes } of linesOf(block)) {
      if (reader === undefined) reader = new VectorReader(path, readHeader(bytes, path, options), options);
      else if (!reader.take(bytes, line)) return reader.result();
    }
  }
  if (reader === undefined) {
    throw new InputError('the file is empty', 'give word vectors in word2vec text format', { path });
  }
  return reader.result();
}

/** The row of `vectors.table` for each of these words, or -1. */
export function rowsOf(vectors: WordVectors, words: readonly string[]): Int32Array {
  const rows = new Map(vectors.words.map((word, row) => [word, row]));
  return Int32Array.from(words, (word) => rows.get(word) ?? -1);
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BLANK = 0x20;

/** The lines of a block without their ends. */
function* linesOf({ bytes, line }: LineBlock): Generator<{ line: number; bytes: Buffer }> {
  for (let start = 0, number = line; start < bytes.length; number++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const next = feed < 0 ? bytes.length : feed + 1;
    let end = feed < 0 ? bytes.length : feed;
    if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
    yield { line: number, bytes: bytes.subarray(start, end) };
    start = next;
  }
}

/** @returns the dimension */
function readHeader(bytes: Buffer, path: string, { expected }: ReadVectorsOptions): number {
  const [, dimension] = /^\ufeff?\d+ ([1-9]\d{0,5}) ?$/.exec(bytes.toString('utf8')) ?? [];
  if (dimension === undefined) {
    throw new InputError(
      'the first line is not `count dimension`, as in word2vec text format',
      'write it above the vectors: their number, a blank, and how many numbers each has',
      { path, line: 1 },
    );
  }
  if (expected !== undefined && Number(dimension) !== expected.dimension) {
    const { of } = expected;
    const isLonger = Number(dimension) > expected.dimension;
    const command = `crosstag vectors --dimension ${expected.dimension}`;
    const makes = isLonger
      ? `${command} --vectors LANGUAGE=FILE\`, of all languages in one command, makes them of these`
      : `${command}\` makes them`;
    throw new InputError(
      `the vectors have ${dimension} dimensions, but ${of} has ${expected.dimension}`,
      `give vectors of ${expected.dimension} dimensions: \`${makes}`,
      { path, line: 1 },
    );
  }
  return Number(dimension);
}

/** A number in decimal notation. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

class VectorReader {
  readonly #path: string;
  readonly #dimension: number;
  readonly #options: ReadVectorsOptions;
  readonly #rows = new Map<string, number>();
  /** Words that have the vector of another one with capitals. */
  readonly #lowered = new Set<string>();
  #table: Float32Array;
  #lines = 0;

  constructor(path: string, dimension: number, options: ReadVectorsOptions) {
    this.#path = path;
    this.#dimension = dimension;
    this.#options = options;
    this.#table = new Float32Array(1024 * dimension);
  }

  /** Reads one line. @returns whether more lines are wanted */
  take(bytes: Buffer, line: number): boolean {
    const { most, wanted, lowerCase = false } = this.#options;
    if (this.#lines === most) return false;
    this.#lines++;
    const end = bytes.at(-1) === BLANK ? bytes.length - 1 : bytes.length;
    const blank = bytes.indexOf(BLANK);
    const count = countBlanks(bytes, end);
    if (count !== this.#dimension || blank === 0) this.#refuse(bytes, count, line);
    const given = bytes.toString('utf8', 0, blank).normalize('NFC');
    const lower = lowerCase ? given.toLowerCase() : given;
    const word = lower === given ? given : lower.normalize('NFC');
    const known = this.#rows.get(word);
    const isBetter = word === given && this.#lowered.has(word);
    if ((known !== undefined && !isBetter) || wanted?.has(word) === false) {
      // Nobody needs its numbers, but a file of something else must not pass for vectors.
      if (holdsOther(bytes, blank, end)) this.#read(bytes, blank, end, line, new Float32Array(this.#dimension));
      return true;
    }
    const row = known ?? this.#rows.size;
    this.#read(bytes, blank, end, line, this.#roomFor(row));
    this.#rows.set(word, row);
    if (word === given) this.#lowered.delete(word);
    else this.#lowered.add(word);
    return true;
  }

  /** Reads the numbers behind the word. */
  #read(bytes: Buffer, blank: number, end: number, line: number, row: Float32Array): void {
    let at = blank + 1;
    for (const [i, field] of bytes
      .toString('latin1', blank + 1, end)
      .split(' ')
      .entries()) {
      const value = Math.fround(Number(field));
      if (!NUMBER.test(field) || !Number.isFinite(value)) {
        const remedy = 'mend or remove the line, or copy the file anew';
        const place = { path: this.#path, line, column: bytes.toString('utf8', 0, at).length + 1 };
        throw new InputError(`\`${field.slice(0, 40)}\` is no number`, remedy, place);
      }
      row[i] = value;
      at += field.length + 1;
    }
  }

  result(): WordVectors {
    const table = this.#table.slice(0, this.#rows.size * this.#dimension);
    return { words: [...this.#rows.keys()], dimension: this.#dimension, table };
  }

  #roomFor(row: number): Float32Array {
    const start = row * this.#dimension;
    const end = start + this.#dimension;
    if (end > this.#table.length) {
      const larger = new Float32Array(this.#table.length * 2);
      larger.set(this.#table);
      this.#table = larger;
    }
    return this.#table.subarray(start, end);
  }

  #refuse(bytes: Buffer, numbers: number, line: number): never {
    const place = { path: this.#path, line };
    const remedy = 'mend or remove the line, or copy the file anew (a word must not hold a blank)';
    if (bytes.length === 0) throw new InputError('an empty line', 'remove it, or copy the file anew', place);
    if (bytes[0] === BLANK) throw new InputError('the line begins with a blank: the word is missing', remedy, place);
    throw new InputError(`a word and ${numbers} numbers instead of ${this.#dimension}`, remedy, place);
  }
}

function countBlanks(bytes: Buffer, end: number): number {
  let count = 0;
  for (let i = 0; i < end; i++) if (bytes[i] === BLANK) count++;
  return count;
}

/** By byte: 1 for those of numbers and the blank between them. A table, for files have gigabytes. */
const OF_NUMBERS = new Uint8Array(0x100);
for (const byte of Buffer.from('0123456789+-.eE ')) OF_NUMBERS[byte] = 1;

/** Whether there is a byte that no number has. */
function holdsOther(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (OF_NUMBERS[bytes[i]!] === 0) return true;
  return false;
}

/** Digits of each number that is written: more than training makes meaningful. */
const DIGITS = 6;
/** Lines that are put into text at a time. */
const PIECE = 1000;

/** The same format as bytes: what `readVectors` reads. */
export function encodeVectors({ words, dimension, table }: WordVectors): Buffer {
  const pieces = [Buffer.from(`${words.length} ${dimension}\n`)];
  for (let start = 0; start < words.length; start += PIECE) {
    const lines = words.slice(start, start + PIECE).map((word, i) => {
      const row = table.subarray((start + i) * dimension, (start + i + 1) * dimension);
      return `${word} ${Array.from(row, (x) => Number(x.toPrecision(DIGITS))).join(' ')}\n`;
    });
    pieces.push(Buffer.from(lines.join('')));
  }
  return Buffer.concat(pieces);
}
