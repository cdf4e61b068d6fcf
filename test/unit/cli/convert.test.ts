import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CLI, crosstag, start, temporaryFolder } from './run.ts';

const folder = temporaryFolder();
const samples = ['portuguese/dev.iob2', 'portuguese/news.txt', 'wolof/test.conllu', 'chinese/dev.iob2'];

describe('convert', () => {
  it.each(samples)('gives %s back byte for byte', async (sample) => {
    const path = join('samples', sample);
    const out = join(folder, sample.replace('/', '-'));
    expect((await crosstag(['convert', path, out])).status).toBe(0);
    expect(readFileSync(out)).toEqual(readFileSync(path));
  });

  it('reads stdin and writes stdout', async () => {
    const text = '\ufeff# नमस्ते\r\n1\tअदिति\tB-PER\t-\tx\r\n2\t🙂\tO\t-\tx  \r\n';
    const { status, stdout } = await crosstag(['convert', '-', '-', '--from', 'uner'], text);
    expect({ status, stdout }).toEqual({ status: 0, stdout: text });
  });

  it('rewrites the tags in another scheme, and them alone', async () => {
    const text = 'አዲስ B-LOC\nአበባ I-LOC\nነው O\n\nمحمد B-PER\n';
    const { stdout } = await crosstag(['convert', '-', '-', '--scheme', 'bioes'], text);
    expect(stdout).toBe('አዲስ B-LOC\nአበባ E-LOC\nነው O\n\nمحمد S-PER\n');
    const back = await crosstag(['convert', '-', '-', '--scheme', 'bio'], stdout);
    expect(back.stdout).toBe(text);
  });

  it('says what the target cannot hold', async () => {
    const out = join(folder, 'wolof.conll');
    const { status, stdout } = await crosstag(['convert', 'samples/wolof/test.conllu', out, '--json']);
    const { sentences, tokens, lost } = JSON.parse(stdout) as { sentences: number; tokens: number; lost: string[] };
    expect({ status, sentences, tokens }).toEqual({ status: 0, sentences: 100, tokens: 2094 });
    expect(lost.join('\n')).toMatch(/multiword tokens/);
    expect(readFileSync(out, 'utf8')).toMatch(/^Jimbulang\s+NOUN\n/);
  });

  it('writes spans of Chinese text as brat annotations in code points, and reads them again', async () => {
    const text = '𠮷 B-PER\n田 I-PER\n在 O\n日本 B-LOC\n';
    const annotations = join(folder, 'zh.ann');
    expect((await crosstag(['convert', '-', annotations], text)).status).toBe(0);
    expect(readFileSync(join(folder, 'zh.txt'), 'utf8')).toBe('𠮷 田 在 日本\n');
    expect(readFileSync(annotations, 'utf8')).toBe('T1\tPER 0 3\t𠮷 田\nT2\tLOC 6 8\t日本\n');
    const back = await crosstag(['convert', annotations, '-', '--to', 'conll']);
    expect(back.stdout).toMatch(/^𠮷[ \t]B-PER\n田[ \t]I-PER\n在[ \t]O\n日本[ \t]B-LOC\n/);
  });

  it.each(['named.txt', 'named.ann', 'named.txt.gz'])('takes %s for raw text with its annotations', async (name) => {
    const made = join(folder, `as ${name}`);
    mkdirSync(made);
    const { status, stderr } = await crosstag(['convert', '-', join(made, name)], 'አበበ B-PER\nመጣ O\n\n');
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('1 span; conll to ') });
    const [annotations, text] = readdirSync(made).sort();
    const read = (file: string) => {
      const bytes = readFileSync(join(made, file));
      return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    };
    expect([text, read(text!)]).toEqual([name.replace('.ann', '.txt'), 'አበበ መጣ\n']);
    expect(read(annotations!)).toBe('T1\tPER 0 3\tአበበ\n');
  });

  it('writes plain text as pre-training reads it, from running text and from columns', async () => {
    const running = 'अदिति ने कहा। वह गई।\n\nNehru, né à Allahabad, partit. Il revint.\n';
    const plain = await crosstag(['convert', '-', '-', '--from', 'txt', '--sentences'], running);
    expect(plain.stdout).toBe('अदिति ने कहा ।\nवह गई ।\nNehru , né à Allahabad , partit .\nIl revint .\n');
    const columns = await crosstag(['convert', '-', '-', '--sentences'], 'አዲስ B-LOC\nአበባ I-LOC\n\nነው O\n');
    expect(columns.stdout).toBe('አዲስ አበባ\nነው\n');
    expect(columns.stderr).toMatch(/^sentences cannot hold 1 span$/m);
    const out = join(folder, 'zh-sentences.txt');
    const words = await crosstag(
      ['convert', '-', out, '--from', 'txt', '--sentences', '--language', 'zh'],
      '我在北京。\n',
    );
    expect(words.status, words.stderr).toBe(0);
    expect(readFileSync(out, 'utf8')).toMatch(/ 北京 。\n$/);
    const both = await crosstag(['convert', '-', '-', '--sentences', '--to', 'conll'], running);
    expect(both.stderr).toMatch(/--sentences goes without --to and --scheme/);
  });

  it('keeps the format where the name says nothing, and where columns are called .txt', async () => {
    const columns = join(folder, 'columns.txt');
    writeFileSync(columns, 'a B-X\n\n');
    for (const [input, name] of [
      ['columns.txt', 'still.txt'],
      ['columns.txt', 'columns'],
      ['columns.txt', 'columns.data'],
    ]) {
      const out = join(folder, name!);
      await crosstag(['convert', join(folder, input!), out, '--scheme', 'bioes']);
      expect(readFileSync(out, 'utf8')).toBe('a S-X\n\n');
    }
  });

  it('writes no annotations for text that has none, and empties none', async () => {
    const raw = join(folder, 'raw');
    mkdirSync(raw);
    writeFileSync(join(raw, 'a.txt'), 'Ana came.\n');
    expect((await crosstag(['convert', join(raw, 'a.txt'), join(raw, 'b.txt')])).status).toBe(0);
    expect(readdirSync(raw)).toEqual(['a.txt', 'b.txt']);
    writeFileSync(join(raw, 'b.ann'), 'T1\tPER 0 3\tAna\n');
    const { status, stderr } = await crosstag(['convert', join(raw, 'a.txt'), join(raw, 'b.txt')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/raw\/b\.ann: these annotations are of another text; name another file, or delete them\n$/);
    expect(readFileSync(join(raw, 'b.ann'), 'utf8')).toBe('T1\tPER 0 3\tAna\n');
    writeFileSync(join(raw, 'a.ann'), '');
    expect((await crosstag(['convert', join(raw, 'a.txt'), join(raw, 'c.txt')])).status).toBe(0);
    expect(readFileSync(join(raw, 'c.ann'), 'utf8')).toBe('');
  });

  it('unpacks and packs gzip', async () => {
    const input = join(folder, 'in.conll.gz');
    const out = join(folder, 'out.conll.gz');
    writeFileSync(input, gzipSync('a B-X\n'));
    expect((await crosstag(['convert', input, out, '--scheme', 'bioes'])).status).toBe(0);
    expect(gunzipSync(readFileSync(out)).toString()).toBe('a S-X\n');
  });

  it.skipIf(process.platform === 'win32')('keeps what a log holds that it is told to write to', () => {
    const log = join(folder, 'log.conll');
    writeFileSync(log, 'before O\n');
    const command = '"$0" "$1" convert samples/portuguese/dev.iob2 /dev/stdout >> "$2" 2> /dev/null';
    execFileSync('sh', ['-c', command, process.execPath, CLI, log]);
    expect(readFileSync(log, 'utf8')).toBe(`before O\n${readFileSync('samples/portuguese/dev.iob2', 'utf8')}`);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends at %s while it waits for stdin', async (signal) => {
    const out = join(folder, `${signal}.conll`);
    const { child, end } = start(['convert', '-', out, '--from', 'conll']);
    child.stdin.on('error', () => undefined);
    child.stdin.write('a O\n');
    // By then it listens to signals: it reads.
    await new Promise((resolve) => child.stdin.write('b O\n'.repeat(100_000), resolve));
    child.kill(signal);
    const { status, stderr } = await end;
    expect({ status, stderr }).toEqual({ status: 130, stderr: 'crosstag: interrupted; nothing was written\n' });
    expect(existsSync(out)).toBe(false);
  });

  it('does not replace a file by one of another format, but by one of another scheme', async () => {
    const own = join(folder, 'own.iob2');
    copyFileSync('samples/portuguese/dev.iob2', own);
    const before = readFileSync(own, 'utf8');
    for (const more of [['--to', 'conll'], ['--sentences']]) {
      const { status, stderr } = await crosstag(['convert', own, own, ...more]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/own\.iob2: the result would replace this file, in another format; name another file\n$/);
    }
    expect(readFileSync(own, 'utf8')).toBe(before);
    expect((await crosstag(['convert', own, own, '--scheme', 'bioes'])).status).toBe(0);
    expect(readFileSync(own, 'utf8')).toMatch(/\tS-/);
  });

  it('leaves no half of a file where it cannot write', async () => {
    const full = await crosstag(['convert', 'samples/wolof/test.conllu', '/dev/full']);
    expect(full.status).toBe(2);
    expect(full.stderr).toMatch(/^\/dev\/full: the disk is full/);
    mkdirSync(join(folder, 'taken.conll'));
    const taken = await crosstag(['convert', 'samples/wolof/test.conllu', join(folder, 'taken.conll')]);
    expect(taken.status).toBe(2);
    expect(existsSync(join(folder, 'taken.conll', 'x'))).toBe(false);
    const absent = await crosstag(['convert', 'samples/wolof/test.conllu', join(folder, 'absent', 'x.conll')]);
    expect(absent.status).toBe(2);
    expect(absent.stderr).toMatch(/absent\/x\.conll: no such file or folder; check the path\n$/);
  });
});
