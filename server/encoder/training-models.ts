// The models of both directions that a pre-training learns and measures with, and their programs.
import { type Engine, type Model, type ModelDefinition, pick, type State } from '../tensor/index.ts';
import { sentencesOf, timeOf } from './batches.ts';
import type { EncoderConfig } from './config.ts';
import { directionShapes, trainingProgram } from './direction.ts';
import { evaluationPrograms } from './evaluate.ts';
import { isPiecewise, keepsMemory } from './memory.ts';
import type { Direction } from './network.ts';
import { streamShape } from './pretrain-options.ts';
import { createDirections } from './side-by-side.ts';
import { programName } from './trainer.ts';

export function createModels(
  engine: Engine,
  threads: number,
  config: EncoderConfig,
  sizes: readonly number[],
  state: State,
): Promise<Record<Direction, Model>> {
  const define = (direction: Direction): ModelDefinition => {
    const own = Object.keys(directionShapes(config, sizes.length, direction));
    const names = Object.keys(state).filter((name) =>
      own.some((weight) => name === weight || name.startsWith(`${weight}.adam.`)),
    );
    return { weights: pick(state, names), programs: programsOf(config, sizes, direction) };
  };
  const piecewise = isPiecewise(config, sizes);
  const options = { threads, keepMemory: keepsMemory(config, sizes), ...(piecewise && { programs: 1 }) };
  return createDirections(engine, options, define, piecewise);
}

/** Not inside of `createModels`: what makes the programs lives on, and the first weights, which it would hold, need not. */
function programsOf(
  config: EncoderConfig,
  sizes: readonly number[],
  direction: Direction,
): ModelDefinition['programs'] {
  const shape = streamShape(config);
  const buckets = Array.from({ length: Math.floor(config.maxLength / config.bucketWidth) + 1 }, (_, bucket) => ({
    sentences: sentencesOf(bucket, shape),
    time: timeOf(bucket, shape),
  }));
  const languages = { sizes, piecewise: isPiecewise(config, sizes) };
  const learning = buckets.map(
    (bucket) => [programName(bucket), () => trainingProgram(config, languages, direction, bucket)] as const,
  );
  return { ...Object.fromEntries(learning), ...evaluationPrograms(config, direction, sizes) };
}
