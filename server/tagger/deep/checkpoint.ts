// The state of an interrupted training on disk, `<out>.training`: all that the rest of the training depends on.

import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readSafetensors, type State, writeSafetensors } from '../../tensor/index.ts';
import { exists, isDamage, parseJson, readableFolder, sha256, writeFolder } from '../../text/folder.ts';
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

/** Replaces the checkpoint in `folder`: whoever reads finds the old one or the new one, whole. */
export async function writeCheckpoint(folder: string, fingerprint: string, checkpoint: Checkpoint): Promise<void> {
  const state = writeSafetensors(checkpoint.state);
  const best = checkpoint.best.map(writeSafetensors);
  const hashes = { state: sha256(state), best: best.map((bytes) => sha256(bytes)) };
  const head = headSchema.parse({ fingerprint, sha256: hashes, position: checkpoint.position });
  const files = new Map<string, Uint8Array | string>([
    [STATE, state],
    ...best.map((bytes, judge) => [bestFile(judge), bytes] as const),
    [HEAD, JSON.stringify(head)],
  ]);
  await writeFolder(folder, files);
}

/**
 * The checkpoint of the training with this fingerprint; undefined where there is none, or a damaged one: a training of
 * minutes begins anew.
 * @param warn told of a damaged one
 * @throws the system's error where a file cannot be read
 */
export async function readCheckpoint(
  folder: string,
  fingerprint: string,
  warn: (message: string) => void,
): Promise<Checkpoint | undefined> {
  const place = await readableFolder(folder);
  if (!(await exists(place))) return undefined;
  try {
    return await readFiles(place, fingerprint);
  } catch (error) {
    if (!isDamage(error)) throw error;
    warn(`${folder}: the checkpoint is damaged (${basename(error.path)}); training begins anew`);
    return undefined;
  }
}

/** @throws InputError where a file is damaged; the system's error where it cannot be read */
async function readFiles(place: string, fingerprint: string): Promise<Checkpoint | undefined> {
  const path = join(place, HEAD);
  const parsed = headSchema.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!parsed.success) return notAsWritten(path);
  const head = parsed.data;
  if (head.fingerprint !== fingerprint) return undefined;
  const best: State[] = [];
  for (const [judge, hash] of head.sha256.best.entries())
    best.push(await readState(join(place, bestFile(judge)), hash));
  return { position: head.position, state: await readState(join(place, STATE), head.sha256.state), best };
}

async function readState(path: string, hash: string): Promise<State> {
  const bytes = await readFile(path);
  return sha256(bytes) === hash ? readSafetensors(bytes, path) : notAsWritten(path);
}

function notAsWritten(path: string): never {
  throw new InputError('the file is not as it was written', 'remove its folder to begin anew', { path });
}

/** Removes the checkpoint when the training is done. */
export async function removeCheckpoint(folder: string): Promise<void> {
  for (const place of new Set([folder, await readableFolder(folder)]))
    await rm(place, { recursive: true, force: true });
}
