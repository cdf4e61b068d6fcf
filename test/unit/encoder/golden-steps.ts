// Whole training steps of the encoder beside the numbers of the original code, at once and in pieces.
import { it } from 'vitest';
import { type EncoderConfig, encoderConfig } from '../../../server/encoder/config.ts';
import { type BatchShape, directionShapes, trainingProgram } from '../../../server/encoder/direction.ts';
import { DIRECTIONS, type Direction } from '../../../server/encoder/network.ts';
import { EncoderTrainer, programName, type StepRates, type TrainerSetup } from '../../../server/encoder/trainer.ts';
import { tableName } from '../../../server/encoder/weights.ts';
import type { Engine } from '../../../server/tensor/index.ts';
import { expectClose, expectSameGradient, flat, golden, stateOf } from '../tagger/deep/golden.ts';
import { type GoldenConfig, type Ids, LANGUAGES, type Named, sentencesOf, shapeFor } from './golden-shared.ts';

function configOf(config: GoldenConfig, alignment: Partial<EncoderConfig['alignment']>): EncoderConfig {
  const base = encoderConfig('tiny', 'none', false);
  const { hidden, filter, layers, heads } = config;
  return { ...base, hidden, filter, layers, heads, dropout: 0, alignment: { ...base.alignment, ...alignment } };
}

/** A trainer with the file's weights, and a copy of them. */
async function trainerOf(engine: Engine, config: EncoderConfig, weights: Named, shape: BatchShape, piecewise: boolean) {
  const state = stateOf(weights);
  const sizes = LANGUAGES.map((language) => state[tableName(language)]!.shape[0]!);
  const models = {} as Record<Direction, Awaited<ReturnType<Engine['createModel']>>>;
  for (const direction of DIRECTIONS) {
    const names = Object.keys(directionShapes(config, LANGUAGES.length, direction));
    models[direction] = await engine.createModel(
      {
        weights: Object.fromEntries(names.map((name) => [name, state[name]!])),
        programs: { [programName(shape)]: () => trainingProgram(config, { sizes, piecewise }, direction, shape) },
      },
      { threads: 1, keepMemory: !piecewise },
    );
  }
  const setup: TrainerSetup = { config, languages: LANGUAGES, models, identical: [], pairs: [], seed: 1, piecewise };
  return { trainer: new EncoderTrainer(setup, state), models };
}

interface Gradients {
  ids: Ids;
  total: number;
  language_model_part: number;
  alignment_part: number;
  global_norm: number;
  gradient: Named;
}

/** Gradients from two steps of an Adam that forgets: with a rate of 0 its first moment is a tenth of the gradient. */
async function expectGradients(
  engine: Engine,
  config: EncoderConfig,
  weights: Named,
  expected: Gradients,
  tolerance: number,
  piecewise: boolean,
) {
  const shape = shapeFor(expected.ids);
  const { trainer, models } = await trainerOf(engine, config, weights, shape, piecewise);
  const batch = LANGUAGES.map((language) => sentencesOf(expected.ids[language]!));
  const losses = await trainer.step(batch, shape, 1, { rate: 0, embeddings: undefined });
  const alignment = Object.values(losses.alignment).reduce((a, b) => a + b, 0);
  expectClose([alignment], [expected.alignment_part], tolerance);
  expectClose([losses.total], [expected.total], tolerance);
  expectClose(losses.norms, [expected.global_norm], tolerance);
  const moments = { ...(await models.forward.read()), ...(await models.backward.read()), ...trainer.outside() };
  const clipped = 5 / Math.max(5, expected.global_norm);
  for (const [name, gradient] of Object.entries(expected.gradient)) {
    const found = moments[`${name}.adam.m`]!.data.map((m) => (m * 10) / clipped);
    if (name.endsWith('qkv.bias')) {
      const third = found.length / 3; // the key bias has no gradient: noise
      const numbers = flat(gradient);
      const without = (x: Float32Array) => Float32Array.from([...x.slice(0, third), ...x.slice(2 * third)]);
      expectSameGradient(without(found), [...without(numbers)]);
    } else expectSameGradient(found, gradient);
    expectClose(found, gradient, tolerance);
  }
  await models.forward.dispose();
  await models.backward.dispose();
}

/** A training step at once, and in pieces. */
const WAYS = [
  ['at once', false],
  ['in pieces', true],
] as const;
export function goldenSteps(engine: Engine): void {
  it.each(WAYS)('gives the same gradients of the whole loss, average linkage, %s', async (_, piecewise) => {
    const file = golden<{
      config: GoldenConfig;
      weights: Named;
      tolerance: number;
      unpadded: Gradients;
      padding_masked: Gradients;
    }>('total-gradients');
    const config = configOf(file.config, { linkage: 1 });
    await expectGradients(engine, config, file.weights, file.unpadded, file.tolerance, piecewise);
    await expectGradients(engine, config, file.weights, file.padding_masked, file.tolerance, piecewise);
  });

  it.each(WAYS)('gives the same gradients of the whole loss, mean and variance, %s', async (_, piecewise) => {
    const file = golden<{
      config: GoldenConfig;
      ids: Ids;
      weights: Named;
      tolerance: number;
      layer_mv: Omit<Gradients, 'ids'>;
    }>('total-gradients-more');
    const config = configOf(file.config, { mean: 0.1, deviation: 0.01 });
    const expected = { ids: file.ids, ...file.layer_mv };
    await expectGradients(engine, config, file.weights, expected, file.tolerance, piecewise);
  });

  it.each(WAYS)('takes the same steps of Adam, with one optimiser and two, %s', async (_, piecewise) => {
    interface Steps {
      losses: number[];
      norms: number[][];
      weights_after_step_3: Named;
      embedding_rate?: number[];
    }
    const file = golden<{
      tolerance: number;
      encoder: {
        config: GoldenConfig;
        ids: Ids;
        lr: number;
        weights: Named;
        one_optimiser: Steps;
        separate_embedding_rate: Steps;
      };
    }>('adam-steps');
    const { encoder, tolerance } = file;
    const config = configOf(encoder.config, { linkage: 1 });
    const shape = shapeFor(encoder.ids);
    const batch = LANGUAGES.map((language) => sentencesOf(encoder.ids[language]!));
    for (const expected of [encoder.one_optimiser, encoder.separate_embedding_rate]) {
      const { trainer, models } = await trainerOf(engine, config, encoder.weights, shape, piecewise);
      for (let i = 0; i < 3; i++) {
        const apart = expected.embedding_rate?.[i];
        const rates: StepRates = { rate: encoder.lr, embeddings: apart === undefined ? apart : [apart, apart] };
        const { total, norms } = await trainer.step(batch, shape, i + 1, rates);
        // float32 beside float64, three steps of Adam on
        expectClose([total], [expected.losses[i]!], 1e-4);
        const [outside, inside] = expected.norms[i]!;
        expectClose(norms, inside === undefined ? [outside!] : [outside!, inside], 1e-4);
      }
      const weights = { ...(await models.forward.read()), ...(await models.backward.read()), ...trainer.outside() };
      for (const [name, numbers] of Object.entries(expected.weights_after_step_3)) {
        if (name.endsWith('qkv.bias')) continue; // the key bias: Adam scales noise up to the full step
        expectClose(weights[name]!.data, numbers, tolerance);
      }
      await models.forward.dispose();
      await models.backward.dispose();
    }
  });
}
