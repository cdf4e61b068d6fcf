// A training that starts from a trained model: its labels, its vocabulary and its weights are taken over, and grow where
// text and labels hold more.
import { join } from 'node:path';
import { Random, type State, type StateTensor } from '../tensor/index.ts';
import { InputError } from '../text/types.ts';
import type { DeepConfig } from './deep/config.ts';
import { Vocabulary } from './deep/vocabulary.ts';
import { deepShapes, deepSizes, firstWeights, TRANSITIONS, WORDS } from './deep/weights.ts';
import type { Frozen } from './frozen.ts';
import { readModel } from './model.ts';
import type { ModelDescription } from './model-schema.ts';
import type { TrainOptions } from './types.ts';
import { WideModel } from './wide/index.ts';
import { judgedOf } from './wide-part.ts';

/** A model to start from. */
export interface Start {
  readonly folder: string;
  readonly description: ModelDescription;
  readonly wide: WideModel | undefined;
  readonly deep: { readonly config: DeepConfig; readonly vocabulary: Vocabulary; readonly tensors: State } | undefined;
}

const SCRATCH = 'train from scratch';

/** @throws InputError for a folder that holds no model, or one for another task */
export async function readStart(folder: string, { task }: Pick<TrainOptions, 'task'>): Promise<Start> {
  const { description, vocabulary, tensors } = await readModel(folder);
  if (description.task !== task) {
    throw new InputError(`the model to start from is for ${description.task}, not ${task}`, SCRATCH, { path: folder });
  }
  const { deep } = description.configuration;
  try {
    const wide = description.parts === 'deep' ? undefined : WideModel.fromState(description.tags, judgedOf(tensors));
    const known = vocabulary && new Vocabulary(vocabulary.words, vocabulary.characters);
    return { folder, description, wide, deep: deep && known && { config: deep, vocabulary: known, tensors } };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(error.message, SCRATCH, { path: join(folder, description.weights.file) });
  }
}

/** @throws InputError where the model reads another encoder than the training, or word vectors of another width */
export function checkFrozen({ folder, deep, description }: Start, { encoder, vectors }: Frozen): void {
  if (deep === undefined) return;
  if (description.encoder?.fingerprint !== encoder?.fingerprint) {
    const what = description.encoder
      ? 'the model to start from reads another encoder'
      : 'the model to start from reads no encoder';
    throw new InputError(what, `name the one in its folder, or ${SCRATCH}`, { path: folder });
  }
  if (deep.config.vectors !== vectors?.dimension) {
    throw new InputError('the model to start from reads other word vectors', `name them, or ${SCRATCH}`, {
      path: folder,
    });
  }
}

/** The vocabulary of the model with the words and characters of the text behind its own. */
export function grownVocabulary(known: Vocabulary, text: Vocabulary): Vocabulary {
  const grown = (old: readonly string[], more: readonly string[]) => [...new Set([...old, ...more])];
  return new Vocabulary(grown(known.words, text.words), grown(known.characters, text.characters));
}

/**
 * The weights of the model in the places of a training's words, characters and tags; new ones get first weights.
 * @throws InputError where the deep parts have other sizes
 */
export function grownWeights(
  { folder, description, deep }: Start,
  config: DeepConfig,
  vocabulary: Vocabulary,
  tags: readonly string[],
  seed: number,
): State {
  const sizes = deepSizes(config, vocabulary.counts(tags.length));
  const weights = firstWeights(sizes, new Random(seed, 'weights'));
  const tagAt = description.tags.map((tag) => tags.indexOf(tag));
  const same = (count: number) => Array.from({ length: count }, (_, i) => i);
  for (const [name, shape] of Object.entries(deepShapes(sizes))) {
    const from = deep!.tensors[name];
    if (!from || from.shape.length !== shape.length) throw otherSizes(folder);
    const [rows = 1, columns = 1] = from.shape;
    // Words and characters stand where they stood: new ones come behind them.
    const isTagged = name === TRANSITIONS || name === 'tagger.out.bias';
    const rowAt = isTagged ? tagAt : same(rows);
    const columnAt = name === TRANSITIONS || name === 'tagger.out.weight' ? tagAt : same(columns);
    const grows = isTagged || name === WORDS || name === 'chars.embedding.weight';
    if ((!grows && rows !== shape[0]) || (columnAt !== tagAt && columns !== (shape[1] ?? 1))) throw otherSizes(folder);
    place(from, weights[name]!, rowAt, columnAt);
  }
  return weights;
}

/** Copies an array of rows and columns (one column where there are none) to other places. */
function place(from: StateTensor, to: StateTensor, rowAt: readonly number[], columnAt: readonly number[]): void {
  const width = to.shape[1] ?? 1;
  rowAt.forEach((row, r) => {
    columnAt.forEach((column, c) => {
      to.data[row * width + column] = from.data[r * columnAt.length + c]!;
    });
  });
}

function otherSizes(path: string): InputError {
  return new InputError('the deep part of the model to start from has other sizes', SCRATCH, { path });
}
