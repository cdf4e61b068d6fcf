// The encoder's real training step on sentences of random words, all of full length.
import { type EncoderConfig, encoderConfig } from '../../server/encoder/config.ts';
import { type BatchShape, directionShapes, trainingProgram } from '../../server/encoder/direction.ts';
import { isPiecewise, keepsMemory } from '../../server/encoder/memory.ts';
import { DIRECTIONS, type Direction } from '../../server/encoder/network.ts';
import { createDirections } from '../../server/encoder/side-by-side.ts';
import { EncoderTrainer, programName } from '../../server/encoder/trainer.ts';
import { firstWeights } from '../../server/encoder/weights.ts';
import { type Engine, pick, Random, type State, type StateTensor } from '../../server/tensor/index.ts';

export const LANGUAGES = ['one', 'two'] as const;

/** Words of `<eos>` and `<unk>`, which are not drawn. */
const SPECIAL = 2;

export interface LearnerOptions {
  readonly size: 'tiny' | 'paper';
  readonly languages: 1 | 2;
  /** Whether average linkage pulls the languages together. */
  readonly linkage: boolean;
  /** What differs from the size's own configuration. */
  readonly config: Partial<EncoderConfig>;
  readonly shapes: readonly BatchShape[];
  readonly threads: number;
}

export interface Learner {
  /** One step on the one batch of this shape. @returns the loss that is minimised */
  step(shape: BatchShape): Promise<number>;
  dispose(): Promise<void>;
}

/** First weights of an encoder of these options. */
export function learnerState(options: LearnerOptions): State {
  const config = configOf(options);
  const sizes = LANGUAGES.slice(0, options.languages).map((language) => ({ language, words: config.vocabulary }));
  return firstWeights(config, sizes, (name) => new Random(1, name));
}

export function configOf({ size, linkage, config }: LearnerOptions): EncoderConfig {
  return { ...encoderConfig(size, linkage ? 'layer_avl' : 'none', false), ...config };
}

/**
 * Models as a pre-training makes them, and its trainer.
 * @param state the embedding tables are taken out of it
 */
export async function createLearner(
  options: LearnerOptions,
  state: Record<string, StateTensor>,
  engine: Engine,
): Promise<Learner> {
  const config = configOf(options);
  const languages = LANGUAGES.slice(0, options.languages);
  const sizes = languages.map(() => config.vocabulary);
  const { threads, shapes } = options;
  const piecewise = isPiecewise(config, sizes);
  const define = (direction: Direction) => ({
    weights: pick(state, Object.keys(directionShapes(config, languages.length, direction))),
    programs: Object.fromEntries(
      shapes.map((shape) => [
        programName(shape),
        () => trainingProgram(config, { sizes, piecewise }, direction, shape),
      ]),
    ),
  });
  const engineOptions = { threads, keepMemory: keepsMemory(config, sizes), ...(piecewise && { programs: 1 }) };
  const models = await createDirections(engine, engineOptions, define, piecewise);
  const setup = { config, languages, models, identical: [], pairs: [], seed: 1, piecewise };
  const trainer = new EncoderTrainer(setup, state);
  const batches = new Map(shapes.map((shape) => [shape, languages.map((name) => sentences(config, shape, name))]));
  let number = 0;
  return {
    async step(shape) {
      number++;
      const rates = { rate: config.learningRate, embeddings: undefined };
      const { total } = await trainer.step(batches.get(shape)!, shape, number, rates);
      return total;
    },
    async dispose() {
      for (const direction of DIRECTIONS) await models[direction].dispose();
    },
  };
}

function sentences({ vocabulary }: EncoderConfig, shape: BatchShape, name: string): Int32Array[] {
  const random = new Random(1, `sentences ${name} ${shape.time}`);
  const word = () => SPECIAL + Math.floor(random.uniform() * (vocabulary - SPECIAL));
  return Array.from({ length: shape.sentences }, () => Int32Array.from({ length: shape.time }, word));
}
