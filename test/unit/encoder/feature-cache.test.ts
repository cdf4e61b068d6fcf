// Features on disk: the same as computed ones, whatever happens to the disk.
import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CacheFolder, cacheHome } from '../../../server/encoder/cache-folder.ts';
import { type CacheOptions, type CorpusSentence, FeatureCache } from '../../../server/encoder/feature-cache.ts';
import { type FeatureSource, featuresOf, featureWidth } from '../../../server/encoder/features.ts';
import { fromHalf, toHalf } from '../../../server/encoder/half.ts';
import type { Encoder } from '../../../server/encoder/types.ts';
import { Random } from '../../../server/tensor/index.ts';
import { InputError } from '../../../server/text/types.ts';
import { oneLayer } from './one-layer.ts';

const WORDS = ['Addis', 'አበባ', 'القاهرة', 'नमस्ते', '北京', 'e\u0301', '👩‍🚀', 'the', 'of', 'a'];

/** States that follow from word, place and language alone. */
class WordEncoder implements Encoder {
  readonly languages = ['en', 'am'];
  readonly layers = 3;
  readonly hidden = 5;
  readonly fingerprint: string;
  /** Sentences that it has read. */
  read = 0;

  constructor(fingerprint = 'first') {
    this.fingerprint = fingerprint;
  }

  async states(
    sentences: readonly (readonly string[])[],
    language: string,
    pause: () => Promise<void>,
    layer?: number,
  ) {
    if (!this.languages.includes(language)) throw new InputError('no such language', 'name another', { path: 'x' });
    await pause();
    this.read += sentences.length;
    return sentences.map((words) => {
      const width = 2 * this.layers * this.hidden;
      const rows = new Float32Array(words.length * width);
      words.forEach((word, t) => {
        const random = new Random(t, `${this.fingerprint} ${language} ${word}`);
        for (let i = 0; i < width; i++) rows[t * width + i] = 4 * random.uniform() - 2;
      });
      return oneLayer(rows, this, layer);
    });
  }

  knows = () => true;
  rank = () => 0;
  dispose = async () => undefined;
}

function corpus(count: number, seed = 1, language = 'en'): CorpusSentence[] {
  const random = new Random(seed, 'corpus');
  return Array.from({ length: count }, () => ({
    words: Array.from({ length: random.below(12) }, () => WORDS[random.below(WORDS.length)]!),
    language,
  }));
}

const pause = async () => undefined;
let folder: string;
let encoder: WordEncoder;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-features-'));
  encoder = new WordEncoder();
  warnings = [];
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

const cache = (more: CacheOptions = {}) =>
  new FeatureCache({ folder, warn: (message) => warnings.push(message), ...more });

/** The features as they should be: computed alone, sentence by sentence, and rounded. */
async function expected(source: FeatureSource, { words, language }: CorpusSentence): Promise<Float32Array> {
  const [features] = await featuresOf(source, [words], language, pause);
  return fromHalf(toHalf(features!));
}

/** Opens the corpus, compares some of it with what it should be. @returns how many sentences the encoder has read for it */
async function check(
  sentences: readonly CorpusSentence[],
  options: CacheOptions = {},
  layer?: number,
): Promise<number> {
  const source = { encoder, layer };
  const before = encoder.read;
  const features = await cache(options).open(source, sentences, pause);
  const some = sentences
    .map((_, i) => i)
    .filter((i) => i % 7 === 0 || i === sentences.length - 1)
    .reverse();
  const found = await features.read(some);
  const read = encoder.read - before;
  for (const [k, i] of some.entries()) expect(found[k]).toEqual(await expected(source, sentences[i]!));
  return read;
}

const shards = async () => (await readdir(folder)).sort();

