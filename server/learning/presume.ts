// What the labels of a workspace teach beyond what people have decided.
import { hasNamesAlone, type LabelledSentence, presumeCertain, presumeOutside } from '../tagger/index.ts';
import type { Task } from '../text/index.ts';
import type { Unit } from './acquisition/index.ts';
import { type Means, withModel } from './measure.ts';

export interface PresumeOptions extends Means {
  readonly task: Task;
  /** Folder of the model in use; undefined: there is none. */
  readonly model: string | undefined;
  /** What people are asked for. */
  readonly unit: Unit | undefined;
}

/**
 * The sentences, those with names alone completed: as far as the model in use is certain, or where there is none by taking people
 * at their word. Where single spans or tokens are asked, nobody has said that the rest of the sentence holds no name.
 * @throws InputError for a model that cannot be loaded; the signal's reason when it is aborted
 */
export async function presumed<S extends LabelledSentence>(
  sentences: readonly S[],
  { task, model, unit, ...means }: PresumeOptions,
): Promise<readonly S[]> {
  if (task === 'pos' || !sentences.some(hasNamesAlone)) return sentences;
  if (model === undefined) return isWhole(unit) ? presumeOutside(sentences, true) : sentences;
  const asked = sentences.flatMap((sentence, i) => (hasNamesAlone(sentence) ? [i] : []));
  const given = await withModel(model, means, (loaded) => loaded.outside(asked.map((i) => sentences[i]!)));
  const outside = new Map(asked.map((i, k) => [i, given[k]!]));
  return presumeCertain(sentences, (i) => outside.get(i)!);
}

/** Whether whole sentences are asked, as they are where nothing is said. */
export function isWhole(unit: Unit | undefined): boolean {
  return unit === undefined || unit === 'sentence';
}
