// A training step in pieces: the same numbers as at once, and nothing large goes from one piece to the next.
import { describe, expect, it } from 'vitest';
import { type EncoderConfig, encoderConfig } from '../../../server/encoder/config.ts';
import { directionShapes, trainingProgram, UPDATE } from '../../../server/encoder/direction.ts';
import { DIRECTIONS, type Direction } from '../../../server/encoder/network.ts';
import { learnStages } from '../../../server/encoder/piecewise.ts';
import { createDirections } from '../../../server/encoder/side-by-side.ts';
import { EncoderTrainer, programName, type StepLosses } from '../../../server/encoder/trainer.ts';
import { firstWeights } from '../../../server/encoder/weights.ts';
import { planStages } from '../../../server/tensor/graph/program.ts';
import { pick, Random, type State, sizeOf } from '../../../server/tensor/index.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';

const LANGUAGES = ['aa', 'bb'];
const SHAPES = [
  { sentences: 3, time: 9 },
  { sentences: 2, time: 14 },
];
/** Each shape twice: the second time nothing is new. */
const STEPS = 4;
/** One language has a sampled softmax, the other a full one. */
const SIZES = [60, 30];

function configOf(alignment: Partial<EncoderConfig['alignment']>): EncoderConfig {
  const base = encoderConfig('tiny', 'none', false);
  const sizes = { layers: 2, hidden: 16, filter: 40, heads: 2, negatives: 32, vocabulary: 60, steps: 8 };
  return { ...base, ...sizes, alignment: { ...base.alignment, ...alignment } };
}

const TERMS = { linkage: 1, mean: 0.1, deviation: 0.01, adversarial: 0.5 };
const ALL = configOf(TERMS);
const BY_ENTROPY = configOf({ ...TERMS, adversary: 'entropy' });

/** Some steps on sentences of random words, with dropout. */
async function train(
  config: EncoderConfig,
  piecewise: boolean,
  weights = LANGUAGES.map(() => 1),
): Promise<{ losses: StepLosses[]; state: State }> {
  const sizes = LANGUAGES.map((language, l) => ({ language, words: SIZES[l]! }));
  const state = firstWeights(config, sizes, (name) => new Random(1, name));
  const define = (direction: Direction) => ({
    weights: pick(state, Object.keys(directionShapes(config, LANGUAGES.length, direction))),
    programs: Object.fromEntries(
      SHAPES.map((shape) => [
        programName(shape),
        () => trainingProgram(config, { sizes: SIZES, piecewise }, direction, shape),
      ]),
    ),
  });
  const options = { threads: 1, keepMemory: !piecewise, ...(piecewise && { programs: 1 }) };
  const models = await createDirections(ortEngine('cpu'), options, define, piecewise);
  const setup = { config, languages: LANGUAGES, weights, models, identical: [], pairs: [], seed: 1, piecewise };
  const trainer = new EncoderTrainer(setup, state);
  const losses: StepLosses[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const shape = SHAPES[step % 2]!;
    const random = new Random(1, `batch ${step}`);
    const batch = SIZES.map((size) =>
      Array.from({ length: shape.sentences }, (_, s) =>
        Int32Array.from({ length: shape.time - s }, () => 2 + Math.floor(random.uniform() * (size - 2))),
      ),
    );
    losses.push(await trainer.step(batch, shape, step, { rate: 1e-3, embeddings: undefined }));
  }
  const inside = await Promise.all(DIRECTIONS.map((direction) => models[direction].read()));
  for (const direction of DIRECTIONS) await models[direction].dispose();
  return { losses, state: Object.assign({}, ...inside, trainer.outside()) };
}

describe('a training step in pieces', () => {
  it.each([
    ['gradient reversal', ALL],
    ['entropy', BY_ENTROPY],
  ])('gives the losses and the weights of a step at once, batch after batch: %s', async (_, config) => {
    const [whole, pieces] = [await train(config, false), await train(config, true)];
    whole.losses.forEach((expected, i) => {
      const found = pieces.losses[i]!;
      expect(found.total).toBeCloseTo(expected.total, 4);
      expect(found.norms[0]).toBeCloseTo(expected.norms[0]!, 4);
      expect(Object.keys(found.alignment)).toEqual(['average linkage', 'mean and variance', 'discriminator']);
    });
    expect(Object.keys(pieces.state).sort()).toEqual(Object.keys(whole.state).sort());
    for (const [name, { data }] of Object.entries(whole.state)) {
      if (name.endsWith('qkv.bias')) continue; // the key bias has no gradient: Adam scales noise up to the full step
      const worst = data.reduce((most, x, i) => Math.max(most, Math.abs(x - pieces.state[name]!.data[i]!)), 0);
      expect(worst, name).toBeLessThan(2e-4);
    }
  });

  it('lets a language count as often as its weight says, alignment aside', async () => {
    const once = (await train(ALL, false)).losses[0]!;
    const more = (await train(ALL, true, [3, 0.5])).losses[0]!;
    const mean = (l: number) => (once.languages[l]!.forward + once.languages[l]!.backward) / LANGUAGES.length;
    expect(more.languages[0]!.forward).toBeCloseTo(once.languages[0]!.forward, 4);
    expect(more.total - once.total).toBeCloseTo(2 * mean(0) - 0.5 * mean(1), 2);
    expect(more.norms[0]).not.toBeCloseTo(once.norms[0]!, 1);
  });

  it('is the same bit for bit when it is repeated', async () => {
    const [first, second] = [await train(ALL, true), await train(ALL, true)];
    expect(second.losses).toEqual(first.losses);
    for (const [name, { data }] of Object.entries(first.state)) expect(second.state[name]!.data).toEqual(data);
  });

  it.each([
    ['every term', ALL],
    ['entropy', BY_ENTROPY],
    ['no alignment', configOf({})],
  ])('hands over inputs and gradients of layers, never what is inside of one: %s', (_, config) => {
    const [shape] = SHAPES as [(typeof SHAPES)[0]];
    const program = trainingProgram(config, { sizes: SIZES, piecewise: true }, 'backward', shape);
    const plans = planStages(program);
    expect(plans.map(({ stage }) => stage.name)).toEqual([...learnStages(config, LANGUAGES.length, true), UPDATE]);
    const rows = LANGUAGES.length * shape.sentences * shape.time;
    const weights = new Set(Object.values(directionShapes(config, LANGUAGES.length, 'backward')).map(sizeOf));
    const carried = plans.flatMap(({ carriedOut }) => carriedOut.map(({ shape }) => sizeOf(shape)));
    // The discriminator's gradient is of all layers side by side
    const widest = config.alignment.adversarial > 0 ? (config.layers + 1) * config.hidden : config.hidden;
    expect(carried.filter((size) => size > rows * widest && !weights.has(size))).toEqual([]);
    // Both layers' feed-forward parts are computed twice, and in different stages
    const relus = plans.map(({ nodes }) => nodes.filter(({ op }) => op === 'relu').length);
    const inStack = relus.filter((count, i) => count > 0 && plans[i]!.stage.name !== 'learn.adversary');
    expect(inStack).toEqual([2, 1, 1]);
  });
});
