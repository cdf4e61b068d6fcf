import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathFinder } from '../../../../server/tagger/crf.ts';
import type { LabelledSentence } from '../../../../server/tagger/types.ts';
import { trainWide, WideModel } from '../../../../server/tagger/wide/index.ts';
import { Likelihood } from '../../../../server/tagger/wide/likelihood.ts';
import { problemOf } from '../../../../server/tagger/wide/problem.ts';
import { evaluate, tagSetOf } from '../../../../server/tags/index.ts';
import { readSafetensors, safetensorsParts } from '../../../../server/tensor/index.ts';

const TAGS = tagSetOf(['PER', 'LOC'], 'bio');

function sentence(text: string): LabelledSentence {
  const pairs = text.split(' ').map((token) => token.split('/'));
  return {
    words: pairs.map(([word]) => word!),
    tags: pairs.map(([, tag]) => (tag === '_' ? undefined : (tag ?? 'O'))),
  };
}

const SENTENCES = [
  'Maria/B-PER Silva/I-PER lives in Rio/B-LOC .',
  'አበበ/B-PER ቢቂላ/I-PER በ አዲስ/B-LOC አበባ/I-LOC ኖረ ።',
  'يعيش محمد/B-PER في القاهرة/B-LOC .',
  'राम/B-PER दिल्ली/B-LOC में है ।',
  '小明/B-PER 住 在 北京/B-LOC 。',
  'In São/B-LOC Paulo/I-LOC Ana/B-PER smiled 😀 .',
].map(sentence);

const PARTIAL = [...SENTENCES, ...['Ana/_ lives/O in/_ Lisbon/B-LOC ./_', 'x/_ y/_ z/_'].map(sentence)];

/** Every third sentence, a partly labelled one among them. */
const isTwofold = (_: LabelledSentence, i: number) => i % 3 === 0;
const twofold = (each: LabelledSentence, i: number) => (isTwofold(each, i) ? { ...each, weight: 2 } : each);

function tagged(model: WideModel, words: readonly string[]): string[] {
  const { path } = new PathFinder(model.transitions, model.tags.length).viterbi(model.emissions(words), words.length);
  return Array.from(path, (id) => model.tags[id]!);
}

