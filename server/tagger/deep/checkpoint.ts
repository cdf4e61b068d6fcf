// The state of an interrupted training on disk, `<out>.training`: all that the rest of the training depends on.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensors, type State, writeSafetensors } from '../../tensor/index.ts';
import { readableFolder, sha256, writeFolder } from '../../text/folder.ts';

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

/** The checkpoint of the training with this fingerprint; undefined where there is none, or a damaged one. */
export async function readCheckpoint(folder: string, fingerprint: string): Promise<Checkpoint | undefined> {
  const place = await readableFolder(folder);
  try {
    const head = headSchema.parse(JSON.parse(await readFile(join(place, HEAD), 'utf8')));
    if (head.fingerprint !== fingerprint) return undefined;
    const read = async (name: string, hash: string) => {
      const path = join(place, name);
      const bytes = await readFile(path);
      if (sha256(bytes) !== hash) throw new Error(`${path} is damaged`);
      return readSafetensors(bytes, path);
    };
    const best: State[] = [];
    for (const [judge, hash] of head.sha256.best.entries()) best.push(await read(bestFile(judge), hash));
    return { position: head.position, state: await read(STATE, head.sha256.state), best };
  } catch {
    // Whatever is wrong with it, the training can be done without it.
    return undefined;
  }
}

/** Removes the checkpoint when the training is done. */
export async function removeCheckpoint(folder: string): Promise<void> {
  for (const place of new Set([folder, await readableFolder(folder)]))
    await rm(place, { recursive: true, force: true });
}
