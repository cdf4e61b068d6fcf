// Bad input ends with status 2, one line that says where, what and what to do, and nothing half-written.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tinyDisk } from '../tiny-disk.ts';
import { crosstag, temporaryFolder } from './run.ts';

const folder = temporaryFolder();

const good = 'Ana B-PER\nSilva I-PER\nvem O\n\n';
const text = (content: string) => Buffer.from(content, 'utf8');

/** Name, content, and what the message must say after the path. */
const files: readonly (readonly [name: string, content: Uint8Array, message: RegExp])[] = [
  [
    'columns.conll',
    text(`${good}Ana B-PER\nSilva\nvem O\n`),
    /^:6:1: 1 column instead of 2: the label is missing; add it/,
  ],
  ['more-columns.conll', text(`${good.repeat(5)}Ana NOUN x B-PER\n`), /^:21:1: 4 columns instead of 2; /],
  [
    'mixed.conll',
    text(`${good.repeat(3)}Ana S-PER\n\nRui S-PER\nvem O\n`),
    /^:13:5: the file mixes tag schemes: bio and, here for the first time, bioes; rewrite it in one: crosstag convert /,
  ],
  [
    'latin1.conll',
    Buffer.from('Jo\xe3o B-PER\n', 'latin1'),
    /^:1:3: byte 0xE3 at offset 2 is not UTF-8; convert the file to UTF-8/,
  ],
  [
    'utf16.conll',
    Buffer.from('\ufeffAna B-PER\n', 'utf16le'),
    /^: the file is UTF-16 \(little endian\), not UTF-8; convert it: iconv/,
  ],
  ['nul.conll', text('Ana B-PER\nSil\0va I-PER\n'), /^:2:4: the file holds NUL bytes; /],
  ['long-line.conll', text(`${good}${'x'.repeat(10_000_000)} O\n`), /^:5:1: a line of \d+ characters is no token; /],
  ['empty.conll', text(''), /^: the file is empty; /],
  ['blank.conll', text('\n \n\n'), /^: the file is empty; /],
  ['unlabelled.conll', text('Ana _\nSilva _\n'), /^: no token has a label; /],
  ['cut.conll.gz', Buffer.from([0x1f, 0x8b, 8, 0, 0]), /^: the file is no valid gzip, or is cut off; /],
  ['broken.jsonl', text('{"tokens": ["a"], "tags": ["O"]}\n{"tokens": [\n'), /^:2:\d+: /],
];

describe('train on bad input', () => {
  it.each(files)('%s', async (name, content, message) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const out = join(folder, `model of ${name}`);
    const { status, stdout, stderr } = await crosstag(['train', '--train', path, '--parts', 'wide', '--out', out]);
    expect({ status, stdout, lines: stderr.split('\n').length }).toEqual({ status: 2, stdout: '', lines: 2 });
    expect(stderr.startsWith(path)).toBe(true);
    expect(stderr.slice(path.length)).toMatch(message);
    expect(existsSync(out)).toBe(false);
    expect(existsSync(`${out}.training`)).toBe(false);
  });

  it.each(['absent.conll', '.'])('%s', async (name) => {
    const path = join(folder, name);
    const { status, stderr } = await crosstag(['train', '--train', path, '--out', join(folder, 'never')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      name === '.' ? /: it is a folder; name a file in it\n$/ : /: no such file or folder; check the path\n$/,
    );
  });

  it('files of two tasks', async () => {
    const train = 'samples/portuguese/dev.iob2';
    const args = ['train', '--train', train, '--dev', 'samples/wolof/test.conllu', '--out', join(folder, 'never')];
    const { status, stderr } = await crosstag(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^samples\/wolof\/test\.conllu: this file holds parts of speech, but .* holds names; /);
  });

  it('a folder for the model that holds something else', async () => {
    const out = join(folder, 'thesis');
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'years of work');
    const { status, stderr } = await crosstag([
      'train',
      '--train',
      'samples/portuguese/dev.iob2',
      '--parts',
      'wide',
      '--out',
      out,
    ]);
    expect(status).toBe(2);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/thesis: the folder holds something else than a model; /);
    expect(readdirSync(out)).toEqual(['thesis.txt']);
  });
});

