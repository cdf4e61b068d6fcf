// Folders of word vectors: `<language>.vec` for each language, and vectors.json, which says how they were made.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { checkReplaceable, parseJson, readableFolder, writeFolder } from '../../text/folder.ts';
import { fileError, InputError } from '../../text/index.ts';
import { encodeVectors, type WordVectors } from './vector-file.ts';

const FORMAT = 'crosstag-vectors';
const DESCRIPTION = 'vectors.json';
const KIND = { name: 'word vectors', file: DESCRIPTION, format: FORMAT };

/**
 * Whether vectors of these languages may be written to `folder`: nothing is there, or an empty folder, or older vectors of them.
 * @throws InputError before anything else is replaced
 */
export async function checkVectorsFolder(folder: string, languages: readonly string[]): Promise<void> {
  await checkReplaceable(folder, KIND);
  const text = await readFile(join(await readableFolder(folder), DESCRIPTION), 'utf8').catch(() => '');
  const found = described.safeParse(parseJson(text));
  const others = found.success ? found.data.languages.map(({ language }) => language) : languages;
  if (others.every((language) => languages.includes(language))) return;
  const remedy = 'name another folder, for vectors of other languages lie in another space; or remove this one';
  throw new InputError(`vectors of ${others.join(' and ')} are there`, remedy, { path: folder });
}

const described = z.object({ languages: z.array(z.object({ language: z.string() })) });

export interface DescribedVectors {
  readonly language: string;
  readonly vectors: WordVectors;
  /** What they were made from, for the record. */
  readonly from: Readonly<Record<string, unknown>>;
}

/**
 * Writes the vectors of all languages and what made them; older vectors there are replaced when all is on the disk, other files stay.
 * @param facts settings, seed and versions, for the record
 * @throws InputError where the disk is full or may not be written to
 */
export async function writeVectorsFolder(
  folder: string,
  languages: readonly DescribedVectors[],
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  await checkVectorsFolder(
    folder,
    languages.map(({ language }) => language),
  );
  const files = new Map<string, Uint8Array | string>();
  const described = languages.map(({ language, vectors, from }) => {
    const file = `${language}.vec`;
    const bytes = encodeVectors(vectors);
    files.set(file, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { language, file, sha256, words: vectors.words.length, dimension: vectors.dimension, ...from };
  });
  const description = { format: FORMAT, version: 1, languages: described, ...facts };
  files.set(DESCRIPTION, `${JSON.stringify(description, undefined, 2)}\n`);
  await writeFolder(folder, files, { kind: KIND });
}

/**
 * The file with the vectors of a language: `<language>.vec` or `<language>.<anything>.vec`, plain or `.gz`.
 * @throws InputError where there is none or more than one, or the folder cannot be read
 */
export async function findVectors(folder: string, language: string): Promise<string> {
  const place = await readableFolder(folder);
  const remedy = 'name the folder of an encoder, or one with a file `<language>.vec` for each language';
  const names = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw fileError(error, folder);
    throw new InputError('no such folder', remedy, { path: folder });
  });
  const found = names.filter((name) => name.startsWith(`${language}.`) && /\.vec(?:\.gz)?$/.test(name)).sort();
  if (found.length === 1) return join(place, found[0]!);
  if (found.length === 0) {
    throw new InputError(`there is neither an encoder nor a file ${language}.vec`, remedy, { path: folder });
  }
  const what = `${found.join(' and ')} could both be the vectors of ${language}`;
  throw new InputError(what, 'keep one of them in the folder', { path: folder });
}
