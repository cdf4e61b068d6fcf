// `crosstag vectors` and `crosstag bli` as processes: from two texts to translations, and what bad input says.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { pretrainEncoder } from '../../../server/encoder/index.ts';
import { Random } from '../../../server/tensor/index.ts';
import { smallPretraining, writeCorpora } from '../encoder/small-pretrainings.ts';
import { crosstag, start, temporaryFolder } from './run.ts';

const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const WORDS = 300;

/** A made-up language: words with near numbers stand together. Every tenth is a numeral, spelt alike in all. */
function text(prefix: string, sentences: number): string {
  const random = new Random(1, prefix);
  const lines = Array.from({ length: sentences }, () => {
    const topic = random.below(WORDS);
    return Array.from({ length: 8 }, () => {
      const word = (topic + random.below(10)) % WORDS;
      return word % 10 === 0 ? `${word}` : `${prefix}${word}`;
    }).join(' ');
  });
  return `${lines.join('\n')}\n`;
}

const list = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i)
    .filter((word) => word % 10 !== 0)
    .map((word) => `a${word}\tቤ${word}\n`)
    .join('');

const first = file('a.txt', text('A', 4000));
const second = file('b.txt.gz', gzipSync(text('ቤ', 4000)));
const texts = ['--text', `en=${first}`, '--text', `am=${second}`];
const out = join(folder, 'vectors');

