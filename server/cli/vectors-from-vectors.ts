// Word vectors with fewer numbers from given ones, as `crosstag vectors --vectors` makes them.
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sha256OfFile } from '../encoder/corpus.ts';
import { largestOf } from '../encoder/memory.ts';
import { requireReducingMemory } from '../encoder/vectors/memory.ts';
import { reduceVectors } from '../encoder/vectors/reduce.ts';
import { readVectors, type WordVectors } from '../encoder/vectors/vector-file.ts';
import { InputError } from '../text/index.ts';
import type { LanguageFile } from './language-files.ts';
import { say, sayNeed } from './output.ts';
import type { Arguments, Made, Means } from './vectors-options.ts';

/** As many as MUSE publishes; files begin with the most frequent words. */
const MOST = 200_000;

/** @throws InputError for files that cannot be read, of unlike dimensions, or without more numbers than are asked for */
export async function vectorsFromVectors(
  { dimension, most = MOST }: Arguments,
  { files, signal }: Means,
): Promise<Made> {
  const before = await dimensionOf(files, dimension);
  const sizes = { languages: files.length, most, before, dimension };
  sayNeed(requireReducingMemory(sizes, await largestOf(files)));
  if (files.length === 1) {
    say(
      'warning: the vectors of other languages must be brought down by the same command: alone they lose their place',
    );
  }
  const given: WordVectors[] = [];
  const from: Record<string, unknown>[] = [];
  for (const { language, path } of files) {
    say(`reading the vectors of ${language}`);
    const vectors = await readVectors(path, { most, signal });
    if (vectors.words.length === 0) {
      throw new InputError('there is no word in it', 'copy the file anew', { path });
    }
    given.push(vectors);
    from.push({ given: { name: basename(path), dimension: before, sha256: await sha256OfFile(path, signal) } });
  }
  const { languages, kept } = await reduceVectors(given, dimension, async () => {
    await setImmediate(); // Ctrl+C is heard here
    signal.throwIfAborted();
  });
  return {
    languages: languages.map((vectors, i) => ({ language: files[i]!.language, vectors, from: from[i]! })),
    facts: { kept, settings: { dimension, most } },
    summary: `${dimension} dimensions with ${(100 * kept).toFixed(1)}% of what all ${before} hold`,
    json: { mapped: null, kept },
  };
}

/** That of the vectors, asked before anything is read that takes long. */
async function dimensionOf(files: readonly LanguageFile[], wanted: number): Promise<number> {
  let first: number | undefined;
  for (const { path } of files) {
    const { dimension } = await readVectors(path, { most: 0 });
    if (first !== undefined && dimension !== first) {
      const what = `the vectors have ${dimension} dimensions, those of ${files[0]!.language} ${first}`;
      throw new InputError(what, 'give vectors that lie in one space', { path, line: 1 });
    }
    if (dimension <= wanted) {
      const what = `the vectors have ${dimension} dimensions, no more than the ${wanted} that are asked for`;
      throw new InputError(what, 'take them as they are, or give a smaller --dimension', { path, line: 1 });
    }
    first = dimension;
  }
  return first!;
}
