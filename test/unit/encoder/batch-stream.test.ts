import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchPosition,
  BatchStream,
  batchPositionSchema,
  type StepBatch,
  type StreamShape,
} from '../../../server/encoder/batch-stream.ts';
import { bucketOf, sentencesOf } from '../../../server/encoder/batches.ts';
import { sha256OfFile } from '../../../server/encoder/corpus.ts';
import { EncoderVocabulary, UNKNOWN } from '../../../server/encoder/vocabulary.ts';
import { corpus, file, messageOf, WORDS } from './corpora.ts';

const vocabulary = new EncoderVocabulary(['<eos>', '<unk>', ...WORDS.slice(0, -2)]);
const shape: StreamShape = { maxLength: 20, words: 60, lowerCase: false, shuffle: 40 };

function texts(contents: Readonly<Record<string, string>>, ending = '.txt') {
  return Object.entries(contents).map(([language, text]) => ({ language, path: file(`${language}${ending}`, text) }));
}

function open(of: ReturnType<typeof texts>, options: { shape?: Partial<StreamShape>; seed?: number } = {}) {
  const vocabularies = of.map(() => vocabulary);
  return BatchStream.open(of, vocabularies, { ...shape, ...options.shape }, options.seed ?? 1);
}

/** Goes on with these corpora as they are now. */
async function resumption(of: ReturnType<typeof texts>, position: BatchPosition) {
  const sha256 = await Promise.all(of.map(({ path }) => sha256OfFile(path, undefined)));
  return { from: { position, sha256 } };
}

async function steps(stream: BatchStream, count: number): Promise<StepBatch[]> {
  const batches: StepBatch[] = [];
  for (let i = 0; i < count; i++) batches.push(await stream.next());
  return batches;
}

const plain = (batches: readonly StepBatch[]) =>
  batches.map(({ bucket, languages }) => [bucket, languages.map(({ sentences }) => sentences.map((ids) => [...ids]))]);
const sentencesBy = (batches: readonly StepBatch[], language: number) =>
  batches.flatMap(({ languages }) => languages[language]!.sentences.map((ids) => ids.join(' ')));

/** What a corpus has for batches, as ids. */
function kept(text: string): string[] {
  const lines = text
    .normalize('NFC')
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''));
  return lines
    .filter(({ length }) => length > 2 && length <= shape.maxLength)
    .map((words) => words.map((word) => vocabulary.id(word)).join(' '));
}