describe('crosstag vectors', () => {
  it('makes vectors that bli finds aligned by topic', async () => {
    const dictionary = file('dictionary.txt', list(0, WORDS));
    const args = ['vectors', ...texts, '--out', out, '--dimension', '16', '--dictionary', dictionary, '--json'];
    const { status, stdout, stderr } = await crosstag(args);
    expect({ status, stderr: stderr.split('\n').at(-2) }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /: 300 words of en, 300 words of am, aligned by 30 identical strings and \d+ rounds/,
      ),
    });
    const made = JSON.parse(stdout) as { words: object; mapped: object; bli: { p10: number } };
    expect(made).toMatchObject({ words: { en: 300, am: 300 }, mapped: { identical: 30, pairs: 0 } });
    expect(made.bli.p10).toBeGreaterThan(90);
    expect(readdirSync(out).sort()).toEqual(['am.vec', 'en.vec', 'vectors.json']);
    expect(readFileSync(join(out, 'en.vec'), 'utf8')).toMatch(/^300 16\n/);
    const described = JSON.parse(readFileSync(join(out, 'vectors.json'), 'utf8')) as object;
    expect(described).toMatchObject({ format: 'crosstag-vectors', seed: 1, settings: { dimension: 16 } });

    const bli = ['bli', out, '--dictionary', dictionary, '--from', 'en', '--to', 'am'];
    const scored = await crosstag([...bli, '--json']);
    const { csls_p1, coverage, pairs, p10 } = JSON.parse(scored.stdout) as Record<string, number>;
    expect({ coverage, pairs, csls_p1: typeof csls_p1 }).toEqual({ coverage: 100, pairs: 270, csls_p1: 'number' });
    expect(p10).toBeCloseTo(made.bli.p10, 0);
    const table = await crosstag(bli);
    expect(table).toMatchObject({ status: 0, stderr: '' });
    expect(table.stdout).toMatch(
      /^right at {7}1 {7}5 {6}10\ncosine( +\d+\.\d){3}\nCSLS( +\d+\.\d){3}\n270 words scored, 100\.0% /,
    );
  });

  it('is the same with the same seed, and takes a word list', async () => {
    const again = join(folder, 'again');
    const pairs = file('list.txt', list(0, 40));
    const args = ['vectors', ...texts, '--dimension', '16', '--most', '200', '--pairs', pairs, '--out', again];
    expect((await crosstag(args)).stderr).toMatch(/: 200 words of en, .*, \d+ pairs of the list and \d+ rounds /);
    const before = readFileSync(join(again, 'am.vec'), 'utf8');
    expect(await crosstag(args)).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(join(again, 'am.vec'), 'utf8')).toBe(before);
    const fromFile = JSON.parse(readFileSync(join(again, 'vectors.json'), 'utf8')) as { word_list: object };

    const fromStdin = args.map((argument) => (argument === pairs ? '-' : argument));
    expect(await crosstag(fromStdin, list(0, 40))).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(join(again, 'am.vec'), 'utf8')).toBe(before);
    const { word_list } = JSON.parse(readFileSync(join(again, 'vectors.json'), 'utf8')) as { word_list: object };
    expect(word_list).toEqual(fromFile.word_list);
    expect(word_list).toEqual({ sha256: createHash('sha256').update(list(0, 40)).digest('hex') });
  });

  it('ends at Ctrl+C with nothing written', async () => {
    const long = file('long.txt', text('A', 200_000));
    const never = join(folder, 'never');
    const { child, end } = start(['vectors', '--text', `en=${long}`, '--text', `am=${second}`, '--out', never]);
    child.stderr.once('data', () => child.kill('SIGINT'));
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toMatch(/interrupted; nothing was written\n$/);
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([]);
  });

  it('goes on after Ctrl+C with the language that was made, to the same vectors', async () => {
    const long = file('long-b.txt', text('ቤ', 60_000));
    const command = (place: string) => [
      ...['vectors', '--text', `en=${first}`, '--text', `am=${long}`],
      ...['--dimension', '16', '--pairs', file('some.txt', list(0, 40)), '--out', place],
    ];
    const [whole, halted] = [join(folder, 'whole'), join(folder, 'halted')];
    expect((await crosstag(command(whole))).status).toBe(0);
    expect(existsSync(`${whole}.en.unfinished`)).toBe(false);

    const { child, end } = start(command(halted));
    child.stderr.on('data', (said: Buffer) => {
      if (`${said}`.includes('counting words of am')) child.kill('SIGINT');
    });
    const { status, stderr } = await end;
    expect(status).toBe(130);
    expect(stderr).toContain(
      `interrupted; what was made is in ${halted}.en.unfinished: run the same command again to go on`,
    );
    expect(existsSync(halted)).toBe(false);

    const kept = `${halted}.en.unfinished`;
    cpSync(kept, `${whole}.en.unfinished`, { recursive: true });
    const table = join(`${whole}.en.unfinished`, 'content');
    writeFileSync(table, readFileSync(table).fill(1, 1000));
    const vectors = () => [whole, halted].map((place) => readFileSync(join(place, 'en.vec'), 'utf8'));
    const again = await crosstag(command(halted));
    expect(again.stderr).not.toContain('counting neighbours in en');
    const [expected, found] = vectors();
    expect(found).toBe(expected);
    expect(existsSync(kept)).toBe(false);

    // What is damaged is made anew.
    expect((await crosstag(command(whole))).stderr).toContain('counting neighbours in en');
    expect(vectors()[0]).toBe(expected);
  });
});

