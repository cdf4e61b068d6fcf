// The state of an interrupted training on disk, `<out>.training`: all that the rest of the training depends on.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readSafetensors, type State, safetensorsParts } from '../../tensor/index.ts';
import {
  type Content,
  exists,
  isDamage,
  parseJson,
  readableFolder,
  removeFolder,
  sha256,
  writeFolder,
} from '../../text/folder.ts';
import { InputError } from '../../text/index.ts';

const count = z.number().int().nonnegative();

const positionSchema = z.strictObject({
  /** Steps done; epoch (from 1) and batches of it that are done. */
  step: count,
  epoch: count,
  batch: count,
  /** Of each judge; one that is over takes no better score any more. */
  judges: z.array(
    z.strictObject({
      progress: z.strictObject({ best: z.number(), bestStep: count, bestEpoch: count }),
      over: z.boolean(),
    }),
  ),
  /** Seconds of training so far. */
  seconds: z.number(),
});

const headSchema = z.strictObject({
  /** Of everything that the training is a function of: another training's checkpoint is not taken up. */
  fingerprint: z.string(),
  sha256: z.strictObject({ state: z.string(), best: z.array(z.string()) }),
  position: positionSchema,
});

/** How far a training is. */
export type Position = z.infer<typeof positionSchema>;

export interface Checkpoint {
  readonly position: Position;
  /** Weights and moments. */
  readonly state: State;
  /** Weights of the best epoch so far, by judge; empty before the first score. */
  readonly best: readonly State[];
}

const HEAD = 'training.json';
const STATE = 'state.safetensors';
const bestFile = (judge: number) => `best-${judge + 1}.safetensors`;

/**
 * Replaces the checkpoint in `folder`: whoever reads finds the old one or the new one, whole.
 * @throws InputError where something else is there by now
 */
export async function writeCheckpoint(folder: string, fingerprint: string, checkpoint: Checkpoint): Promise<void> {
  await checkCheckpointFolder(folder);
  const state = safetensorsParts(checkpoint.state);
  const best = checkpoint.best.map(safetensorsParts);
  const hashes = { state: sha256(...state), best: best.map((parts) => sha256(...parts)) };
  const head = headSchema.parse({ fingerprint, sha256: hashes, position: checkpoint.position });
  const files = new Map<string, Content>([
    [STATE, state],
    ...best.map((parts, judge) => [bestFile(judge), parts] as const),
    [HEAD, JSON.stringify(head)],
  ]);
  await writeFolder(folder, files);
}

/**
 * Whether a checkpoint may be written: nothing is there, or an older one.
 * @throws InputError for anything else, the checkpoint of a pre-training too: it is somebody's. The system's error where it
 * cannot be read
 */
export async function checkCheckpointFolder(folder: string): Promise<void> {
  const place = await readableFolder(folder);
  if (!(await exists(place)) || (await readHead(place))) return;
  const remedy = 'name another folder for the model, or move this one away';
  throw new InputError("this is not the checkpoint of a tagger's training", remedy, { path: folder });
}

/**
 * The checkpoint of the training with this fingerprint; undefined where there is none, or a damaged one: a training of
 * minutes begins anew.
 * @param warn told of a damaged one, and of one that is left aside
 * @throws InputError where something else than a checkpoint is there; the system's error where a file cannot be read
 */
export async function readCheckpoint(
  folder: string,
  fingerprint: string,
  warn: (message: string) => void,
): Promise<Checkpoint | undefined> {
  await checkCheckpointFolder(folder);
  const place = await readableFolder(folder);
  const head = await readHead(place);
  if (head === undefined) return undefined;
  if (head.fingerprint !== fingerprint) {
    const { step, epoch } = head.position;
    const what = `an unfinished training on other data or with other settings is there (step ${step}, epoch ${epoch})`;
    warn(`${folder}: ${what}; training begins anew, and takes its place`);
    return undefined;
  }
  try {
    return await readFiles(place, head);
  } catch (error) {
    if (!isDamage(error)) throw error;
    warn(`${folder}: the checkpoint is damaged (${basename(error.path)}); training begins anew`);
    return undefined;
  }
}

type Head = z.infer<typeof headSchema>;

/** Undefined where there is none. @throws the system's error where the file cannot be read */
async function readHead(place: string): Promise<Head | undefined> {
  try {
    return headSchema.safeParse(parseJson(await readFile(join(place, HEAD), 'utf8'))).data;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** @throws InputError where a file is damaged; the system's error where it cannot be read */
async function readFiles(place: string, { position, sha256: hashes }: Head): Promise<Checkpoint> {
  const best: State[] = [];
  for (const [judge, hash] of hashes.best.entries()) best.push(await readState(join(place, bestFile(judge)), hash));
  return { position, state: await readState(join(place, STATE), hashes.state), best };
}

async function readState(path: string, hash: string): Promise<State> {
  const bytes = await readFile(path);
  if (sha256(bytes) === hash) return readSafetensors(bytes, path);
  throw new InputError('the file is not as it was written', 'remove its folder to begin anew', { path });
}

/** Removes the checkpoint when the training is done. @throws InputError where something else is there by now */
export async function removeCheckpoint(folder: string): Promise<void> {
  await checkCheckpointFolder(folder);
  await removeFolder(folder);
}