describe('the likelihood', () => {
  it('has the gradient that finite differences find, with undecided tokens too', () => {
    const likelihood = new Likelihood(problemOf(PARTIAL, TAGS), 0.3);
    const gradient = new Float64Array(likelihood.size);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const weights = new Float64Array(likelihood.size).map((_, i) => Math.sin(seed + i * 7.3));
        const way = weights.map((_, i) => Math.cos(seed + i * 3.1));
        likelihood.evaluate(weights, gradient);
        const slope = way.reduce((sum, value, i) => sum + value * gradient[i]!, 0);
        const scratch = new Float64Array(likelihood.size);
        const at = (step: number) =>
          likelihood.evaluate(
            weights.map((w, i) => w + step * way[i]!),
            scratch,
          );
        const difference = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(Math.abs(difference - slope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(slope)));
      }),
      { numRuns: 10 },
    );
  });

  it('has the gradient that finite differences find on top of another model, with the factor of its scores', () => {
    const problem = problemOf(PARTIAL, TAGS);
    const offset = {
      emissions: new Float32Array(problem.gold.length * TAGS.length).map((_, i) => 3 * Math.sin(i * 1.7)),
      transitions: new Float32Array(TAGS.length ** 2).map((_, i) => 2 * Math.cos(i * 2.3)),
    };
    const likelihood = new Likelihood(problem, 0.3, offset);
    expect(likelihood.size).toBe(new Likelihood(problem, 0.3).size + 1);
    const gradient = new Float64Array(likelihood.size);
    const scratch = new Float64Array(likelihood.size);
    const weights = new Float64Array(likelihood.size).map((_, i) => Math.sin(i * 7.3));
    const slopeOf = (way: Float64Array) => way.reduce((sum, value, i) => sum + value * gradient[i]!, 0);
    const differenceOf = (way: Float64Array) => {
      const at = (step: number) =>
        likelihood.evaluate(
          weights.map((w, i) => w + step * way[i]!),
          scratch,
        );
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    };
    likelihood.evaluate(weights, gradient);
    const everywhere = weights.map((_, i) => Math.cos(i * 3.1));
    const factor = new Float64Array(likelihood.size);
    factor[likelihood.size - 1] = 1;
    for (const way of [everywhere, factor]) {
      const slope = slopeOf(way);
      expect(Math.abs(slope)).toBeGreaterThan(0.1);
      expect(Math.abs(differenceOf(way) - slope)).toBeLessThan(1e-5 * Math.abs(slope));
    }
  });

  it('is, with its gradient, that of a sentence twice where the sentence has weight 2', () => {
    const weighted = new Likelihood(problemOf(PARTIAL.map(twofold), TAGS), 0.3);
    const doubled = new Likelihood(problemOf([...PARTIAL, ...PARTIAL.filter(isTwofold)], TAGS), 0.3);
    const weights = new Float64Array(weighted.size).map((_, i) => Math.sin(i * 7.3));
    const [gradient, expected] = [new Float64Array(weighted.size), new Float64Array(doubled.size)];
    expect(weighted.evaluate(weights, gradient)).toBeCloseTo(doubled.evaluate(weights, expected), 9);
    expect(Math.hypot(...gradient.map((value, i) => value - expected[i]!))).toBeLessThan(1e-9);
  });

  it('is that of a coin for each token when all weights are 0, and nothing for undecided ones', () => {
    const likelihood = new Likelihood(problemOf(PARTIAL, TAGS), 1);
    const decided = PARTIAL.flatMap(({ tags }) => tags).filter((tag) => tag !== undefined).length;
    const gradient = new Float64Array(likelihood.size);
    expect(likelihood.evaluate(new Float64Array(likelihood.size), gradient)).toBeCloseTo(
      decided * Math.log(TAGS.length),
      9,
    );
  });
});

describe('hidden words', () => {
  // What is a name shows in no shape, only in the word: without it, there is nothing to learn.
  const plain = [
    'ana/B-PER met rio/B-LOC',
    'rio/B-LOC saw ana/B-PER',
    'ana/B-PER ran',
    'rio/B-LOC ran',
    'we met ana/B-PER',
    'we saw rio/B-LOC',
  ].map(sentence);
  const words = ['we', 'saw', 'ana'];

  it('say nothing to a trained model', async () => {
    const model = await trainWide(plain, { tags: TAGS });
    expect(tagged(model, words)).toEqual(['O', 'O', 'B-PER']);
    const hidden = model.emissions(words, (word) => word === 'ana');
    expect(hidden).toEqual(model.emissions(['we', 'saw', 'rio'], (word) => word === 'rio'));
    expect(hidden).not.toEqual(model.emissions(words));
    // What is hidden once is open again.
    expect(tagged(model, words)).toEqual(['O', 'O', 'B-PER']);
  });

  it('of training are drawn from the seed, and teach nothing but their look', async () => {
    const state = async (hidden: number, seed?: number) =>
      (await trainWide(plain, { tags: TAGS, hidden, ...(seed !== undefined && { seed }) })).toState();
    expect(await state(0, 5)).toEqual((await trainWide(plain, { tags: TAGS })).toState());
    expect(await state(0.5, 1)).toEqual(await state(0.5));
    expect(await state(0.5, 2)).not.toEqual(await state(0.5, 1));
    const blind = await trainWide(plain, { tags: TAGS, hidden: 1 });
    expect(blind.emissions(['we', 'saw', 'ana'])).toEqual(blind.emissions(['we', 'saw', 'rio']));
  });
});