describe('features of one layer', () => {
  it('are the channels of that layer, forward and backward', async () => {
    const words = ['北京', 'e\u0301'];
    const [all] = await featuresOf({ encoder, layer: undefined }, [words], 'am', pause);
    const [one] = await featuresOf({ encoder, layer: 1 }, [words], 'am', pause);
    expect(featureWidth({ encoder, layer: 1 })).toBe(10);
    const row = (t: number) => all!.subarray(t * 30, (t + 1) * 30);
    expect([...one!]).toEqual([0, 1].flatMap((t) => [...row(t).subarray(5, 10), ...row(t).subarray(20, 25)]));
  });
});

describe('the cache', () => {
  it.each([undefined, 0, 2])('gives what the encoder computes, once (layer %s)', async (layer) => {
    const sentences = [...corpus(700), ...corpus(300, 2, 'am')];
    expect(await check(sentences, {}, layer)).toBe(1000);
    expect(await check(sentences, {}, layer)).toBe(0);
    expect((await shards()).length).toBeGreaterThan(3);
    expect(warnings).toEqual([]);
  });

  it('takes nothing for the same that is not', async () => {
    const sentences = corpus(50);
    await check(sentences);
    expect(await check(sentences, {}, 1)).toBe(50);
    expect(await check(corpus(50, 1, 'am'))).toBe(50);
    expect(await check(corpus(50, 3))).toBe(50);
    encoder = new WordEncoder('second');
    expect(await check(sentences)).toBe(50);
    encoder = new WordEncoder();
    expect(await check(sentences)).toBe(0);
    // Words that are the same when they are written one after another.
    await check([{ words: ['ab', 'c'], language: 'en' }]);
    expect(await check([{ words: ['a', 'bc'], language: 'en' }])).toBe(1);
  });

  it('computes little where a corpus has grown, in the middle too', async () => {
    const sentences = corpus(3000);
    await check(sentences);
    const grown = [...sentences.slice(0, 1500), ...corpus(3, 9), ...sentences.slice(1500)];
    expect(await check(grown)).toBeLessThan(1100);
  });

  it.each([
    ['truncated', (path: string) => truncate(path, 100)],
    ['empty', (path: string) => truncate(path, 0)],
    ['longer', async (path: string) => writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(64)]))],
    [
      'changed in one bit',
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[17]! ^= 4;
        await writeFile(path, bytes);
      },
    ],
  ])('computes a shard again that is %s', async (_, spoil) => {
    const sentences = corpus(100);
    await check(sentences);
    const before = await shards();
    await spoil(join(folder, before[0]!));
    expect(await check(sentences)).toBeGreaterThan(0);
    expect(await check(sentences)).toBe(0);
    expect(await shards()).toEqual(before);
  });

  it('does not trust a shard under the name of another', async () => {
    await check([{ words: ['a', 'b'], language: 'en' }]);
    const [name] = await shards();
    const bytes = await readFile(join(folder, name!));
    await rm(join(folder, name!));
    await check([{ words: ['c', 'd'], language: 'en' }]);
    await writeFile(join(folder, (await shards())[0]!), bytes);
    expect(await check([{ words: ['c', 'd'], language: 'en' }])).toBe(1);
  });

  it('goes on where shards vanish while they are used, and warns once', async () => {
    const sentences = corpus(100);
    const source = { encoder, layer: undefined };
    const features = await cache().open(source, sentences, pause);
    for (const name of await shards()) await rm(join(folder, name));
    const found = await features.read([3, 99]);
    expect(found).toEqual([await expected(source, sentences[3]!), await expected(source, sentences[99]!)]);
    await features.read([50]);
    expect(warnings).toEqual([expect.stringMatching(/were removed from their cache; training goes on and computes/)]);
  });

  it('stays within its limit: the least recently used shards go', async () => {
    await check(corpus(60, 1));
    await check(corpus(60, 2));
    await check(corpus(60, 3));
    const sizes = await Promise.all((await shards()).map(async (name) => (await stat(join(folder, name))).size));
    const limit = 1.2 * sizes.reduce((a, b) => a + b, 0); // room for three of them, not for four
    // Long ago, but the first was used after the second.
    for (const name of await shards()) await utimes(join(folder, name), 1000, 1000);
    await check(corpus(60, 1));
    await check(corpus(60, 3));
    expect(await check(corpus(60, 4), { limit })).toBe(60);
    expect(await check(corpus(60, 1), { limit })).toBe(0);
    expect(await check(corpus(60, 3), { limit })).toBe(0);
    expect(await check(corpus(60, 2))).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
  });

  it('warns once of a text that does not fit, and computes what it needs', async () => {
    const sentences = corpus(1000);
    expect(await check(sentences, { limit: 30_000 })).toBeGreaterThan(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/more than the limit of their cache, 0.0 GiB; training goes on/);
    const sizes = await Promise.all((await shards()).map(async (name) => (await stat(join(folder, name))).size));
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(30_000);
    expect(await check(sentences, { limit: 0 })).toBeGreaterThan(0);
    expect(warnings).toHaveLength(1);
  });

  it('warns once where it cannot write, and computes what it needs', async () => {
    const blocked = join(folder, 'file');
    await writeFile(blocked, '');
    expect(await check(corpus(300), { folder: join(blocked, 'features') })).toBeGreaterThan(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/cannot be kept on disk \(E\w+.*\); training goes on/);
  });

  it('removes what killed writers left, and not what living ones write', async () => {
    await writeFile(join(folder, 'a.cache.99999999-abc'), 'old');
    await utimes(join(folder, 'a.cache.99999999-abc'), 1000, 1000);
    await writeFile(join(folder, 'b.cache.1-abc'), 'new');
    await writeFile(join(folder, 'note.txt'), 'not ours');
    await check(corpus(5));
    const names = await shards();
    expect(names).toContain('b.cache.1-abc');
    expect(names).toContain('note.txt');
    expect(names).not.toContain('a.cache.99999999-abc');
  });

  it('passes on what the encoder and the pause throw', async () => {
    await expect(cache().open({ encoder, layer: 0 }, corpus(5, 1, 'yo'), pause)).rejects.toThrow(InputError);
    const stop = () => Promise.reject(new Error('enough'));
    await expect(cache().open({ encoder, layer: 0 }, corpus(5), stop)).rejects.toThrow('enough');
    expect(await shards()).toEqual([]);
  });

  it('reads nothing of an empty corpus', async () => {
    const features = await cache().open({ encoder, layer: 0 }, [], pause);
    expect(await features.read([])).toEqual([]);
  });

  it('reads a sentence once for all who ask for it together: the windows of a long one', async () => {
    const [once, again] = await (await cache().open({ encoder, layer: 0 }, corpus(3), pause)).read([1, 1]);
    expect(again).toBe(once);
  });
});

describe('the place of caches', () => {
  it('is the one that is named, or the one of the platform', () => {
    expect(cacheHome({ CROSSTAG_CACHE: '/a/b' })).toBe('/a/b');
    if (process.platform !== 'linux') return;
    expect(cacheHome({ XDG_CACHE_HOME: '/x' })).toBe('/x/crosstag');
    expect(cacheHome({ XDG_CACHE_HOME: 'relative' })).toMatch(/\/\.cache\/crosstag$/);
    expect(cacheHome({})).toMatch(/\/\.cache\/crosstag$/);
  });
});

describe('a folder of a cache', () => {
  it('counts an entry as used when it is looked up', async () => {
    const place = new CacheFolder(folder, 1000);
    expect(await place.write('k', new Uint8Array(100))).toBe(true);
    expect(await place.has('k', 100)).toBe(true);
    expect(await place.has('k', 99)).toBe(false);
    expect(await place.has('k', 100)).toBe(false); // an unsound entry is removed
    expect(await place.write('l', new Uint8Array(2000))).toBe(false);
  });
});
