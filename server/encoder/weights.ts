// The weights of an encoder: their names, shapes and first values.
import { type Random, type Shape, type StateTensor, sizeOf } from '../tensor/index.ts';
import type { EncoderConfig } from './config.ts';
import { directionShapes } from './direction.ts';
import { DIRECTIONS, stackShapes } from './network.ts';

/** The embedding table of a language, outside of the graph: [words, hidden]. */
export const tableName = (language: string) => `embedding.${language}.weight`;

export interface LanguageSize {
  readonly language: string;
  /** Lines of its vocabulary. */
  readonly words: number;
}

/** The weights of a finished encoder: tables and both stacks. */
export function encoderShapes(config: EncoderConfig, languages: readonly LanguageSize[]): Record<string, Shape> {
  return {
    ...tableShapes(config, languages),
    ...stackShapes(config, 'forward'),
    ...stackShapes(config, 'backward'),
  };
}

function tableShapes({ hidden }: EncoderConfig, languages: readonly LanguageSize[]): Record<string, Shape> {
  return Object.fromEntries(languages.map(({ language, words }) => [tableName(language), [words, hidden]]));
}

/**
 * First values of all that is trained: embeddings Normal(0, hidden^-0.5), matrices Glorot uniform, scales 1, biases 0 (spec
 * section 3).
 */
export function firstWeights(
  config: EncoderConfig,
  languages: readonly LanguageSize[],
  random: (name: string) => Random,
): Record<string, StateTensor> {
  const shapes = {
    ...tableShapes(config, languages),
    ...Object.assign({}, ...DIRECTIONS.map((d) => directionShapes(config, languages.length, d))),
  } as Record<string, Shape>;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, data: first(name, shape, random) }]),
  );
}

function first(name: string, shape: Shape, random: (name: string) => Random): Float32Array {
  const data = new Float32Array(sizeOf(shape));
  if (name.endsWith('.bias')) return data;
  if (shape.length === 1) return data.fill(1);
  const source = random(name);
  const [rows, columns] = shape as [number, number];
  if (name.startsWith('embedding.')) return fillNormal(data, columns ** -0.5, source);
  const limit = Math.sqrt(6 / (rows + columns));
  for (let i = 0; i < data.length; i++) data[i] = (2 * source.uniform() - 1) * limit;
  return data;
}

/** Box and Muller's normal numbers. */
function fillNormal(data: Float32Array, deviation: number, random: Random): Float32Array {
  for (let i = 0; i < data.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.uniform()));
    const angle = 2 * Math.PI * random.uniform();
    data[i] = radius * Math.cos(angle);
    data[i + 1] = radius * Math.sin(angle); // an odd last place is written past the end, which typed arrays ignore
  }
  return data;
}
