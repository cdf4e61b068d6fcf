// Word vectors with fewer numbers from given ones, as `crosstag vectors --vectors` makes them.
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { reduceVectors } from '../encoder/vectors/reduce.ts';
import { readVectors, type WordVectors } from '../encoder/vectors/vector-file.ts';
import { InputError } from '../text/index.ts';
import { plural, say } from './output.ts';
import type { Arguments, Made, Means } from './vectors-options.ts';

/** As many as MUSE publishes; files begin with the most frequent words. */
const MOST = 200_000;

/** @throws InputError for files that cannot be read, of unlike dimensions, or without more numbers than are asked for */
export async function vectorsFromVectors(
  { dimension, most = MOST }: Arguments,
  { files, signal }: Means,
): Promise<Made> {
  const given: WordVectors[] = [];
  for (const { language, path } of files) {
    say(`reading the vectors of ${language}`);
    const vectors = await readVectors(path, { most });
    const { dimension: first } = given[0] ?? vectors;
    if (vectors.dimension !== first) {
      const what = `the vectors have ${vectors.dimension} dimensions, those of ${files[0]!.language} ${first}`;
      throw new InputError(what, 'give vectors that lie in one space', { path, line: 1 });
    }
    if (first <= dimension) {
      const what = `the vectors have ${first} dimensions, no more than the ${dimension} that are asked for`;
      throw new InputError(what, 'take them as they are, or give a smaller --dimension', { path, line: 1 });
    }
    given.push(vectors);
    signal.throwIfAborted();
  }
  const { languages, kept } = await reduceVectors(given, dimension, async () => {
    await setImmediate(); // Ctrl+C is heard here
    signal.throwIfAborted();
  });
  const counts = languages.map(({ words }, i) => `${plural(words.length, 'word')} of ${files[i]!.language}`);
  const before = given[0]!.dimension;
  return {
    languages: languages.map((vectors, i) => {
      const { language, path } = files[i]!;
      return { language, vectors, from: { given: { name: basename(path), dimension: before } } };
    }),
    facts: { kept, settings: { dimension, most } },
    summary: `${counts.join(', ')}, ${dimension} dimensions with ${(100 * kept).toFixed(1)}% of what all ${before} hold`,
    json: { mapped: null, kept },
  };
}
