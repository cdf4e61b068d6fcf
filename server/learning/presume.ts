// What the documents of a workspace teach beyond what people have decided in them.
import { hasNamesAlone, type LabelledSentence, presumeOutside } from '../tagger/index.ts';
import type { Task } from '../text/index.ts';
import { type Means, withModel } from './measure.ts';

/**
 * The sentences, those with names alone as far as the model in use can complete them.
 * @param model folder of the model; undefined: there is none
 * @throws InputError for a model that cannot be loaded; the signal's reason when it is aborted
 */
export async function presumed<S extends LabelledSentence>(
  sentences: readonly S[],
  task: Task,
  model: string | undefined,
  means: Means,
): Promise<readonly S[]> {
  if (task === 'pos' || !sentences.some(hasNamesAlone)) return sentences;
  if (model === undefined) return presumeOutside(sentences, undefined);
  const asked = sentences.flatMap((sentence, i) => (hasNamesAlone(sentence) ? [i] : []));
  const given = await withModel(model, means, (loaded) => loaded.outside(asked.map((i) => sentences[i]!)));
  const outside = new Map(asked.map((i, k) => [i, given[k]!]));
  return presumeOutside(sentences, (i) => outside.get(i)!);
}
