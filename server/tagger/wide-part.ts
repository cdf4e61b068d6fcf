// The wide part among the parts of a tagger: its training, its tensors, its emissions.
import { join } from 'node:path';
import type { State } from '../tensor/index.ts';
import { InputError } from '../text/types.ts';
import type { Pause } from './groups.ts';
import type { StoredModel } from './model.ts';
import type { TaggerPart } from './tagger.ts';
import type { TrainingData } from './training-data.ts';
import type { TrainOptions } from './types.ts';
import { trainWide, WideModel } from './wide/index.ts';

/** The wide part in training: what it says with the spelling of some words hidden. */
export interface TrainedWide {
  readonly model: WideModel;
  readonly part: TaggerPart;
  readonly weights: State;
  /** Emissions of each sentence, [time, tags]. */
  readonly hiding: (
    sentences: readonly (readonly string[])[],
    isHidden: (word: string, sentence: number) => boolean,
    pause: Pause,
  ) => Promise<Float32Array[]>;
}

/** Sentences between two pauses. */
const GROUP = 256;

/** The names of its tensors begin so. */
const PREFIX = 'wide.';

export const isWideTensor = (name: string) => name.startsWith(PREFIX);

/**
 * The wide part as it was judged, before it learnt the sentences that chose the model: what another training starts from, which
 * is judged by these again.
 */
const JUDGED = `${PREFIX}judged.`;

/** Its tensors under names of their own. */
export function asJudged(weights: State): State {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [JUDGED + name.slice(PREFIX.length), tensor]),
  );
}

/** Those tensors of a model under the names of a wide part, or where it has none, the model's own. */
export function judgedOf(tensors: State): State {
  const judged = Object.entries(tensors).filter(([name]) => name.startsWith(JUDGED));
  if (judged.length === 0) return tensors;
  return Object.fromEntries(judged.map(([name, tensor]) => [PREFIX + name.slice(JUDGED.length), tensor]));
}

export async function trainWidePart(
  { wide: sentences, tags }: TrainingData,
  { progress, signal, seed, wide }: Pick<TrainOptions, 'progress' | 'signal' | 'seed' | 'wide'>,
  start?: WideModel,
): Promise<TrainedWide> {
  const words = sentences.reduce((sum, sentence) => sum + sentence.words.length, 0);
  const model = await trainWide(sentences, {
    tags,
    ...(start && { start }),
    ...(wide?.iterations !== undefined && { iterations: wide.iterations }),
    ...(signal && { signal }),
    ...(wide?.hidden !== undefined && { hidden: wide.hidden }),
    ...(seed !== undefined && { seed }),
    onProgress: ({ iteration, iterations, seconds }) =>
      progress?.({
        ...{ phase: 'wide', epoch: 0, step: iteration, steps: iterations, dev: undefined },
        rate: (words * iteration) / seconds,
        eta: (seconds / iteration) * (iterations - iteration),
      }),
  });
  return {
    model,
    part: partOf(model),
    weights: model.toState(),
    hiding: (sentences, isHidden, pause) => emissionsOf(model, sentences, pause, isHidden),
  };
}

/** @throws InputError where the tensors are not those of a wide part */
export function openWidePart({ folder, description, tensors }: StoredModel): TaggerPart {
  try {
    return partOf(WideModel.fromState(description.tags, tensors));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const path = join(folder, description.weights.file);
    throw new InputError(error.message, 'train the model again, or copy its folder again', { path });
  }
}

function partOf(model: WideModel): TaggerPart {
  return {
    transitions: model.transitions,
    emissions: (sentences, pause) => emissionsOf(model, sentences, pause),
    dispose: async () => undefined,
  };
}

async function emissionsOf(
  model: WideModel,
  sentences: readonly (readonly string[])[],
  pause: Pause,
  isHidden?: (word: string, sentence: number) => boolean,
): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (const [i, words] of sentences.entries()) {
    if (i > 0 && i % GROUP === 0) await pause();
    all.push(model.emissions(words, isHidden && ((word) => isHidden(word, i))));
  }
  return all;
}
