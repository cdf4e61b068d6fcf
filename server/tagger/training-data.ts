// The data of a training, checked and divided.
import { labelOf, tagSetOf } from '../tags/index.ts';
import { Random } from '../tensor/index.ts';
import { InputError } from '../text/types.ts';
import type { LabelledSentence, TrainOptions } from './types.ts';

/** One sentence in so many is held out where no dev data is given. */
const HELD_OUT = 10;

export interface TrainingData {
  readonly train: readonly LabelledSentence[];
  readonly dev: readonly LabelledSentence[];
  /** All tags that the labels of `train` have in the model's scheme. */
  readonly tags: readonly string[];
}

const isLabelled = ({ tags }: LabelledSentence) => tags.some((tag) => tag !== undefined);

/**
 * Leaves out sentences without any label and holds out a tenth for dev where none is given. A single sentence is both.
 * @throws InputError where nothing is labelled; RangeError for a foreign tag or a weight that is no number above 0
 */
export function prepareData({ task, train, dev, seed = 1 }: TrainOptions): TrainingData {
  const labelled = train.filter(isLabelled);
  const labelledDev = dev?.filter(isLabelled);
  const remedy = 'label some sentences first';
  if (labelled.length === 0) throw new InputError('no sentence has a label', remedy, { path: 'training data' });
  if (labelledDev?.length === 0) throw new InputError('no sentence has a label', remedy, { path: 'dev data' });
  const divided = labelledDev ? { train: labelled, dev: labelledDev } : holdOut(labelled, seed);
  const scheme = task === 'pos' ? 'pos' : 'bio';
  const labels = new Set<string>();
  for (const { tags } of divided.train) {
    for (const tag of tags) {
      const label = labelOf(tag, scheme);
      if (label !== undefined) labels.add(label);
    }
  }
  const tags = tagSetOf([...labels].sort(), scheme);
  for (const sentence of divided.train) {
    const { weight = 1 } = sentence;
    if (!(weight > 0 && weight < Infinity)) throw new RangeError(`${weight} is no weight of a sentence`);
    const foreign = sentence.tags.find((tag) => tag !== undefined && !tags.includes(tag));
    if (foreign !== undefined) throw new RangeError(`${foreign} is no tag of the scheme ${scheme}`);
  }
  return { ...divided, tags };
}

function holdOut(sentences: readonly LabelledSentence[], seed: number) {
  if (sentences.length === 1) return { train: sentences, dev: sentences };
  const order = new Random(seed, 'held out').shuffle(sentences.map((_, i) => i));
  const held = new Set(order.slice(0, Math.ceil(sentences.length / HELD_OUT)));
  return {
    train: sentences.filter((_, i) => !held.has(i)),
    dev: sentences.filter((_, i) => held.has(i)),
  };
}
