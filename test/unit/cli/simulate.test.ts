// simulate as a user runs it: on samples, stopped and taken up again, and with bad input.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crosstag, head, start, temporaryFolder } from './run.ts';

const folder = temporaryFolder();
const pool = join(folder, 'pool.iob2');
const test = join(folder, 'test.iob2');

writeFileSync(pool, head('samples/portuguese/dev.iob2', 250));
writeFileSync(test, head('samples/portuguese/test.iob2', 80));

const basic = ['simulate', '--pool', pool, '--test', test, '--batch', '300', '--rounds', '3'];

interface Line {
  readonly strategy: string;
  readonly unit: string;
  readonly seed: number;
  readonly round: number;
  readonly labelled_tokens: number;
  readonly labelled_sentences: number;
  readonly f1: number;
  readonly seconds: number;
}
const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
/** Without what depends on the machine. */
const withoutTime = (lines: readonly Line[]) => lines.map(({ seconds: _, ...line }) => line);

describe('simulate', () => {
  it('plays every strategy beside random, round by round, the same for the same seed', async () => {
    const args = [...basic, '--strategy', 'mnlp,mixed', '--unit', 'sentence,span,token', '--json'];
    const { status, stdout, stderr } = await crosstag(args);
    expect(status, stderr).toBe(0);
    const lines = linesOf(stdout);
    const runs = new Set(lines.map(({ strategy, unit }) => `${strategy} ${unit}`));
    const others = ['mnlp', 'mixed'].flatMap((name) => ['sentence', 'span', 'token'].map((unit) => `${name} ${unit}`));
    expect([...runs]).toEqual(['random sentence', ...others]);
    for (const { round, labelled_tokens: tokens, labelled_sentences: sentences, unit } of lines) {
      // The last answer of a round may go beyond its budget, by a sentence or a span; the doubtful spans of a small pool may
      // be fewer.
      expect(tokens).toBeGreaterThanOrEqual(300 * round - (unit === 'span' ? 150 : 0));
      expect(tokens).toBeLessThan(300 * round + 150);
      if (round > 1 && unit !== 'sentence') expect(tokens / sentences).toBeLessThan(15);
    }
    const last = lines.filter(({ round }) => round === 3);
    expect(Math.min(...last.map(({ f1 }) => f1))).toBeGreaterThan(10);
    const again = linesOf((await crosstag(args)).stdout);
    expect(withoutTime(again)).toEqual(withoutTime(lines));
  });

  it('starts from a model, whose score comes before the first label', async () => {
    const model = join(folder, 'model');
    await crosstag(['train', '--train', test, '--parts', 'wide', '--out', model]);
    const { status, stdout, stderr } = await crosstag([...basic, '--start', model, '--json']);
    expect(status, stderr).toBe(0);
    const [first] = linesOf(stdout);
    expect(first).toMatchObject({ round: 0, labelled_tokens: 0, labelled_sentences: 0 });
    expect(first!.f1).toBeGreaterThan(80);
  });

  it('keeps whole runs in a file and goes on where it was stopped', async () => {
    const out = join(folder, 'runs.jsonl');
    const args = [...basic, '--seeds', '3', '--out', out, '--json'];
    const { child, end } = start(args);
    child.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('"seed":2')) child.kill('SIGINT');
    });
    const stopped = await end;
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain(`whole runs are in ${out}: run the same command again to go on`);
    const kept = readFileSync(out, 'utf8');
    expect(kept).toContain('"seed":1');
    const { status, stdout, stderr } = await crosstag(args);
    expect(status, stderr).toBe(0);
    expect(linesOf(stdout)).toHaveLength(3 * 2 * 4);
    const all = readFileSync(out, 'utf8');
    expect(all.startsWith(kept.trimEnd())).toBe(true);
    const fresh = linesOf((await crosstag([...basic, '--seeds', '3', '--json'])).stdout);
    expect(withoutTime(linesOf(stdout))).toEqual(withoutTime(fresh));
  });

  it('shows a table to people', async () => {
    const { stdout } = await crosstag(instead(['--rounds', '1']));
    const [header, first] = stdout.split('\n');
    expect(header).toMatch(/^strategy +unit +seed +tokens +sentences +score$/);
    expect(first).toMatch(/^random +sentence +1 +0 +0 +0\.00$/);
  });
});

/** The basic command line with one flag that has another value. */
function instead([flag, value]: readonly string[]): string[] {
  const at = basic.indexOf(flag!);
  return at < 0 ? [...basic, flag!, value!] : basic.map((argument, i) => (i === at + 1 ? value! : argument));
}

describe('bad input', () => {
  it.each([
    [['--strategy', 'bald'], /--strategy knows random, least, .*, not bald/],
    [['--strategy', ''], /--strategy knows .*, not nothing/],
    [['--unit', 'sentence,word'], /--unit knows sentence, span, token, not word/],
    [['--batch', '0'], /--batch takes a whole number from 1 on/],
    [['--rounds', '1.5'], /--rounds takes a whole number from 1 on/],
    [['--growth', '0.5'], /--growth takes a number from 1 to 10/],
    [['--start', folder], /model\.json: the file is missing; name the folder of a model/],
    [['--pool', 'samples/portuguese/news.txt'], /news\.txt: no token has a label/],
  ])('%j', async (more, message) => {
    const { status, stdout, stderr } = await crosstag(instead(more));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it.each([join(folder, 'absent', 'x.jsonl'), join(pool, 'x.jsonl')])(
    'a place for the file that is none: %s',
    async (out) => {
      const { status, stdout, stderr } = await crosstag([...basic, '--out', out]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/x\.jsonl: (no such file or folder|a part of the path is no folder); check the path\n$/);
      expect(stderr.split('\n')).toHaveLength(2);
    },
  );

  it('a file that holds another simulation, or none', async () => {
    const out = join(folder, 'other.jsonl');
    const one = [...instead(['--rounds', '1']), '--out', out];
    await crosstag(one);
    const before = readFileSync(out, 'utf8');
    const other = await crosstag([...basic, '--out', out]);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain(`${out}:1:1: this file holds something else than this simulation; name another one`);
    writeFileSync(out, `${before}half a li`);
    const cut = await crosstag(one);
    expect({ status: cut.status, stderr: cut.stderr }).toMatchObject({ status: 2 });
    expect(cut.stderr).toMatch(/other\.jsonl:\d+:1: this is no line of a simulation; delete the file, or name another/);
  });
});
