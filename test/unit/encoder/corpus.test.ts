import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type CorpusBlock, type CorpusOptions, corpusState, readCorpus } from '../../../server/encoder/corpus.ts';
import { corpus, file, inFolder, messageOf, raw } from './corpora.ts';

async function read(path: string, options: Partial<CorpusOptions> = {}) {
  const blocks: CorpusBlock[] = [];
  const reader = readCorpus(path, { lowerCase: false, ...options });
  for (;;) {
    const { done, value } = await reader.next();
    if (done) return { blocks, text: blocks.map(({ text }) => text).join(''), sha256: value };
    blocks.push(value);
  }
}

/** Some 2 MB: several blocks, whose ends fall inside of characters. */
const long = corpus(1, 12_000, 30);

describe('a corpus', () => {
  it.each(['long.txt', 'long.txt.gz'])('comes in blocks of whole lines: %s', async (name) => {
    const path = file(name, long);
    const { blocks, text, sha256 } = await read(path);
    expect(text).toBe(long.normalize('NFC'));
    expect(blocks.length).toBeGreaterThan(5);
    let offset = 0;
    let line = 1;
    for (const block of blocks) {
      expect([block.offset, block.line]).toEqual([offset, line]);
      expect(block.bytes.toString('utf8').normalize('NFC')).toBe(block.text);
      offset += block.bytes.length;
      line += block.text.split('\n').length - 1;
    }
    const bytes = readFileSync(path);
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(blocks.at(-1)?.read).toBe(bytes.length);
  });

  it('goes on from the start of any line', async () => {
    const paths = [file('from.txt', long), file('from.txt.gz', long)];
    const starts = [...long.matchAll(/\n/g)].map(({ index }) => index + 1);
    await fc.assert(
      fc.asyncProperty(fc.nat(starts.length - 1), fc.constantFrom(...paths), async (i, path) => {
        const rest = long.slice(starts[i]);
        const from = { offset: Buffer.byteLength(long.slice(0, starts[i])), line: i + 2 };
        const { blocks, text } = await read(path, { from });
        expect(text).toBe(rest.normalize('NFC'));
        if (rest !== '') expect(blocks[0]).toMatchObject(from);
      }),
      { numRuns: 30 },
    );
  });

  it('may lack the last line feed and have a byte order mark', async () => {
    const { blocks, text } = await read(file('mark.txt', '\ufeffአበበ\r\n北京'));
    expect(text).toBe('አበበ\r\n北京');
    expect(blocks[0]).toMatchObject({ offset: 3, line: 1 });
    expect((await read(file('only-mark.txt', '\ufeff'))).text).toBe('');
    expect((await read(file('nothing.txt.gz', ''))).blocks).toEqual([]);
  });

  it('is lower-cased on request, its bytes are not', async () => {
    const { blocks, text } = await read(file('case.txt', 'İ ΟΔΟΣ ǅ\nẸ̀kọ́'), { lowerCase: true });
    expect(text).toBe('i̇ οδος ǆ\nẹ̀kọ́');
    expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).toString()).toBe('İ ΟΔΟΣ ǅ\nẸ̀kọ́');
  });

  it('is closed when its reader stops early', async () => {
    const openFiles = () => readdir('/proc/self/fd').catch(() => []); // empty where the system has no such folder
    const before = (await openFiles()).length;
    for (const path of [file('stop.txt', long), file('stop.txt.gz', long)]) {
      for (let i = 0; i < 20; i++) {
        for await (const { text } of readCorpus(path, { lowerCase: false })) {
          expect(text.length).toBeGreaterThan(0);
          break;
        }
      }
    }
    await vi.waitFor(async () => expect((await openFiles()).length).toBeLessThan(before + 10));
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    const reader = readCorpus(file('abort.txt.gz', long), { lowerCase: false, signal: abort.signal });
    await reader.next();
    abort.abort(new Error('enough'));
    await expect(reader.next()).rejects.toThrow('enough');
  });
});

describe('errors name the place and the remedy', () => {
  const packed = gzipSync(long);
  const broken = Buffer.from(packed);
  broken.fill(0x55, packed.length / 2, packed.length / 2 + 100); // gzip notices at the end only
  const latin = (text: string) => Buffer.concat([Buffer.from(long), Buffer.from(text, 'latin1')]);

  it.each<[string, Uint8Array, string]>([
    [
      'cut.txt.gz',
      packed.subarray(0, packed.length - 1000),
      'cut.txt.gz: the file is no valid gzip, or is cut off; copy',
    ],
    [
      'broken.txt.gz',
      broken,
      'iconv -f WINDOWS-1252 -t UTF-8 IN > OUT, or copy it anew if it is damaged (gzip -t FILE tells)',
    ],
    ['plain.txt.gz', Buffer.from('a b c\n'), 'plain.txt.gz: the file is no valid gzip, or is cut off; copy'],
    ['latin.txt', Buffer.from('a\ncaf\xe9\n', 'latin1'), 'latin.txt:2:4: byte 0xE9 at offset 5 is not UTF-8; convert'],
    ['late.txt', latin('x\ncaf\xe9 y\n'), 'late.txt:12002:1: the line is not UTF-8; convert the file to UTF-8'],
    ['late.txt.gz', gzipSync(latin('caf\xe9')), 'late.txt.gz:12001:1: the line is not UTF-8; convert the file'],
    ['zero.txt', latin('a\nb\0c\n'), 'zero.txt:12002:1: the line holds NUL bytes; it is no text'],
    [
      'wide.txt',
      Buffer.from('\ufeffa b\n', 'utf16le'),
      'wide.txt: the file is UTF-16 (little endian), not UTF-8; convert',
    ],
    [
      'one.txt',
      Buffer.from('በሶ በላ '.repeat(100_000)),
      'one.txt:1:1: the corpus seems to be one line: it goes on for more than 1 MB; put one sentence on a line, its words',
    ],
    [
      'two.txt',
      Buffer.from(`a\n${'b '.repeat(2_000_000)}`),
      'two.txt:2:1: this line goes on for more than 1 MB; put one',
    ],
  ])('%s', async (name, bytes, message) => {
    expect(await messageOf(read(raw(name, bytes)))).toContain(message);
  });

  it('missing files, folders and devices', async () => {
    mkdirSync(inFolder('folder.gz'));
    expect(await messageOf(read(inFolder('none.txt')))).toBe('none.txt: no such file or folder; check the path');
    expect(await messageOf(read(inFolder('folder.gz')))).toBe('folder.gz: it is a folder; name a file in it');
    if (process.platform !== 'win32') {
      const message = '/dev/null: it is no regular file; it is read more than once: write it to a file first';
      expect(await messageOf(read('/dev/null'))).toBe(message);
    }
  });

  it('knows a changed file by its state', async () => {
    const path = file('state.txt', 'a');
    const before = await corpusState(path);
    expect(await corpusState(path)).toEqual(before);
    appendFileSync(path, 'b');
    expect(await corpusState(path)).not.toEqual(before);
  });
});
