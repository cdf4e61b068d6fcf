import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readTextFile, requireTokens, writeFileAtomic } from '../../../server/text/index.ts';
import { inputErrorOf } from '../input-error.ts';
import { tinyDisk } from '../tiny-disk.ts';
import { open } from './helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosstag-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const disk = tinyDisk(folder, 1024);

function file(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

const messageOf = (work: Promise<unknown>) => inputErrorOf(work, folder);

describe('reading', () => {
  it('keeps every character, a byte order mark and line ends too', async () => {
    const text = '\ufeffአበበ O\r\n👩🏽‍🚀 B-X\re\u0301 _';
    expect(await readTextFile(file('a.txt', text))).toBe(text);
    expect(await readTextFile(file('a.conll.gz', gzipSync(text)))).toBe(text);
    expect(await readTextFile(file('empty', ''))).toBe('');
  });

  it.each<[string, Uint8Array, string]>([
    [
      'latin1',
      Buffer.from('a O\nçava caf\xe9 O\n', 'latin1'),
      'latin1:2:1: byte 0xE7 at offset 4 is not UTF-8; convert',
    ],
    [
      'cut',
      Buffer.concat([Buffer.from('北京 O\n京 x'), Buffer.from('京').subarray(0, 2)]),
      'cut:2:4: byte 0xE4 at offset 14 is not UTF-8; ',
    ],
    ['stray', Buffer.from([0x61, 0x80]), 'stray:1:2: byte 0x80 at offset 1 is not UTF-8; '],
    [
      'long',
      Buffer.concat([Buffer.alloc(10_000_000, 'é'), Buffer.from([0xff])]),
      'long:1:5000001: byte 0xFF at offset 10000000',
    ],
    [
      'utf16',
      Buffer.from('\ufeffa O\n', 'utf16le'),
      'utf16: the file is UTF-16 (little endian), not UTF-8; convert it: iconv -f UTF-16 ',
    ],
    ['utf16be', Buffer.from('\ufeffa O\n', 'utf16le').swap16(), 'utf16be: the file is UTF-16 (big endian), '],
    ['nul', Buffer.from('a O\n\nb\0'), 'nul:3:2: the file holds NUL bytes; it is no text file'],
    ['broken.gz', gzipSync('abcdefgh').subarray(0, 15), 'broken.gz: the file is no valid gzip, or is cut off; '],
    ['plain.gz', Buffer.from('a O\n'), 'plain.gz: the file is no valid gzip'],
  ])('says what is wrong: %s', async (name, bytes, message) => {
    expect(await messageOf(readTextFile(file(name, bytes)))).toContain(message);
  });

  it('says so of a folder and of a missing file', async () => {
    expect(await messageOf(readTextFile(folder))).toContain('it is a folder; name a file in it');
    expect(await messageOf(readTextFile(join(folder, 'none')))).toBe('none: no such file or folder; check the path');
  });

  it('says so of a file that changes while it is read', async () => {
    const path = file('growing', 'x'.repeat(30_000_000));
    let done = false;
    const reading = messageOf(readTextFile(path)).finally(() => {
      done = true;
    });
    while (!done) {
      appendFileSync(path, 'y');
      await setImmediate();
    }
    expect(await reading).toBe(
      'growing: the file changes while it is read; wait until the other program has written it',
    );
  });

  it('asks for tokens where they are needed', () => {
    expect(() => requireTokens(open('\n', 'conll'), 'x')).toThrow('x: the file is empty; give a file with sentences');
    expect(() => requireTokens(open('# only\n', 'uner'), 'x')).toThrow('the file holds no token in format uner');
    expect(() => requireTokens(open('a O\n', 'conll'), 'x')).not.toThrow();
  });
});

describe('writing', () => {
  it('replaces a file and keeps its permissions, through a link too', async () => {
    const path = file('old.txt', 'old');
    chmodSync(path, 0o600);
    symlinkSync(path, join(folder, 'link.txt'));
    await writeFileAtomic(join(folder, 'link.txt'), '\ufeffnew\r\n');
    expect(readFileSync(path, 'utf8')).toBe('\ufeffnew\r\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await writeFileAtomic(join(folder, 'new.gz'), 'packed');
    expect(await readTextFile(join(folder, 'new.gz'))).toBe('packed');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('keeps permissions that the umask would take', async () => {
    const path = file('shared.txt', 'old');
    chmodSync(path, 0o664);
    const before = process.umask(0o022);
    try {
      await writeFileAtomic(path, 'new');
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o664);
  });

  it('leaves a file alone that is read-only', async () => {
    const path = file('protected.txt', 'old');
    chmodSync(path, 0o444);
    const message = await messageOf(writeFileAtomic(path, 'new'));
    expect(message).toBe('protected.txt: the file is read-only; allow writing to it, or name another');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('follows a link to a file that is not there yet', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync('elsewhere/first.txt', join(folder, 'second.txt'));
    symlinkSync('second.txt', join(folder, 'third.txt'));
    await writeFileAtomic(join(folder, 'third.txt'), 'new');
    expect(readFileSync(join(folder, 'elsewhere', 'first.txt'), 'utf8')).toBe('new');
    expect(lstatSync(join(folder, 'third.txt')).isSymbolicLink()).toBe(true);
    symlinkSync('circle.txt', join(folder, 'circle.txt'));
    expect(await messageOf(writeFileAtomic(join(folder, 'circle.txt'), 'x'))).toContain('its links lead in a circle');
  });

  it('writes a file whose name is as long as names can be', async () => {
    const path = join(folder, `${'አ'.repeat(83)}.conll`);
    await writeFileAtomic(path, 'x');
    expect(readFileSync(path, 'utf8')).toBe('x');
    expect(await messageOf(writeFileAtomic(join(folder, 'x'.repeat(300)), 'x'))).toContain('the name is too long');
  });

  it.skipIf(process.platform === 'win32')('writes to devices and pipes, and does not replace them', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reading = readTextFile(pipe);
    await writeFileAtomic(pipe, 'through');
    expect(await reading).toBe('through');
    expect(statSync(pipe).isFIFO()).toBe(true);
    await writeFileAtomic('/dev/null', 'x');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('says so of a folder and of a missing one', async () => {
    expect(await messageOf(writeFileAtomic(folder, 'x'))).toContain('it is a folder');
    expect(await messageOf(writeFileAtomic(join(folder, 'none', 'x'), 'x'))).toContain('no such file or folder');
  });

  it.skipIf(disk === undefined)('leaves the old file on a full disk, and nothing beside it', async () => {
    const path = join(disk!, 'labels.conll');
    writeFileSync(path, 'old O\n');
    const message = await messageOf(writeFileAtomic(path, 'x'.repeat(3_000_000)));
    expect(message).toMatch(
      /tiny\/labels\.conll: the disk is full; nothing that was there has changed; make room and do it again$/,
    );
    expect(readFileSync(path, 'utf8')).toBe('old O\n');
    expect(readdirSync(disk!)).toEqual(['labels.conll']);
  });
});