describe('crosstag vectors --vectors', () => {
  const shipped = ['en', 'es'].flatMap((language) => ['--vectors', `${language}=samples/vectors/${language}.vec.gz`]);

  it('brings given vectors down to fewer numbers that still translate', async () => {
    const place = join(folder, 'reduced');
    const dictionary = ['--dictionary', 'samples/words/en-es.others.txt'];
    const args = ['vectors', ...shipped, '--dimension', '64', '--most', '3000', '--out', place, ...dictionary];
    const { status, stdout, stderr } = await crosstag([...args, '--json']);
    expect(stderr).toMatch(
      /^bringing the vectors down needs up to about 0\.\d GB of memory\nreading the vectors of en\n/,
    );
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /: 3,000 words of en, 3,000 words of es, 64 dimensions with 8\d\.\d% of what all 128 /,
      ),
    });
    const { words, kept, bli } = JSON.parse(stdout) as { words: object; kept: number; bli: { p10: number } };
    expect(words).toEqual({ en: 3000, es: 3000 });
    expect(kept).toBeGreaterThan(0.8);
    expect(bli.p10).toBeGreaterThan(60);
    expect(readFileSync(join(place, 'es.vec'), 'utf8')).toMatch(/^3000 64\n/);
    const scored = await crosstag(['bli', place, ...dictionary, '--from', 'en', '--to', 'es', '--json']);
    expect((JSON.parse(scored.stdout) as { p10: number }).p10).toBeCloseTo(bli.p10, 0);
  });

  it('wants more numbers than are asked for, in one space', async () => {
    const narrow = file('narrow.vec', '1 2\nthe 1 2\n');
    const refused = (...args: string[]) => crosstag(['vectors', '--out', join(folder, 'never-reduced'), ...args]);
    const unlike = await refused(...shipped.slice(0, 2), '--vectors', `es=${narrow}`, '--dimension', '64');
    expect(unlike).toMatchObject({ status: 2, stdout: '' });
    expect(unlike.stderr).toMatch(
      /narrow\.vec:1:1: the vectors have 2 dimensions, those of en 128; give vectors that lie/,
    );
    const enough = await refused(...shipped);
    expect(enough.stderr).toMatch(
      /en\.vec\.gz:1:1: the vectors have 128 dimensions, no more than the 128 that are asked /,
    );
    const empty = file('header.vec', '0 128\n');
    const nothing = await refused(...shipped.slice(0, 2), '--vectors', `es=${empty}`, '--dimension', '64');
    expect(nothing.stderr).toMatch(/header\.vec: there is no word in it; copy the file anew\n$/);
    expect(existsSync(join(folder, 'never-reduced'))).toBe(false);
  });

  it('warns of one language alone, and leaves what vectors from texts have begun', async () => {
    const place = join(folder, 'alone');
    mkdirSync(`${place}.en.unfinished`);
    const args = ['vectors', ...shipped.slice(0, 2), '--dimension', '64', '--most', '500', '--out', place];
    const { status, stderr } = await crosstag(args);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: the vectors of other languages must be brought down by the same command/m);
    expect(existsSync(`${place}.en.unfinished`)).toBe(true);
    // Those of another language would go with the folder, and the new ones lie in another space
    const other = await crosstag([
      'vectors',
      '--vectors',
      'es=samples/vectors/es.vec.gz',
      '--dimension',
      '64',
      '--out',
      place,
    ]);
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(
      /alone: vectors of en are there; name another folder, for vectors of other languages lie/,
    );
    expect(readdirSync(place).sort()).toEqual(['en.vec', 'vectors.json']);
  });
});

