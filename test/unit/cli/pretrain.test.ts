// crosstag pretrain as a user runs it: on real text, interrupted, resumed; and the report of what it has done.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { watchPeak } from '../../peak-memory.ts';
import { writeCorpora } from '../encoder/small-pretrainings.ts';
import { CLI, crosstag, start, temporaryFolder } from './run.ts';

const folder = temporaryFolder();
let base: string[];
beforeAll(() => {
  const texts = writeCorpora(folder).flatMap(({ language, path }) => ['--text', `${language}=${path}`]);
  base = ['pretrain', ...texts, '--size', 'tiny', '--threads', '1'];
});

interface Report {
  steps: number;
  words: number;
  words_per_second: number;
  perplexity: Record<string, { forward: number; backward: number }>;
  alignment: Record<string, number>;
  resumed: boolean;
}

describe('pretrain', () => {
  it('is interrupted by Ctrl+C with status 130, and goes on with the same result', async () => {
    const whole = join(folder, 'whole');
    const first = await crosstag([...base, '--steps', '6', '--out', whole, '--json']);
    expect(first.status, first.stderr).toBe(0);
    const report = JSON.parse(first.stdout) as Report;
    expect(report).toMatchObject({ steps: 6, resumed: false });
    expect(Object.keys(report.perplexity)).toEqual(['pt', 'wo']);
    expect(report.perplexity.wo!.forward).toBeGreaterThan(1);
    expect(report.alignment['average linkage']).toBeGreaterThan(0);
    expect(report.words).toBeGreaterThan(1000);
    expect(report.words_per_second).toBeGreaterThan(0);
    expect(first.stderr).toMatch(
      /^the size tiny needs up to about \d\.\d GB of memory\ncounting words\nreading the texts\npre-training\n/,
    );
    expect(first.stderr).toMatch(/step 6: perplexity pt [\d,.]+, wo [\d,.]+, average linkage [\d.]+\n/);
    expect(first.stderr).toMatch(/whole: 6 steps, [\d,]+ words, after [\d.]+ s\n$/);

    const out = join(folder, 'interrupted');
    const { child, end } = start([...base, '--steps', '6', '--out', `${out}/`]); // as the completion of a shell writes it
    child.stdin.end();
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes('pre-training')) child.kill('SIGINT');
    });
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `crosstag: interrupted; what was learnt is in ${out}.training: run the same command again to go on`,
    );
    expect(existsSync(out)).toBe(false);

    const resumed = await crosstag([...base, '--steps', '6', '--out', out, '--json']);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ steps: 6, resumed: true, words: report.words });
    expect(existsSync(`${out}.training`)).toBe(false);
    const files = ['encoder.json', 'log.jsonl', 'vocabulary.pt.txt', 'vocabulary.wo.txt', 'weights.safetensors'];
    expect(readdirSync(out).sort()).toEqual(files);
    const weights = (encoder: string) => readFileSync(join(encoder, 'weights.safetensors'));
    expect(weights(out).equals(weights(whole))).toBe(true);

    // Hours of work are not begun again by a command that was meant to go on.
    const again = await crosstag([...base, '--steps', '6', '--out', out]);
    expect(again.status).toBe(2);
    expect(again.stderr).toBe(
      `${out}: a finished encoder is there; train it further with --resume, or with --from into another folder; or name another one with --out\n`,
    );

    const further = await crosstag([
      ...base,
      '--steps',
      '1',
      '--out',
      join(folder, 'further'),
      '--from',
      out,
      '--json',
    ]);
    expect(JSON.parse(further.stdout)).toMatchObject({ steps: 7, stopped: 'steps' });
    expect(weights(out).equals(weights(whole))).toBe(true);

    const page = await crosstag(['report', out, '--json']);
    expect(JSON.parse(page.stdout)).toMatchObject({ finished: true, steps: 6, words: report.words });
    expect(readFileSync(`${out}.html`, 'utf8')).toContain('<dd>layer_avl</dd>');
  }, 600_000);

  it('keeps a second one out of its folder, and ends with what it has learnt where that is enough', async () => {
    const out = join(folder, 'enough');
    let second: ReturnType<typeof crosstag> | undefined;
    const { child, end } = start([...base, '--steps', '1000', '--out', out]);
    child.stdin.end();
    child.stderr.on('data', (chunk: Buffer) => {
      if (!chunk.includes('step')) return;
      second ??= crosstag([...base, '--steps', '9', '--out', out]).finally(() => child.kill('SIGINT'));
    });
    expect((await end).status).toBe(130);
    expect((await second)?.stderr).toMatch(
      /\.enough\.lock: another process is training in this folder already; wait for it/,
    );
    expect(existsSync(join(folder, '.enough.lock'))).toBe(false);
    const { status, stdout, stderr } = await crosstag([...base, '--steps', '1000', '--out', out, '--finish', '--json']);
    expect(status, stderr).toBe(0);
    const { steps, stopped } = JSON.parse(stdout);
    expect([steps > 0 && steps < 1000, stopped]).toEqual([true, 'finish']);
  }, 300_000);

  it.each([
    [['--resume'], /refused: there is no encoder to train further; leave out --resume\n$/],
    [['--finish'], /refused: no pre-training is begun there that could be finished; leave out --finish\n$/],
    [['--resume', '--from', 'x'], /--resume trains the encoder in --out further: leave out --from/],
    [['--resume', '--finish'], /--finish ends a run: leave out --from and --resume/],
  ])('refuses %s where it makes no sense', async (given, message) => {
    const { status, stderr } = await crosstag([...base, ...given, '--out', join(folder, 'refused')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.runIf(process.platform === 'linux')('takes no more memory than it says, perplexity included', async () => {
    const texts = ['en', 'es'].flatMap((language) => ['--text', `${language}=samples/novels/${language}.txt.gz`]);
    const shape = ['--size', 'tiny', '--steps', '3', '--threads', '1'];
    const { child, end } = start(['pretrain', ...texts, ...shape, '--out', join(folder, 'measured')]);
    const peak = watchPeak(child.pid);
    const { status, stderr } = await end;
    const [, said] = /needs up to about (\d\.\d) GB of memory/.exec(stderr) ?? [];
    expect({ status, said }).toEqual({ status: 0, said: expect.any(String) });
    // Full softmax over 41,325 words: 1.5 GB when its programs kept the memory of every run
    expect(peak() / 1e9).toBeLessThan(Number(said));
  });

  it('reads a word list from stdin, and goes on with the same list', async () => {
    const out = join(folder, 'listed');
    const list = 'de\tci\ne\tak\nem\tci\n';
    const listed = [...base, '--steps', '3', '--out', out, '--json', '--pairs'];
    const { child, end } = start([...listed, '-']);
    child.stdin.end(list);
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes('pre-training')) child.kill('SIGINT');
    });
    const { status, stderr } = await end;
    expect(status, stderr).toBe(130);
    const other = await crosstag([...listed, '-'], 'de\tci\n');
    expect(other.stderr).toMatch(/listed\.training: an unfinished pre-training with other settings is there /);
    expect((await crosstag([...listed, '-'], 'de\n')).stderr).toMatch(
      /^<stdin>:1:1: 1 word instead of 2; write one pair a line, `source target`; .*\n$/,
    );
    writeFileSync(join(folder, 'list.txt'), list);
    const resumed = await crosstag([...listed, join(folder, 'list.txt')]);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ steps: 3, resumed: true });
    expect((JSON.parse(resumed.stdout) as Report).alignment['word list']).toBeGreaterThan(0);
  }, 300_000);

  it('does not call it an interruption when what was learnt cannot be kept', async () => {
    const gone = join(folder, 'gone');
    const out = join(gone, 'encoders', 'lost');
    mkdirSync(join(gone, 'encoders'), { recursive: true });
    const { child, end } = start([...base, '--steps', '1000', '--out', out]);
    child.stdin.end();
    child.stderr.on('data', (chunk: Buffer) => {
      if (!chunk.includes('pre-training')) return;
      rmSync(gone, { recursive: true });
      writeFileSync(gone, '');
      child.kill('SIGINT');
    });
    const { status, stderr } = await end;
    expect(status).toBe(2);
    expect(stderr).toMatch(/lost\S*: a part of the path is no folder; check the path\n$/);
  }, 300_000);

  it('reads a word list from a pipe, once', async () => {
    const out = join(folder, 'piped');
    const words = [process.execPath, CLI, ...base, '--steps', '1', '--out', out].map((word) => `'${word}'`).join(' ');
    const run = (more: string) => spawnSync('bash', ['-c', `${words}${more}`], { encoding: 'utf8' });
    const { status, stderr } = run(` --pairs <(printf 'de ci\\nna ba\\n')`);
    expect(status, stderr).toBe(0);
    const refused = run(`-too --vectors pt=<(printf '1 128\\n')`);
    expect(refused.stderr).toMatch(/: it is no regular file; it is read more than once: write it to a file first\n$/);
  }, 300_000);

  it('aligns otherwise than the template says', async () => {
    const out = join(folder, 'otherwise');
    const how = ['--keep-case', '--schedule', 'exp', '--weights', 'wo=2'];
    const asked = ['--alignment', 'distance=cosine', 'adversarial=0.5', 'adversary=entropy', ...how];
    const { status, stdout, stderr } = await crosstag([...base, ...asked, '--steps', '2', '--out', out, '--json']);
    expect(status, stderr).toBe(0);
    expect(Object.keys((JSON.parse(stdout) as Report).alignment)).toEqual(['average linkage', 'discriminator']);
    const { configuration, languages } = JSON.parse(readFileSync(join(out, 'encoder.json'), 'utf8')) as {
      configuration: { alignment: object; lowerCase: boolean; schedule: string };
      languages: { language: string; weight?: number }[];
    };
    expect(languages.map(({ language, weight }) => [language, weight])).toEqual([
      ['pt', undefined],
      ['wo', 2],
    ]);
    expect(configuration).toMatchObject({ lowerCase: false, schedule: 'exp' });
    expect(readFileSync(join(out, 'vocabulary.pt.txt'), 'utf8')).toMatch(/^\p{Lu}/mu);
    const lowered = await crosstag([...base, '--steps', '2', '--out', out, '--resume']);
    expect(lowered.stderr).toMatch(
      /otherwise: the encoder there reads words as they stand; train it further by crosstag pretrain, and give --keep-case\n$/,
    );
    expect(configuration.alignment).toMatchObject({
      linkage: 1,
      distance: 'cosine',
      adversarial: 0.5,
      adversary: 'entropy',
    });
  }, 300_000);

  it.each([
    ['distance=manhattan', /--alignment: distance=manhattan: .*"l2"\|"cosine"/],
    ['linkage=-1', /--alignment: linkage=-1: Too small/],
    ['linkage', /--alignment: linkage: .*expected number/],
    ['colour=1', /--alignment takes NAME=VALUE, the names being identical, .*; not colour=1/],
    ['pairs=3', /--alignment pairs takes --pairs/],
  ])('refuses the alignment %s', async (given, message) => {
    const { status, stderr } = await crosstag([...base, '--alignment', given, '--out', join(folder, 'refused')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.each([
    [['en-fr=list.txt'], /--pairs: en-fr names no two languages of --text: write one such as pt-wo/],
    [['list.txt', 'pt-wo=other.txt'], /--pairs names pt-wo twice/],
    [['pt-wo=-', '-'], /--pairs: two lists cannot both be stdin/],
    [['wo-pt=missing.txt'], /missing\.txt: no such file or folder; check the path/],
  ])('refuses the word lists %s', async (given, message) => {
    const { status, stderr } = await crosstag([...base, '--pairs', ...given, '--out', join(folder, 'refused')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.each([
    ['wo', /--weights takes LANGUAGE=W with a number W above 0, not wo/],
    ['wo=0', /--weights takes LANGUAGE=W with a number W above 0, not wo=0/],
    ['am=2', /--weights: am is not among those of --text/],
  ])('refuses the weight %s', async (given, message) => {
    const { status, stderr } = await crosstag([...base, '--weights', given, '--out', join(folder, 'refused')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('says what is wrong with a text, and leaves nothing', async () => {
    const empty = join(folder, 'empty.txt');
    writeFileSync(empty, '');
    const out = join(folder, 'none');
    const texts = ['--text', `am=${empty}`, '--text', `wo=${join(folder, 'nowhere.txt')}`];
    const { status, stdout, stderr } = await crosstag(['pretrain', ...texts, '--out', out, '--steps', '1']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/(empty|nowhere)\.txt: .+; .+/);
    expect([existsSync(out), existsSync(`${out}.training`)]).toEqual([false, false]);
  });

  it('replaces no folder that holds something else', async () => {
    const out = join(folder, 'mine');
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const { status, stderr } = await crosstag([...base, '--out', out, '--steps', '1']);
    expect(status).toBe(2);
    expect(stderr).toContain(`${out}: the folder holds something else than an encoder; `);
    expect(readdirSync(out)).toEqual(['notes.txt']);
  });
});
