// States of words that stand alone: what an encoder makes of a word without a sentence around it.
import { InputError } from '../../text/index.ts';
import type { Encoder } from '../types.ts';
import type { WordVectors } from './vector-file.ts';

/** Words that go through the encoder at a time. */
const WORDS = 1024;

/**
 * Vectors of both directions of one layer: [words, 2 * hidden].
 * @param layer 0 is the embedding, `layers - 1` the last
 * @throws InputError for a layer that the encoder does not have
 */
export async function wordStates(
  encoder: Encoder,
  words: readonly string[],
  language: string,
  layer: number,
  {
    pause,
    path,
    progress,
  }: { readonly pause: () => Promise<void>; readonly path: string; readonly progress?: (words: number) => void },
): Promise<WordVectors> {
  const { layers, hidden } = encoder;
  if (layer >= layers) {
    throw new InputError(`the encoder has no layer ${layer}`, `name one from 0 to ${layers - 1}`, { path });
  }
  const dimension = 2 * hidden;
  const table = new Float32Array(words.length * dimension);
  for (let first = 0; first < words.length; first += WORDS) {
    const sentences = words.slice(first, first + WORDS).map((word) => [word]);
    for (const [i, row] of (await encoder.states(sentences, language, pause, layer)).entries()) {
      table.set(row, (first + i) * dimension);
    }
    progress?.(Math.min(words.length, first + WORDS));
  }
  return { words, dimension, table };
}
