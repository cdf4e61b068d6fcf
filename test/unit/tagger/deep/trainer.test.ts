// One step of deep training: how sentences count in its gradient; and what it is refused with.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEEP_DEFAULTS } from '../../../../server/tagger/deep/config.ts';
import { examplesOf } from '../../../../server/tagger/deep/examples.ts';
import { taggingPrograms, trainingPrograms } from '../../../../server/tagger/deep/programs.ts';
import { trainDeep } from '../../../../server/tagger/deep/train.ts';
import { DeepTrainer } from '../../../../server/tagger/deep/trainer.ts';
import { Vocabulary } from '../../../../server/tagger/deep/vocabulary.ts';
import { deepSizes, firstWeights, graphShapes } from '../../../../server/tagger/deep/weights.ts';
import type { LabelledSentence } from '../../../../server/tagger/types.ts';
import { pick, Random } from '../../../../server/tensor/index.ts';
import { ortEngine } from '../../../../server/tensor/ort/index.ts';
import { sentences, TINY, withFolder } from '../fixtures.ts';

// Without chance and without clipping the first moments after a step are its gradient, scaled.
const CONFIG = { ...DEEP_DEFAULTS, ...TINY, batch: 3, dropout: 0, unknown: 0, clip: 1e9 };
const TAGS = ['O', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER'];
const [FIRST, SECOND] = sentences(2, 1) as [LabelledSentence, LabelledSentence];
const VOCABULARY = Vocabulary.of([FIRST, SECOND]);

/** The loss of a first step, and its gradient as Adam's first moments have it, by name of the weight. */
async function firstStep(batch: readonly LabelledSentence[]) {
  const sizes = deepSizes(CONFIG, VOCABULARY.counts(TAGS.length));
  const state = firstWeights(sizes, new Random(1, 'weights'));
  const { network, characters } = sizes;
  const programs = {
    ...trainingPrograms(network, characters, { batch: CONFIG.batch, clipNorm: CONFIG.clip }),
    ...taggingPrograms(network, characters),
  };
  const weights = pick(state, Object.keys(graphShapes(sizes)));
  const model = await ortEngine('cpu').createModel({ weights, programs }, { threads: 1 });
  const setup = { config: CONFIG, sizes, vocabulary: VOCABULARY, rare: new Set<number>(), inputs: {} };
  const trainer = new DeepTrainer(model, setup, state);
  const loss = await trainer.step(examplesOf(batch, VOCABULARY, TAGS), 1, 0.01, new Random(1, 'step'));
  const all = Object.entries({ ...(await model.read()), ...trainer.outside() });
  const moments = all.flatMap(([name, { data }]) => (name.endsWith('.adam.m') ? [[name, data.slice()] as const] : []));
  await model.dispose();
  return { loss, moments: new Map(moments) };
}

describe('a step of deep training', () => {
  it('counts a sentence of weight 2 as that sentence twice, in the gradient of every weight', async () => {
    const twice = await firstStep([FIRST, FIRST, SECOND]);
    const weighted = await firstStep([{ ...FIRST, weight: 2 }, SECOND]);
    // Means: of three sentences, and of two.
    expect(weighted.loss * 2).toBeCloseTo(twice.loss * 3, 4);
    expect(weighted.moments.size).toBeGreaterThan(8);
    for (const [name, moment] of weighted.moments) {
      const expected = twice.moments.get(name)!;
      const length = Math.hypot(...moment);
      expect(length, name).toBeGreaterThan(0);
      expect(Math.hypot(...moment.map((m, i) => m - expected[i]! * 1.5)) / length, name).toBeLessThan(1e-4);
    }
  });

  it('is the same bit for bit with weight 1 as without weights', async () => {
    const plain = await firstStep([FIRST, SECOND]);
    expect(await firstStep([{ ...FIRST, weight: 1 }, SECOND])).toEqual(plain);
    expect((await firstStep([{ ...FIRST, weight: 3 }, SECOND])).loss).toBeGreaterThan(plain.loss);
  });
});

describe('deep training', () => {
  it('says that there is nothing to learn from', () =>
    withFolder(async (folder) => {
      const training = {
        ...{ engine: ortEngine('cpu'), threads: 1, config: CONFIG, seed: 1, tags: TAGS, vocabulary: VOCABULARY },
        ...{
          train: [{ words: FIRST.words, tags: FIRST.words.map(() => undefined) }],
          inputs: {},
          judges: [],
          minutes: 1,
        },
        checkpoint: { folder: join(folder, 'model.training'), fingerprint: 'a', seconds: 60 },
      };
      await expect(trainDeep(training)).rejects.toThrow(/^training data: no sentence has a label; label some/);
    }));
});
