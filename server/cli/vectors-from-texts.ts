// Word vectors of two languages from their texts, as `crosstag vectors --text` makes them.
import { largestOf } from '../encoder/memory.ts';
import { makeVectors, SELF_LEARNING } from '../encoder/vectors/make-vectors.ts';
import { requireVectorsMemory } from '../encoder/vectors/memory.ts';
import { COUNTING } from '../encoder/vectors/train-words.ts';
import { fileError } from '../text/index.ts';
import { plural, sayNeed } from './output.ts';
import { startProgress } from './progress.ts';
import type { Arguments, Made, Means } from './vectors-options.ts';
import { showVectors } from './vectors-progress.ts';

const MOST = 50_000;

/** @throws InputError as `makeVectors` does, and where the machine has too little memory for it */
export async function vectorsFromTexts(
  { dimension, most = MOST, seed, out }: Arguments,
  { files, pairs, ...means }: Means,
): Promise<Made> {
  sayNeed(requireVectorsMemory({ dimension, most }, await largestOf(files)));
  const [first, second] = files;
  const settings = { texts: [first!, second!] as const, pairs, dimension, most, seed, ...means };
  const progress = startProgress();
  const made = await makeVectors({ ...settings, out, progress: showVectors(progress) })
    .catch((error: unknown) => {
      throw fileError(error, out);
    })
    .finally(() => progress.stop());
  const { identical, rounds, objective } = made;
  const languages = made.languages.map((vectors, i) => {
    const corpus = { sha256: vectors.sha256, words: vectors.corpusWords };
    return { language: files[i]!.language, vectors, from: { corpus } };
  });
  const start = [
    ...(identical > 0 ? [plural(identical, 'identical string')] : []),
    ...(made.pairs > 0 ? [`${plural(made.pairs, 'pair')} of the list`] : []),
  ];
  const learnt = rounds > 0 ? ` and ${plural(rounds, 'round')} of self-learning` : '';
  return {
    languages,
    facts: {
      alignment: { identical, pairs: made.pairs, rounds, objective },
      settings: { dimension, most, ...COUNTING, ...SELF_LEARNING },
      ...(pairs !== undefined && { word_list: { sha256: pairs.sha256 } }),
      seed,
    },
    summary: `aligned by ${start.join(', ')}${learnt}`,
    json: { mapped: { identical, pairs: made.pairs, rounds, similarity: objective } },
  };
}