describe('a JSON array', () => {
  const line = '[{"id": 1, "data": {"text": "Ana Silva vem."}}, {"id": 2}]';
  const pretty = `\ufeff${JSON.stringify(JSON.parse(line), null, 2)}\n`;
  const remedy = "the file is a JSON array; write one object a line: jq -c '.[]' IN > OUT.jsonl\n";

  it.each([
    ['convert', 'array.json', '-', '--to', 'conll'],
    ['convert', 'array.txt', '-'],
    ['convert', 'array.jsonl', '-'],
    ['lint', 'array.json'],
    ['eval', 'array.json', 'array.json'],
    ['train', '--train', 'array.json', '--out', 'never'],
  ])('is no text: %s %s', async (...args) => {
    for (const content of [line, pretty]) {
      const name = args.find((arg) => arg.startsWith('array'))!;
      const paths = args.map((arg) => (/^(array|never)/.test(arg) ? join(folder, arg) : arg));
      writeFileSync(join(folder, name), content);
      const { status, stdout, stderr } = await crosstag(paths);
      expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `${join(folder, name)}: ${remedy}` });
    }
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it('is none where a text begins with a bracket, or where somebody says that it is a text', async () => {
    for (const [text, ...more] of [['[1] Ana vem.'], ['[{Ana} vem]'], ['[{"Ana" vem}]'], [line, '--from', 'txt']]) {
      const { status, stdout } = await crosstag(['convert', '-', '-', ...more], text);
      expect({ status, stdout }).toEqual({ status: 0, stdout: text });
      const format = more.length > 0 ? ['--format', 'txt'] : [];
      expect((await crosstag(['lint', '-', ...format], text)).status).toBe(0);
    }
  });
});

const disk = tinyDisk(folder, 64);

describe.skipIf(disk === undefined)('a full disk', () => {
  it('leaves no part of a model', async () => {
    const args = ['train', '--train', 'samples/portuguese/dev.iob2', '--parts', 'wide', '--out', join(disk!, 'model')];
    const { status, stderr } = await crosstag(args);
    expect(status).toBe(2);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/tiny\/model: the disk is full; .*make room/);
    expect(readdirSync(disk!)).toEqual([]);
  });

  it.each([
    ['an encoder', ['pretrain', '--size', 'tiny', '--steps', '1', '--template', 'none']],
    ['vectors', ['vectors', '--dimension', '64']],
  ])('leaves no part of %s', async (_, [command, ...more]) => {
    const texts = ['en', 'es'].flatMap((language) => ['--text', `${language}=samples/novels/${language}.txt.gz`]);
    const { status, stderr } = await crosstag([command!, ...texts, ...more, '--out', join(disk!, 'out')]);
    expect(status).toBe(2);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/tiny\/out\S*: the disk is full; .*make room/);
    expect(readdirSync(disk!)).toEqual([]);
  });

  it('leaves no part of a converted file, and keeps the old one', async () => {
    const out = join(disk!, 'out.conll');
    writeFileSync(out, 'old O\n');
    const { status, stderr } = await crosstag(['convert', 'samples/portuguese/dev.iob2', out]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/tiny\/out\.conll: the disk is full; .*make room/);
    expect(readdirSync(disk!)).toEqual(['out.conll']);
    expect(readFileSync(out, 'utf8')).toBe('old O\n');
  });
});

describe('tag with a bad model', () => {
  it.each<[string, Record<string, string> | undefined]>([
    ['no folder', undefined],
    ['an empty folder', {}],
    ['model.json of something else', { 'model.json': '{"a": 1}' }],
    ['a cut model.json', { 'model.json': '{"format": "crosstag-tagger", ' }],
  ])('%s', async (name, content) => {
    const model = join(folder, name);
    if (content !== undefined) mkdirSync(model);
    for (const [file, value] of Object.entries(content ?? {})) writeFileSync(join(model, file), value);
    const out = join(folder, `out of ${name}`);
    const { status, stdout, stderr } = await crosstag(['tag', model, 'samples/portuguese/news.txt', '--out', out]);
    expect({ status, stdout, lines: stderr.split('\n').length }).toEqual({ status: 2, stdout: '', lines: 2 });
    expect(stderr.startsWith(model)).toBe(true);
    expect(stderr).toMatch(/; .*model/);
    expect(existsSync(out)).toBe(false);
  });
});
