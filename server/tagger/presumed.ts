// People who label names often decide nothing else. Learnt from as they stand, such sentences say of no token that it is not a
// name, and soon everything is one: what is between the names has to be presumed.
import { OUTSIDE } from '../tags/index.ts';
import type { LabelledSentence } from './types.ts';

/**
 * Probability from which on a model is believed that a token is outside of all names. Measured (docs/learning.md): 0.9 to 0.99
 * score the same; at 0.5 names that were passed over are unlearnt.
 */
const CERTAIN = 0.95;

/**
 * With fewer tokens outside for each token of a name, people seem to label names alone. Measured: text as it is has 6 to 8;
 * sentences of which one doubtful span or token was asked, where to presume would be wrong, 0.6 to 1.
 */
const ONE_SIDED = 0.4;

/** Whether names are decided in it and no token outside of them: something is presumed of the others. */
export function hasNamesAlone({ tags }: LabelledSentence): boolean {
  return tags.includes(undefined) && !tags.includes(OUTSIDE) && tags.some((tag) => tag !== undefined);
}

/**
 * In sentences with names alone, `O` for the undecided tokens that a model is certain of. Other sentences stay as they are: who
 * decides `O` has said what is to be known. For tags of names, not of parts of speech.
 * @param outside probability, by the model, that each token of a sentence is outside: [time]
 */
export function presumeCertain<S extends LabelledSentence>(
  sentences: readonly S[],
  outside: (sentence: number) => Float32Array,
): readonly S[] {
  return sentences.map((sentence, i) => {
    if (!hasNamesAlone(sentence)) return sentence;
    const certain = outside(i);
    return { ...sentence, tags: sentence.tags.map((tag, t) => tag ?? (certain[t]! >= CERTAIN ? OUTSIDE : undefined)) };
  });
}

/**
 * Without a model nothing can be learnt from names alone: then all other tokens of such sentences are `O`. For tags of names.
 * @param always false: only where hardly any token outside of names is decided in all the sentences that are not decided throughout
 */
export function presumeOutside<S extends LabelledSentence>(sentences: readonly S[], always: boolean): readonly S[] {
  if (!always && !hasMostlyNames(sentences)) return sentences;
  return sentences.map((sentence) =>
    hasNamesAlone(sentence) ? { ...sentence, tags: sentence.tags.map((tag) => tag ?? OUTSIDE) } : sentence,
  );
}

function hasMostlyNames(sentences: readonly LabelledSentence[]): boolean {
  let names = 0;
  let outside = 0;
  for (const { tags } of sentences) {
    // A sentence that is decided throughout says nothing about how others are labelled
    if (!tags.includes(undefined)) continue;
    for (const tag of tags) {
      if (tag === OUTSIDE) outside++;
      else if (tag !== undefined) names++;
    }
  }
  return outside < ONE_SIDED * names;
}