describe('trainWide', () => {
  it('learns sentences in many scripts by heart', async () => {
    const model = await trainWide(SENTENCES, { tags: TAGS });
    for (const { words, tags } of SENTENCES) expect(tagged(model, words)).toEqual(tags);
    expect(tagged(model, ['Ana', 'lives', 'in', 'Rio', '.'])).toEqual(['B-PER', 'O', 'O', 'B-LOC', 'O']);
    expect(model.emissions([])).toHaveLength(0);
  });

  it('learns from the decided tokens of a sentence', async () => {
    const without = await trainWide(SENTENCES, { tags: TAGS });
    const model = await trainWide(PARTIAL, { tags: TAGS });
    const place = (each: WideModel) => {
      const scores = each.emissions(['Lisbon']);
      return scores[TAGS.indexOf('B-LOC')]! - scores[TAGS.indexOf('B-PER')]!;
    };
    expect(place(model)).toBeGreaterThan(place(without));
    expect(tagged(model, PARTIAL[6]!.words)[1]).toBe('O');
  });

  it('learns a sentence of weight 2 as that sentence twice, and weight 1 as no weight, bit for bit', async () => {
    const weighted = await trainWide(PARTIAL.map(twofold), { tags: TAGS });
    const doubled = await trainWide([...PARTIAL, ...PARTIAL.filter(isTwofold)], { tags: TAGS });
    const plain = await trainWide(PARTIAL, { tags: TAGS });
    const apart = (a: WideModel, b: WideModel) =>
      Math.max(
        ...PARTIAL.map(({ words }) => {
          const other = b.emissions(words);
          return Math.max(...a.emissions(words).map((score, i) => Math.abs(score - other[i]!)));
        }),
      );
    expect(apart(weighted, doubled)).toBeLessThan(0.01);
    expect(apart(weighted, plain)).toBeGreaterThan(0.1);
    const ones = PARTIAL.map((each) => ({ ...each, weight: 1 }));
    expect((await trainWide(ones, { tags: TAGS })).toState()).toEqual(plain.toState());
  });

  it('gives the same model bit for bit, also through a file', async () => {
    const [one, two] = await Promise.all([trainWide(PARTIAL, { tags: TAGS }), trainWide(PARTIAL, { tags: TAGS })]);
    expect(two.toState()).toEqual(one.toState());
    const file = Buffer.concat(safetensorsParts(one.toState()));
    const again = WideModel.fromState(TAGS, readSafetensors(file, 'weights.safetensors'));
    for (const { words } of PARTIAL) expect(again.emissions(words)).toEqual(one.emissions(words));
    expect(again.size).toBe(one.size);
    expect(again.size).toBeGreaterThan(0);
  });

  it('holds no feature whose weight is 0, and none at all under a heavy penalty', async () => {
    const state = (await trainWide(SENTENCES, { tags: TAGS })).toState();
    expect(state['wide.weights']!.data.includes(0)).toBe(false);
    expect(state['wide.counts']!.data.includes(0)).toBe(false);
    expect((await trainWide(SENTENCES, { tags: TAGS, c1: 1000 })).size).toBe(0);
  });

  it('starts from an older model, with other tags in another order', async () => {
    const losses: number[] = [];
    const onProgress = ({ loss }: { loss: number }) => losses.push(loss);
    const model = await trainWide(SENTENCES, { tags: TAGS, onProgress });
    const last = losses.at(-1)!;
    losses.length = 0;
    await trainWide(SENTENCES, { tags: [...TAGS].reverse(), start: model, onProgress });
    for (const loss of losses) expect(Math.abs(loss - last)).toBeLessThan(0.01 * last);
    losses.length = 0;
    const more = await trainWide(SENTENCES, { tags: [...TAGS, 'B-ORG', 'I-ORG'], start: model, onProgress });
    expect(losses[0]).toBeLessThan(3 * last);
    expect(tagged(more, SENTENCES[0]!.words)).toEqual(SENTENCES[0]!.tags);
  });

  it('reports, lets others work, and stops when it is told to', async () => {
    const control = new AbortController();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    let iterations = 0;
    const training = trainWide(SENTENCES, {
      tags: TAGS,
      signal: control.signal,
      onProgress: ({ iteration }) => {
        iterations = iteration;
        if (iteration === 5) control.abort(new Error('enough'));
      },
    });
    await expect(training).rejects.toThrow('enough');
    clearInterval(timer);
    expect(iterations).toBe(5);
    expect(turns).toBeGreaterThan(0);
    await expect(trainWide(SENTENCES, { tags: TAGS, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
    let seen = 0;
    await trainWide(SENTENCES, { tags: TAGS, seconds: 0, onProgress: () => seen++ });
    expect(seen).toBe(1);
  });

  it('refuses tags that it does not know and rows that do not fit', async () => {
    await expect(trainWide([sentence('a/B-ORG')], { tags: TAGS })).rejects.toThrow('B-ORG is not among the tags');
    await expect(trainWide([{ words: ['a'], tags: [] }], { tags: TAGS })).rejects.toThrow(RangeError);
  });
});

describe('a stored model', () => {
  it('is refused with the reason when something in it is wrong', async () => {
    const good = (await trainWide(SENTENCES, { tags: TAGS })).toState();
    const broken = (name: string, change: (data: Float32Array) => Float32Array, shape = good[name]!.shape) => ({
      ...good,
      [name]: { shape, data: change(good[name]!.data.slice()) },
    });
    const open = (state: typeof good) => () => WideModel.fromState(TAGS, state);
    const { 'wide.weights': _, ...missing } = good;
    expect(open(missing)).toThrow('wide.weights is missing');
    expect(open(broken('wide.templates', (data) => data.fill(0)))).toThrow('version 0 of the features');
    expect(open(broken('wide.weights', (data) => data.fill(Number.NaN)))).toThrow('not finite');
    expect(open(broken('wide.tags', (data) => data.fill(5)))).toThrow('beyond the 5');
    expect(open(broken('wide.counts', (data) => data.fill(1.5)))).toThrow('do not fit together');
    expect(open(broken('wide.counts', (data) => data.fill(2)))).toThrow('do not fit together');
    expect(open(broken('wide.attributes', (data) => data.fill(-1)))).toThrow('holds no hashes');
    expect(open(broken('wide.attributes', (data) => data.fill(7)))).toThrow('holds one hash twice');
    expect(open(broken('wide.transitions', (data) => data, [25]))).toThrow('shape [25]');
    expect(() => WideModel.fromState(TAGS.slice(1), good)).toThrow(RangeError);
  });
});

const data = join(import.meta.dirname, '../../../../../shared/data/ner');

describe.skipIf(!existsSync(data))(
  'beside CRFsuite 0.12 (python-crfsuite 0.9.12, the features of peers/quality)',
  () => {
    const read = (path: string, word: number, tag: number): { words: string[]; tags: string[] }[] =>
      gunzipSync(readFileSync(join(data, path)))
        .toString('utf8')
        .split(/\n\s*\n/u)
        .map((block) => block.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')))
        .map((lines) => lines.map((line) => line.split(line.includes('\t') ? '\t' : ' ')))
        .filter((rows) => rows.length > 0)
        .map((rows) => ({ words: rows.map((row) => row[word]!), tags: rows.map((row) => row[tag]!) }));

    it.each([
      ['masakhaner2/swa.train.txt.gz', 'masakhaner2/swa.test.txt.gz', 0, 1, 58.4],
      ['uner/pt_bosque-ud-train.iob2.gz', 'uner/pt_bosque-ud-test.iob2.gz', 1, 2, 44.98],
    ])('the first 100 sentences of %s give an F1 within 0.5', async (train, test, word, tag, peer) => {
      const sentences = read(train, word, tag).slice(0, 100);
      const tags = [...new Set(sentences.flatMap((each) => each.tags))].sort();
      const model = await trainWide(sentences, { tags });
      const gold = read(test, word, tag);
      const { f1 } = evaluate(
        gold.map((each) => each.tags),
        gold.map(({ words }) => tagged(model, words)),
        'ner',
      );
      expect(Math.abs(f1 - peer)).toBeLessThan(0.5);
    });
  },
);