describe('bad input', () => {
  const never = join(folder, 'not-made');
  const make = (...args: string[]) => crosstag(['vectors', '--out', never, ...args]);

  it.each([
    [['--text', `en=${first}`], /--text takes a text of two languages/],
    [['--text', first, '--text', `am=${second}`], /--text takes LANGUAGE=FILE, not /],
    [['--text', `en=${first}`, '--text', `EN=${second}`], /--text names EN twice/],
    [['--text', `english=${first}`, '--text', `am=${second}`], /english is no language tag/],
    [[...texts, '--pairs', '-', '--dictionary', '-'], /--pairs and --dictionary cannot both be stdin/],
    [[], /give either --text or --vectors/],
    [[...texts, '--vectors', `en=${first}`], /give either --text or --vectors/],
    [['--vectors', first], /--vectors takes LANGUAGE=FILE, not /],
    [['--vectors'], /--vectors takes LANGUAGE=FILE/],
    [['--vectors', `en=${first}`, '--pairs', first], /--pairs is for --text: given vectors stay where they lie/],
    [['--vectors', `en=${first}`, '--dictionary', first], /--dictionary takes vectors of two languages/],
    [[...texts, '--dimension', '0'], /--dimension takes a whole number from 2 on/],
    [[...texts, '--dimension', '5000'], /--dimension takes a whole number up to 1024/],
  ])('usage: %j', async (args, message) => {
    const { status, stderr } = await make(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/see crosstag vectors --help/);
  });

  const strangers = text('ш', 4000).replace(/(?<= |^)\d+/gm, 'ш$&');
  it.each([
    ['a missing file', () => join(folder, 'absent.txt'), /absent\.txt: no such file or folder; /],
    ['an empty corpus', () => file('empty.txt', '\n\n'), /empty\.txt: the corpus of am holds no word; /],
    [
      'a corpus that is no UTF-8',
      () => file('latin.txt', Buffer.from('uma ação\n'.repeat(9), 'latin1')),
      /latin\.txt:1:\d*:? ?.*UTF-8/,
    ],
    [
      'a corpus in one line',
      () => file('line.txt', 'a b c d '.repeat(300)),
      /line\.txt: the corpus of am is one line of 1200 words/,
    ],
    [
      'a small corpus',
      () => file('small.txt', 'a b c d\n'.repeat(9)),
      /small\.txt: only 4 words of the corpus of am occur 5 times/,
    ],
    [
      'no common word',
      () => file('strangers.txt', strangers),
      /strangers\.txt: the languages en and am have no frequent word in common to start from; give a word list with --pairs/,
    ],
  ])('%s', async (_, path, message) => {
    const { status, stdout, stderr } = await make('--text', `en=${first}`, '--text', `am=${path()}`);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(message);
    expect(existsSync(never)).toBe(false);
  });

  it('a folder that cannot be made, before any work', async () => {
    const long = join(folder, 'v'.repeat(245));
    const { status, stdout, stderr } = await crosstag(['vectors', ...texts, '--out', long]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(`${long}: the name is too long for this disk; choose a shorter one\n`);
  });

  it('a word list the wrong way round', async () => {
    const pairs = file('turned.txt', 'ቤ1 a1\n');
    const { status, stderr } = await make(...texts, '--pairs', pairs);
    expect(status).toBe(2);
    expect(stderr).toMatch(/turned\.txt: none of its 1 pairs .* name the texts in the order of the list\n$/);
  });

  it('a list to score on that holds no known pair: the vectors are kept', async () => {
    const kept = join(folder, 'kept');
    const dictionary = file('unknown.txt', 'xyzzy plugh\n');
    const args = ['vectors', ...texts, '--out', kept, '--dimension', '16', '--dictionary', dictionary];
    const { status, stderr } = await crosstag(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /unknown\.txt: no pair of the word list has vectors for both words, en and am; name the lang/,
    );
    expect(readdirSync(kept).sort()).toEqual(['am.vec', 'en.vec', 'vectors.json']);
  });

  it('a folder that holds something else is left alone', async () => {
    const thesis = join(folder, 'thesis');
    mkdirSync(thesis);
    file('thesis/thesis.txt', 'years of work');
    const { status, stderr } = await crosstag(['vectors', ...texts, '--out', thesis]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/thesis: the folder holds something else than word vectors; /);
    expect(readdirSync(thesis)).toEqual(['thesis.txt']);
  });

  it('of bli', async () => {
    const place = join(folder, 'shipped');
    mkdirSync(place);
    file('shipped/en.128.vec', '1 2\nthe 1 2\n');
    file('shipped/am.vec.gz', gzipSync('1 3\nቤት 1 2 3\n'));
    file('shipped/yo.vec', '1 2\nilé 1 2\n');
    file('shipped/yo.2.vec', '1 2\nilé 1 2\n');
    const dictionary = file('words.txt', 'house ቤት\n');
    const run = async (...args: string[]) =>
      (await crosstag(['bli', place, '--dictionary', dictionary, ...args])).stderr;
    expect(await run('--from', 'en', '--to', 'am')).toMatch(/: en has vectors of 2 dimensions, am of 3; /);
    expect(await run('--from', 'en', '--to', 'sw')).toMatch(/: there is neither an encoder nor a file sw\.vec; /);
    expect(await run('--from', 'en', '--to', 'yo')).toMatch(
      /: yo\.2\.vec and yo\.vec could both be the vectors of yo; /,
    );
    expect(await run('--from', 'en', '--to', 'en')).toMatch(
      /words\.txt: no pair of the word list has vectors for both/,
    );
    expect(await run('--from', 'en', '--to', 'en', '--states', 'layer=1')).toMatch(/--states is for encoders, /);
    expect(await run('--from', 'en', '--to', 'en', '--states', 'top')).toMatch(/--states takes layer=N, not top/);
    const { status, stderr } = await crosstag([
      'bli',
      join(folder, 'none'),
      '--dictionary',
      dictionary,
      '--from',
      'en',
      '--to',
      'am',
    ]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/none: no such folder; /);
  });
});

describe('bli of an encoder', () => {
  const place = join(folder, 'encoder');
  beforeAll(async () => {
    await pretrainEncoder({ ...smallPretraining(writeCorpora(folder), place), limits: { steps: 1 } });
  }, 120_000);

  const words = (language: string) =>
    readFileSync(join(place, `vocabulary.${language.slice(0, 2).toLowerCase()}.txt`), 'utf8')
      .split('\n')
      .slice(2, 12);
  const score = async (to: string, ...args: string[]) => {
    const dictionary = file(
      'known.txt',
      words('pt')
        .map((word, i) => `${word} ${words(to)[i]}\n`)
        .join(''),
    );
    return crosstag(['bli', place, '--dictionary', dictionary, '--from', 'pt', '--to', to, '--json', ...args]);
  };

  it('takes embeddings, or states of single words', async () => {
    const embeddings = await score('pt');
    expect(JSON.parse(embeddings.stdout)).toMatchObject({ p1: 100, csls_p1: 100, words: 10, coverage: 100 });
    expect(JSON.parse((await score('pt', '--states', 'layer=1')).stdout)).toMatchObject({ p1: 100, words: 10 });
    // Tags of languages are written in more than one way.
    expect(JSON.parse((await score('pt-BR')).stdout)).toMatchObject({ p1: 100, words: 10 });
    expect(JSON.parse((await score('PT', '--states', 'layer=1')).stdout)).toMatchObject({ p1: 100, words: 10 });
    const other = JSON.parse((await score('wo', '--states', 'layer=0', '--most', '20')).stdout) as { words: number };
    expect(other.words).toBe(10);
  });

  it('says which layers and languages there are', async () => {
    expect((await score('pt', '--states', 'layer=2')).stderr).toMatch(
      /: the encoder has no layer 2; name one from 0 to 1\n/,
    );
    const args = ['bli', place, '--dictionary', join(folder, 'known.txt'), '--from', 'pt', '--to', 'sw'];
    expect((await crosstag(args)).stderr).toMatch(/: the encoder does not know the language sw; name one of pt, wo\n/);
  });
});

const shared = '../shared/data';
describe.skipIf(!existsSync(shared))('the shipped vectors', () => {
  it('translate as their documentation says: 51% at 1, 66% at 5', async () => {
    const dictionary = join(shared, 'dict/muse/en-es.5000-6500.txt');
    const args = ['bli', join(shared, 'vectors'), '--dictionary', dictionary, '--from', 'en', '--to', 'es', '--json'];
    const score = JSON.parse((await crosstag(args)).stdout) as Record<string, number>;
    expect(score).toMatchObject({ pairs: 2007, words: 1174 });
    expect(score.p1).toBeCloseTo(51.1, 1);
    expect(score.p5).toBeCloseTo(66.3, 1);
    expect(score.csls_p1).toBeCloseTo(56.5, 1);
  });
});

describe('the vectors and word lists of the sample', () => {
  it('translate as the guide says', async () => {
    const lists = ['en-es', 'en-es.others'].map((name) => `samples/words/${name}.txt`);
    const [asked, others] = lists.map((path) => readFileSync(path, 'utf8').trimEnd().split('\n'));
    const sources = new Set(asked!.map((pair) => pair.split(' ')[0]));
    expect(others!.filter((pair) => sources.has(pair.split(' ')[0]))).toEqual([]);
    const args = ['bli', 'samples/vectors', '--dictionary', lists[1]!, '--from', 'en', '--to', 'es', '--json'];
    const score = JSON.parse((await crosstag(args)).stdout) as Record<string, number>;
    expect(score).toMatchObject({ pairs: 94, words: 94 });
    expect(score.csls_p1).toBeCloseTo(59.6, 1);
  });
});
