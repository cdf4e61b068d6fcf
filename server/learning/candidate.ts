// The model of a run between its training and its comparison. What it was trained for is noted beside it, so that a run that
// was cut off when it was compared does not train it again.
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { version } from '../../package.json';
import { hashSentences, readModel, type TrainOptions } from '../tagger/index.ts';
import { parseJson, sha256 } from '../text/folder.ts';
import { fileError, writeFileAtomic } from '../text/index.ts';
import type { Files } from '../workspace/host.ts';

const note = z.object({
  /** What `hashOfTraining` says. */
  training: z.string(),
});

const noteOf = (candidate: string) => `${candidate}.json`;

/**
 * SHA-256 of what a training is a function of.
 * @param start SHA-256 of the weights that it starts from
 * @param encoder fingerprint of the encoder that it reads
 */
export function hashOfTraining(
  { train, dev, targetDev, wide, signal: _, ...options }: TrainOptions,
  start: string | undefined,
  encoder: string | undefined,
): string {
  const sentences = [train, dev, targetDev, wide?.train].map((each) => each && hashSentences(each));
  const all = [version, sentences, { ...wide, train: undefined }, options, start, encoder];
  return sha256(JSON.stringify(all));
}

/**
 * Whether the candidate is there already, whole, and comes from this training. Where it is not, its place is free then for this
 * training, which is noted before it begins: however it ends, a model that appears there is its own.
 * @param candidate its folder
 * @param training as `hashOfTraining` says
 * @throws InputError where that cannot be noted
 */
export async function isTrained(files: Files, candidate: string, training: string): Promise<boolean> {
  const path = noteOf(candidate);
  const bytes = await files.read(path);
  const noted = note.safeParse(bytes && parseJson(new TextDecoder().decode(bytes))).data;
  if (noted?.training === training && (await isWhole(candidate))) return true;
  try {
    // The note first: half of a removed model is nobody's.
    await forget(candidate);
    await rm(candidate, { recursive: true, force: true });
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw fileError(error, path);
  }
  await writeFileAtomic(path, `${JSON.stringify({ training })}\n`);
  return false;
}

/** What it was trained for is of no use any more: it has got its version, or is not wanted. */
export async function forget(candidate: string): Promise<void> {
  await rm(noteOf(candidate), { force: true });
}

function isWhole(folder: string): Promise<boolean> {
  return readModel(folder).then(
    () => true,
    () => false,
  );
}
