// All weights of the deep part: their names, shapes and first values.
import { type Random, type Shape, type StateTensor, sizeOf } from '../../tensor/index.ts';
import { type CharacterSizes, characterShapes } from './characters.ts';
import type { DeepConfig } from './config.ts';
import { fedInput } from './inputs.ts';
import { type NetworkSizes, networkShapes } from './network.ts';

/** These live outside of the graph. */
export const WORDS = 'words.embedding.weight';
export const TRANSITIONS = 'tagger.crf.transitions';

export interface DeepSizes {
  readonly network: NetworkSizes;
  /** Undefined where words are not spelt. */
  readonly characters: CharacterSizes | undefined;
  /** Of the trained word table; undefined where there is none. */
  readonly words: Shape | undefined;
}

/** @param counts words and characters of the vocabulary, and tags */
export function deepSizes(config: DeepConfig, counts: { words: number; characters: number; tags: number }): DeepSizes {
  const { words, vectors = 0, chars, charHidden, encoder, hidden } = config;
  return {
    network: {
      gathered: words + vectors + 2 * charHidden,
      ...(encoder && { encoder: fedInput(encoder) }),
      hidden,
      tags: counts.tags,
    },
    // A table needs a row, even where the training text has no character at all.
    characters:
      charHidden > 0 ? { characters: Math.max(1, counts.characters), width: chars, hidden: charHidden } : undefined,
    words: words > 0 ? [counts.words + 1, words] : undefined,
  };
}

/** Weights inside the graphs, by name. */
export function graphShapes(sizes: DeepSizes): Record<string, Shape> {
  return { ...(sizes.characters && characterShapes(sizes.characters)), ...networkShapes(sizes.network) };
}

/** All weights, by name. */
export function deepShapes(sizes: DeepSizes): Record<string, Shape> {
  const { tags } = sizes.network;
  return { ...(sizes.words && { [WORDS]: sizes.words }), ...graphShapes(sizes), [TRANSITIONS]: [tags, tags] };
}

/** Standard deviation of the first weights of a mixing of layers. */
const MIXING_DEVIATION = 0.02;

/**
 * First values: Glorot uniform, mixings of layers normal (spec section 7), embeddings of unit variance a row, biases and
 * transitions 0.
 */
export function firstWeights(sizes: DeepSizes, random: Random): Record<string, StateTensor> {
  const weights: Record<string, StateTensor> = {};
  for (const [name, shape] of Object.entries(deepShapes(sizes))) {
    const data = new Float32Array(sizeOf(shape));
    const limit = limitOf(name, shape);
    if (name.startsWith('mix.') && limit > 0)
      for (let i = 0; i < data.length; i++) data[i] = MIXING_DEVIATION * normal(random);
    else if (limit > 0) for (let i = 0; i < data.length; i++) data[i] = (2 * random.uniform() - 1) * limit;
    weights[name] = { shape, data };
  }
  return weights;
}

/** A standard normal number (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

function limitOf(name: string, shape: Shape): number {
  if (name.endsWith('.bias') || name === TRANSITIONS) return 0;
  const [rows, columns] = shape as [number, number];
  return name.endsWith('embedding.weight') ? Math.sqrt(3 / columns) : Math.sqrt(6 / (rows + columns));
}