describe('steps', () => {
  const contents = { am: corpus(1, 100, 25), zh: corpus(2, 300, 22), yo: corpus(3, 35, 25) };

  it.each([40, 1000])('hold sentences of every language, all of one bucket; chunks of %d', async (shuffle) => {
    const stream = await open(texts(contents), { shape: { shuffle } });
    const batches = await steps(stream, 500);
    await stream.close();
    for (const { bucket, time, most, languages } of batches) {
      expect(languages).toHaveLength(3);
      expect(most).toBe(sentencesOf(bucket, shape));
      for (const { sentences } of languages) {
        expect(sentences.length).toBeGreaterThan(0);
        expect(sentences.length).toBeLessThanOrEqual(most);
        for (const ids of sentences) {
          expect(bucketOf(ids.length, shape)).toBe(bucket);
          expect(ids.length).toBeLessThanOrEqual(time);
        }
      }
    }
    const known = Object.values(contents).map(kept);
    for (const [i, sentences] of known.entries()) {
      const seen = new Set(sentencesBy(batches, i));
      for (const sentence of seen) expect(sentences).toContain(sentence);
      expect([...seen].join(' ').split(' ')).toContain(`${UNKNOWN}`);
    }
  });

  it('leave out no sentence of a corpus that fits into a chunk, but for lengths that another language lacks', async () => {
    const batches = await steps(await open(texts(contents), { shape: { shuffle: 1000 } }), 500);
    const known = Object.values(contents).map(kept);
    const lengthOf = (sentence: string) => sentence.split(' ').length;
    const lengths = known.map((sentences) => new Set(sentences.map(lengthOf)));
    for (const [i, sentences] of known.entries()) {
      const shared = sentences.filter((sentence) => lengths.every((of) => of.has(lengthOf(sentence))));
      expect(new Set(sentencesBy(batches, i))).toEqual(new Set(shared));
    }
  });

  it('are the same for a seed, and others for another', async () => {
    const corpora = texts({ de: corpus(4, 120, 20), el: corpus(5, 90, 20) });
    const first = plain(await steps(await open(corpora), 30));
    expect(plain(await steps(await open(corpora), 30))).toEqual(first);
    expect(plain(await steps(await open(corpora, { seed: 2 }), 30))).not.toEqual(first);
  });

  it('give every sentence of a bucket before one comes again, in a new order', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `a ${WORDS.slice(i, i + 4).join(' ')}\n`).join('');
    const stream = await open(texts({ x: lines, y: lines }), { shape: { words: 30 } });
    const batches = await steps(stream, 12);
    const order = sentencesBy(batches, 0);
    expect(batches[0]?.most).toBe(5);
    const rounds = [order.slice(0, 20), order.slice(20, 40)];
    for (const round of rounds) expect(new Set(round).size).toBe(20);
    expect(rounds[0]).not.toEqual(rounds[1]);
    expect(rounds[0]).not.toEqual(kept(lines));
  });

  it('repeat for ever a corpus that is shorter than a batch', async () => {
    const stream = await open(texts({ s: 'አበበ በሶ በላ\n', t: corpus(6, 200, 6) }));
    for (const { languages } of await steps(stream, 20)) {
      expect(languages[0]!.sentences.map((ids) => [...ids])).toEqual([[2, 3, 4]]);
    }
  });

  it('go through a corpus that is larger than a chunk, and on from its start', async () => {
    const text = Array.from({ length: 100 }, (_, i) => `${WORDS[i % 20]} ${WORDS[Math.floor(i / 20)]} के\n`).join('');
    const stream = await open(texts({ u: text, v: text }), { shape: { words: 15, shuffle: 40 } });
    // The fifth batch of 15 / 4 sentences ends the first chunk.
    const order = sentencesBy(await steps(stream, 150), 0);
    const lines = kept(text);
    const chunk = Math.ceil(40 / 3) * 3;
    expect(order.length).toBe(450);
    for (let i = 0; i < 10; i++) {
      const place = (n: number) => lines[(40 * i + n) % 100];
      const expected = new Set(Array.from({ length: 40 }, (_, n) => place(n)));
      expect(new Set(order.slice(i * chunk, (i + 1) * chunk))).toEqual(expected);
    }
  });

  it('draw buckets as often as the languages in turn fill them', async () => {
    // Short: 5 words, 6 a batch; long: 15 words, 3 a batch.
    const line = (n: number) => `${'ने '.repeat(n)}\n`;
    const mostly = (a: number, b: number) => line(5).repeat(a) + line(15).repeat(b);
    const stream = await open(texts({ p: mostly(180, 30), q: mostly(60, 270) }), {
      shape: { words: 48, shuffle: 1000 },
    });
    const batches = await steps(stream, 2000);
    const long = (turn: number) => batches.filter(({ bucket }, i) => i % 2 === turn && bucket === 15).length / 1000;
    const of = (a: number, b: number) => b / 3 / (a / 8 + b / 3);
    expect(Math.abs(long(0) - of(180, 30))).toBeLessThan(0.05);
    expect(Math.abs(long(1) - of(60, 270))).toBeLessThan(0.05);
  });
});

