// A trained tagger at work: batches, windows, probabilities, cancellation.
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTagger, type Tagger, trainTagger } from '../../../server/tagger/index.ts';
import { allowedTransitions } from '../../../server/tags/index.ts';
import { SMALL, sentences } from './fixtures.ts';

const home = join(tmpdir(), `crosstag-tagger-${process.pid}`);
const texts = sentences(200, 7).map(({ words }) => words);
let tagger: Tagger;

beforeAll(async () => {
  await trainTagger({ ...SMALL, parts: 'deep', out: home, limits: { epochs: 2 } });
  tagger = await loadTagger(home, { threads: 1 });
});
afterAll(async () => {
  await tagger.dispose();
  await rm(home, { recursive: true, force: true });
});

describe('tagging', () => {
  it('gives every sentence the same answer, alone or among others, in any order', async () => {
    const all = await tagger.tag(texts, { marginals: true });
    const reversed = (await tagger.tag(texts.toReversed(), { marginals: true })).toReversed();
    for (const i of [0, 50, 199]) {
      const [alone] = await tagger.tag([texts[i]!], { marginals: true });
      expect(alone!.tags).toEqual(all[i]!.tags);
      alone!.marginals.forEach((p, k) => {
        expect(p).toBeCloseTo(all[i]!.marginals[k]!, 5);
      });
      expect(reversed[i]!.tags).toEqual(all[i]!.tags);
    }
  });

  it('gives probabilities that add up, and spans and paths that belong to them', async () => {
    const width = tagger.tags.length;
    const results = await tagger.tag(texts.slice(0, 20), { marginals: true, nbest: 3 });
    for (const { tags, marginals, spans, nbest } of results) {
      expect(marginals).toHaveLength(tags.length * width);
      tags.forEach((_, t) => {
        const sum = marginals.subarray(t * width, (t + 1) * width).reduce((a, b) => a + b);
        expect(sum).toBeCloseTo(1, 4);
      });
      for (const { start, end, label, score } of spans) {
        expect(tags.slice(start, end)).toEqual([`B-${label}`, ...Array(end - start - 1).fill(`I-${label}`)]);
        // A span's probability is not above that of its first tag.
        const first = marginals[start * width + tagger.tags.indexOf(`B-${label}`)]!;
        expect(score).toBeLessThanOrEqual(first + 1e-5);
        expect(score).toBeGreaterThan(0);
      }
      expect(nbest).toHaveLength(3);
      expect(nbest[0]!.tags).toEqual(tags);
      const probabilities = nbest.map(({ probability }) => probability);
      expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
      expect(probabilities.reduce((a, b) => a + b)).toBeLessThanOrEqual(1 + 1e-6);
    }
  });

  it('gives only what was asked for', async () => {
    const [result] = await tagger.tag([texts[0]!]);
    expect(result).toMatchObject({ spans: [], nbest: [] });
    expect(result!.marginals).toHaveLength(0);
  });

  it('gives legal tags only', async () => {
    const legal = allowedTransitions(tagger.tags, tagger.scheme);
    const strange = [
      ['Paulo', 'Delhi', 'አበባ', '北京', '?!'],
      ['I', 'I', 'I'],
    ];
    for (const { tags, nbest } of await tagger.tag(strange, { nbest: 5 })) {
      for (const path of [tags, ...nbest.map((best) => best.tags)]) {
        const ids = path.map((tag) => tagger.tags.indexOf(tag));
        expect(legal.start[ids[0]!]).toBe(1);
        const pairs = ids.slice(1).map((to, i) => legal.pairs[ids[i]! * tagger.tags.length + to]);
        expect(pairs.every((pair) => pair === 1)).toBe(true);
      }
    }
  });

  it('takes empty sentences, no sentences and words that nobody has seen', async () => {
    expect(await tagger.tag([])).toEqual([]);
    const [empty, strange] = await tagger.tag([[], ['\u{1F9FF}', '', 'ꦲꦏ꧀ꦱꦫ']], { marginals: true, nbest: 2 });
    expect(empty!.tags).toEqual([]);
    expect(strange!.tags).toHaveLength(3);
  });

  it('reads a very long sentence in windows that agree with each other', async () => {
    const part = texts.slice(0, 40).flat();
    const long = Array.from({ length: 8 }, () => part).flat(); // more than a thousand words
    const [result] = await tagger.tag([long], { marginals: true });
    expect(result!.tags).toHaveLength(long.length);
    // The text repeats itself, so the answers do, whatever window a word falls into.
    const width = tagger.tags.length * part.length;
    const row = (k: number) => result!.marginals.subarray(k * width, (k + 1) * width);
    const differences = [2, 3, 4, 5, 6].flatMap((k) => Array.from(row(k), (p, i) => Math.abs(p - row(1)[i]!)));
    const worst = differences.reduce((a, b) => Math.max(a, b));
    expect(long.length).toBeGreaterThan(1000);
    expect(worst).toBeLessThan(0.02);
  });

  it('stops when it is told to, between two batches, and works on afterwards', async () => {
    const controller = new AbortController();
    const many = Array.from({ length: 20 }, () => texts).flat();
    let turns = 0;
    const watch = async () => {
      while (turns < 3) {
        await setImmediate();
        turns++;
      }
      controller.abort(new Error('no longer wanted'));
    };
    const tagging = tagger.tag(many, { signal: controller.signal });
    await Promise.all([expect(tagging).rejects.toThrow('no longer wanted'), watch()]);
    expect(turns).toBe(3); // the event loop had its turns while the tagger worked
    expect(await tagger.tag([texts[0]!])).toHaveLength(1);
  });

  it('keeps two calls apart that run at the same time', async () => {
    const expected = await tagger.tag(texts);
    const [first, second] = await Promise.all([tagger.tag(texts), tagger.tag(texts.slice(0, 30))]);
    expect(first).toEqual(expected);
    expect(second).toEqual(expected.slice(0, 30));
  });
});
