// Word vectors on disk: the golden file, what is refused, and the way there and back.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import {
  encodeVectors,
  readVectors,
  rowsOf,
  type WordVectors,
} from '../../../../server/encoder/vectors/vector-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosstag-vectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let counter = 0;
function file(content: string | Uint8Array, name = `${counter++}.vec`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const byWord = ({ words, dimension, table }: WordVectors) =>
  Object.fromEntries(words.map((word, i) => [word, [...table.subarray(i * dimension, (i + 1) * dimension)]]));

const golden = '../shared/golden/vectors.json';
describe.skipIf(!existsSync(golden))('the golden vector file', () => {
  interface Golden {
    readonly vocabulary: readonly string[];
    readonly vectors: string;
    readonly rows: Readonly<Record<string, readonly (number | 'NaN')[] | null>>;
  }
  const { vocabulary, vectors, rows } = JSON.parse(existsSync(golden) ? readFileSync(golden, 'utf8') : '{}') as Golden;
  const read = (text: string) => readVectors(file(text), { wanted: new Set(vocabulary) });

  it('gives the rows of the original where no line is malformed, doubled or of an unknown word', async () => {
    const found = byWord(await read(vectors.replace(/^(?:sat|new|dog) .*\n/gm, '')));
    for (const word of ['The', '</s>']) expect(found[word]).toEqual(rows[word]);
    expect(rows).toMatchObject({ '<eos>': null });
    expect(found['<eos>']).toBeUndefined();
    // Ours differs on purpose (spec section 6): of doubled lines the first counts, unknown words leave <unk> alone, and the
    // blank that fastText writes at the end does no harm.
    expect(Object.keys(found)).toEqual(['the', '</s>', 'cat', 'The', '<unk>']);
    expect(found.the).toEqual([0.1, 0.2, 0.3].map(Math.fround));
    expect(found['<unk>']).toEqual([9, 9, 9]);
    expect(found.cat).toEqual([0.5, -0.5, 0.25]);
  });

  // The original skips the first two and takes the third's NaN for a number.
  it('refuses its malformed lines one by one', async () => {
    await expect(read(vectors)).rejects.toThrow(':7:1: a word and 2 numbers instead of 3; ');
    const mended = vectors.replace('sat 1 2\n', '');
    await expect(read(mended)).rejects.toThrow(/:7:1: a word and 4 numbers instead of 3; .* must not hold a blank/);
    const more = mended.replace('new york 1 2 3\n', '');
    await expect(read(more)).rejects.toThrow(':9:15: `nan` is no number; ');
  });
});

describe('reading vectors', () => {
  it('keeps the wanted words, in the order of the file, and finds their rows', async () => {
    const path = file('4 2\nde 1 2\nyá 3 4\nሰላም 5 6\nla 7 8\n');
    const vectors = await readVectors(path, { wanted: new Set(['la', 'ሰላም', 'x']) });
    expect(byWord(vectors)).toEqual({ ሰላም: [5, 6], la: [7, 8] });
    expect([...rowsOf(vectors, ['x', 'la', 'ሰላም'])]).toEqual([-1, 1, 0]);
  });

  it('does not come from stdin, for it is read more than once', async () => {
    await expect(readVectors('-')).rejects.toThrow(/^<stdin>: vectors cannot come from stdin; /);
  });

  it('reads as many lines as it shall, whatever comes after', async () => {
    const path = file('3 1\na 1\nb 2\nbroken\n');
    expect(byWord(await readVectors(path, { most: 2 }))).toEqual({ a: [1], b: [2] });
  });

  it('lower-cases on request; a word that was so goes before one with capitals, else the first counts', async () => {
    const path = file('7 1\nUS 1\nus 2\nÉl 3\nEssen 4\nESSEN 5\nus 6\nUs 7\n');
    expect(byWord(await readVectors(path, { lowerCase: true }))).toEqual({ us: [2], él: [3], essen: [4] });
  });

  it('takes CRLF, a trailing blank, no line feed at the end, a no-break space in a word and any decimal number', async () => {
    const path = file('3 2\r\na +1e-3 .5 \r\nx\u00a0y -2E2 1.\r\nc 0 -0');
    expect(byWord(await readVectors(path))).toEqual({ a: [Math.fround(1e-3), 0.5], 'x\u00a0y': [-200, 1], c: [0, -0] });
  });

  it('grows with the file, and reads gzip the same', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `w${i} ${i} ${-i} 0.5 ${i % 7}\n`);
    const text = `30000 4\n${lines.join('')}`;
    const plain = await readVectors(file(text));
    expect(plain.words).toHaveLength(30_000);
    expect([...plain.table.subarray(4 * 29_999)]).toEqual([29_999, -29_999, 0.5, 29_999 % 7]);
    expect(await readVectors(file(gzipSync(text), 'large.vec.gz'))).toEqual(plain);
  });

  it('refuses what is no number also behind words that are not wanted', async () => {
    const path = file('3 2\nde 1 2\nla 3 x4\n');
    await expect(readVectors(path, { wanted: new Set(['de']) })).rejects.toThrow(`${path}:3:6: \`x4\` is no number; `);
  });

  const good = '2 2\na 1 2\n';
  it.each([
    ['', ': the file is empty; '],
    ['a 1 2\n', ':1:1: the first line is not `count dimension`'],
    ['2 0\n', ':1:1: the first line is not `count dimension`'],
    [`${good}b 1\n`, ':3:1: a word and 1 numbers instead of 2; '],
    [`${good}b 1  2\n`, ':3:1: a word and 3 numbers instead of 2; '],
    [`${good}b\t1 2\n`, ':3:1: a word and 1 numbers instead of 2; '],
    [`${good}\nb 1 2\n`, ':3:1: an empty line; '],
    [`${good} 1 2\n`, ':3:1: the line begins with a blank: the word is missing; '],
    [`${good}b 1 0x10\n`, ':3:5: `0x10` is no number; '],
    [`${good}été 1 inf\n`, ':3:7: `inf` is no number; '],
    [`${good}b 1e39 2\n`, ':3:3: `1e39` is no number; '],
    [Buffer.from(`${good}b\xe9 1 2\n`, 'latin1'), ':3:2: byte 0xE9 is not UTF-8; '],
    [Buffer.from(`\ufeff${good}`, 'utf16le'), ': the file is UTF-16 (little endian), not UTF-8; '],
  ])('%j is refused', async (content, message) => {
    const path = file(content);
    await expect(readVectors(path)).rejects.toThrow(`${path}${message}`);
  });

  it('names both dimensions', async () => {
    const expected = { dimension: 128, of: 'the encoder' };
    await expect(readVectors(file('1 300\n'), { expected })).rejects.toThrow(
      /: the vectors have 300 dimensions, but the encoder has 128; .*: `crosstag vectors --dimension 128 --vectors LANG/,
    );
    await expect(readVectors(file('1 64\n'), { expected })).rejects.toThrow(/--dimension 128` makes them$/);
  });

  it('says what is wrong with the file itself', async () => {
    await expect(readVectors(join(folder, 'absent.vec'))).rejects.toThrow(/absent\.vec: no such file or folder; /);
    await expect(readVectors(join(folder, 'absent.vec.gz'))).rejects.toThrow(/absent\.vec\.gz: no such file or /);
    await expect(readVectors(folder)).rejects.toThrow(/: it is a folder; /);
    const packed = gzipSync(`2 2\n${'a 1 2\n'.repeat(1000)}`);
    for (const bytes of [packed.subarray(0, packed.length - 9), Buffer.from('2 2\na 1 2\n')]) {
      await expect(readVectors(file(bytes, 'cut.vec.gz'))).rejects.toThrow(/cut\.vec\.gz: the file is no valid gzip/);
    }
  });
});

it('what is written comes back to six digits', async () => {
  const words = ['the', 'ሰላም', '👍🏽', '#', ...Array.from({ length: 2500 }, (_, i) => `w${i}`)];
  const table = Float32Array.from({ length: words.length * 3 }, (_, i) => Math.sin(i + 1) * 10 ** ((i % 12) - 6));
  const back = await readVectors(file(encodeVectors({ words, dimension: 3, table })));
  expect(back.words).toEqual(words);
  const wrong = table.findIndex((x, i) => !(Math.abs(back.table[i]! - x) <= Math.abs(x) * 5.1e-6));
  expect(wrong).toBe(-1);
});