describe('a position', () => {
  it('goes on with exactly the batches that would have come', async () => {
    const seeds = fc.record({
      seed: fc.nat(1000),
      languages: fc.integer({ min: 1, max: 3 }),
      shuffle: fc.constantFrom(7, 30, 64, 1000),
      before: fc.nat(40),
      ending: fc.constantFrom('.txt', '.txt.gz'),
      lowerCase: fc.boolean(),
      mark: fc.constantFrom('', '\ufeff', '\n\nx\n'),
    });
    await fc.assert(
      fc.asyncProperty(seeds, async ({ seed, languages, shuffle, before, ending, lowerCase, mark }) => {
        const names = ['am', 'zh', 'yo'].slice(0, languages);
        const contents = names.map((name, i) => [name, `${mark}${corpus(seed + i, 60 + 40 * i, 24)}አበበ በሶ በላ\n`]);
        const corpora = texts(Object.fromEntries(contents), ending);
        const options = { shape: { shuffle, lowerCase, maxLength: 10 }, seed };
        const stream = await open(corpora, options);
        await steps(stream, before);
        const json = JSON.stringify(stream.position());
        const expected = plain(await steps(stream, 20));
        const end = stream.position();
        await stream.close();
        const position = batchPositionSchema.parse(JSON.parse(json));
        const other = await BatchStream.open(
          corpora,
          corpora.map(() => vocabulary),
          { ...shape, ...options.shape },
          seed,
          await resumption(corpora, position),
        );
        expect(plain(await steps(other, 20))).toEqual(expected);
        expect(other.position()).toEqual(end);
        await other.close();
      }),
      { numRuns: 40 },
    );
  });

  it('is that of the last whole step where reading was interrupted', async () => {
    const corpora = texts({ am: corpus(7, 400, 12), yo: corpus(8, 400, 12) });
    const expected = plain(await steps(await open(corpora), 150));
    const abort = new AbortController();
    const vocabularies = [vocabulary, vocabulary];
    const stream = await BatchStream.open(corpora, vocabularies, shape, 1, { signal: abort.signal });
    const done = await steps(stream, 5);
    abort.abort(new Error('enough'));
    const more = async () => {
      for (;;) done.push(await stream.next());
    };
    await expect(more()).rejects.toThrow('enough');
    const position = stream.position();
    await stream.close();
    const rest = await BatchStream.open(corpora, vocabularies, shape, 1, await resumption(corpora, position));
    expect([...plain(done), ...plain(await steps(rest, 150 - done.length))]).toEqual(expected);
  });

  it('is that of the last whole step also where one language has gone on to another chunk', async () => {
    const long = `${'a '.repeat(20)}\n`;
    const corpora = texts({ a: 'a b c\n'.repeat(90) + long.repeat(9), b: long.repeat(50) });
    const abort = new AbortController();
    const stream = await BatchStream.open(corpora, [vocabulary, vocabulary], shape, 1, { signal: abort.signal });
    const start = stream.position();
    abort.abort(new Error('enough'));
    await expect(stream.next()).rejects.toThrow('enough');
    expect(stream.position()).toEqual(start);
  });

  it('is taken for a copy of the corpus that has another time', async () => {
    const corpora = texts({ am: corpus(9, 50, 12), yo: corpus(10, 50, 12) }, '.txt.gz');
    const stream = await open(corpora);
    await stream.next();
    const from = await resumption(corpora, stream.position());
    const expected = plain(await steps(stream, 20));
    const time = new Date(1e9);
    for (const { path } of corpora) utimesSync(path, time, time);
    const rest = await BatchStream.open(corpora, [vocabulary, vocabulary], shape, 1, from);
    expect(plain(await steps(rest, 20))).toEqual(expected);
  });

  it('is refused for another corpus', async () => {
    const corpora = texts({ am: corpus(9, 50, 12), yo: corpus(10, 50, 12) });
    const stream = await open(corpora);
    await stream.next();
    const from = await resumption(corpora, stream.position());
    const resume = (of: typeof corpora) => BatchStream.open(of, [vocabulary, vocabulary], shape, 1, from);
    const changed = 'the corpus has changed since the training was interrupted; restore the file, or end the training';
    expect(await messageOf(resume([...corpora].reverse()))).toContain(`yo.txt: ${changed}`);
    const { path } = corpora[1]!;
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${text.slice(0, -2)}x\n`);
    expect(await messageOf(resume(corpora))).toContain(`yo.txt: ${changed}`);
    writeFileSync(corpora[0]!.path, 'a b c\n');
    expect(await messageOf(resume(corpora))).toContain(`am.txt: ${changed}`);
  });
});

describe('errors', () => {
  it('languages without sentences of one length', async () => {
    const stream = await open(texts({ short: 'a b c\n'.repeat(50), long: `${'a '.repeat(20)}\n` }));
    const message =
      'short.txt: no sentence of short is about as long as one of long, but a step takes sentences of one length';
    expect(await messageOf(stream.next())).toContain(message);
  });

  it('also where they are larger than a chunk', async () => {
    const stream = await open(texts({ short: 'a b c\n'.repeat(50), long: `${'a '.repeat(20)}\n`.repeat(50) }));
    expect(await messageOf(stream.next())).toContain('no sentence of short is about as long as one of long');
  });

  it('a corpus whose first chunks share no length is read on', async () => {
    const long = `${'a '.repeat(20)}\n`;
    const stream = await open(texts({ a: 'a b c\n'.repeat(50) + long, b: long.repeat(50) }));
    expect((await stream.next()).bucket).toBe(20);
  });

  it('no sentence of a length that is taken', async () => {
    const short = open(texts({ am: 'a b\n'.repeat(9), yo: corpus(1, 50, 9) }));
    expect(await messageOf(short)).toContain(
      'am.txt: the corpus of am has no line of 3 to 20 words; put one sentence on',
    );
    expect(await messageOf(open(texts({ am: '' })))).toContain('the corpus of am has no line of 3 to 20 words');
  });

  it('a corpus that changes while it is read', async () => {
    const corpora = texts({ am: corpus(11, 200, 12), yo: corpus(12, 200, 12) });
    const stream = await open(corpora);
    writeFileSync(corpora[1]!.path, 'a b c\n');
    expect(await messageOf(steps(stream, 200))).toContain('yo.txt: the corpus changes while it is read; restore it');
  });
});
