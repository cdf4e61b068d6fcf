// A training that starts from a trained model.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTagger, readDescription, type TrainOptions, trainTagger } from '../../../server/tagger/index.ts';
import { SMALL, sentences, TINY, withFolder } from './fixtures.ts';

/** No step: what comes out is what went in. */
const STILL = { ...TINY, learningRate: 1e-12, epochSteps: 1 } as const;

const words = sentences(20, 3).map((sentence) => sentence.words);

describe('training from a model', () => {
  it('starts with what the model says, new words, characters and labels aside', () =>
    withFolder(async (parent) => {
      const first = join(parent, 'first');
      await trainTagger({ ...SMALL, parts: 'deep', out: first });
      const event = { words: ['Карнавал', 'в', 'Риме'], tags: ['B-EVENT', 'O', 'B-LOC'] };
      const out = join(parent, 'second');
      const train = [...sentences(10, 4), event];
      const options: TrainOptions = { ...SMALL, train, parts: 'deep', deep: STILL, limits: { epochs: 1 }, out };
      await trainTagger({ ...options, start: first });
      const [old, grown] = await Promise.all([first, out].map((folder) => loadTagger(folder, { threads: 1 })));
      expect(grown!.tags).toEqual(['O', 'B-EVENT', 'I-EVENT', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER']);
      const before = await old!.tag(words, { marginals: true });
      const after = await grown!.tag(words, { marginals: true });
      const at = old!.tags.map((tag) => grown!.tags.indexOf(tag));
      let odds = 0;
      for (const [s, { marginals }] of before.entries()) {
        for (let t = 0; t < words[s]!.length; t++) {
          const [x, y] = [marginals, after[s]!.marginals];
          const share = (from: number) => Math.log(x[t * 5 + from]! / x[t * 5]!);
          const grownShare = (from: number) => Math.log(y[t * 7 + at[from]!]! / y[t * 7]!);
          for (const tag of [1, 3]) odds = Math.max(odds, Math.abs(share(tag) - grownShare(tag)));
        }
      }
      // The new label takes probability from the others: their odds stay nearly as they were.
      expect(odds).toBeLessThan(1.5);
      expect(after.map(({ tags }) => tags)).toEqual(before.map(({ tags }) => tags));
      await Promise.all([old!.dispose(), grown!.dispose()]);
      const vocabulary = (folder: string) => readDescription(folder).then((description) => description.vocabulary!);
      expect((await vocabulary(out)).words).toBe((await vocabulary(first)).words + 3);
    }));

  it('keeps labels that the new text does not hold, in both parts', () =>
    withFolder(async (parent) => {
      const first = join(parent, 'first');
      await trainTagger({ ...SMALL, out: first });
      const places = SMALL.train.map(({ words, tags }) => ({
        words,
        tags: tags.map((tag) => (tag?.endsWith('PER') ? undefined : tag)),
      }));
      const out = join(parent, 'second');
      await trainTagger({ ...SMALL, train: places, start: first, out });
      expect((await readDescription(out)).tags).toEqual((await readDescription(first)).tags);
    }));

  it('is better after an epoch than training from nothing', () =>
    withFolder(async (parent) => {
      const first = join(parent, 'first');
      await trainTagger({ ...SMALL, parts: 'deep', out: first, limits: { epochs: 6 } });
      const one = { ...SMALL, train: sentences(20, 9), parts: 'deep' as const, limits: { epochs: 1 } };
      const cold = await trainTagger({ ...one, deep: { ...TINY, epochSteps: 1 }, out: join(parent, 'cold') });
      const warm = await trainTagger({ ...one, deep: { epochSteps: 1 }, start: first, out: join(parent, 'warm') });
      expect(warm.dev).toBeGreaterThan(cold.dev + 20);
    }));

  it('is not judged by sentences that the model before has learnt when it was chosen', () =>
    withFolder(async (parent) => {
      // Only who has read a word knows what it is
      const all = Array.from({ length: 60 }, (_, i) => ({
        words: ['በ', `${(i * 7919) % 1000}`, 'ነው'],
        tags: ['O', (i * 31) % 7 < 3 ? 'B-LOC' : 'B-PER', 'O'],
      }));
      const [dev, train] = [all.slice(0, 20), all.slice(20)];
      const options = { task: 'ner' as const, parts: 'wide' as const, train, dev, ownDev: true };
      const [first, second] = [join(parent, 'first'), join(parent, 'second')];
      const before = await trainTagger({ ...options, out: first });
      const wide = { train, iterations: 15 };
      const after = await trainTagger({ ...options, wide, start: first, out: second });
      expect(after.dev).toBeLessThan(before.dev + 10);
      const tagger = await loadTagger(second, { threads: 1 });
      const found = await tagger.tag(
        dev.map(({ words }) => words),
        { marginals: false },
      );
      await tagger.dispose();
      expect(found.map(({ tags }) => tags)).toEqual(dev.map(({ tags }) => tags));
    }));

  it('refuses models for another task, and deep parts of another size', () =>
    withFolder(async (parent) => {
      const first = join(parent, 'first');
      const out = join(parent, 'second');
      await trainTagger({ ...SMALL, parts: 'deep', out: first, limits: { epochs: 1 } });
      const words = SMALL.train.map((sentence) => ({ ...sentence, tags: sentence.words.map(() => 'NOUN') }));
      const pos: TrainOptions = { ...SMALL, task: 'pos', train: words, dev: words, parts: 'wide', start: first, out };
      await expect(trainTagger(pos)).rejects.toThrow('the model to start from is for ner, not pos; train from scratch');
      const wider = { ...SMALL, parts: 'deep' as const, deep: { hidden: 9 }, start: first, out };
      await expect(trainTagger(wider)).rejects.toThrow('has other sizes; train from scratch');
    }));
});
