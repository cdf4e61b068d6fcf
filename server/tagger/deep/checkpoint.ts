// The state of an interrupted training on disk, `<out>.training`: all that the rest of the training depends on.
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensors, type State, writeSafetensors } from '../../tensor/index.ts';
import { readableFolder, writeFolder } from '../folder.ts';

const count = z.number().int().nonnegative();

const positionSchema = z.strictObject({
  /** Steps done; epoch (from 1) and batches of it that are done. */
  step: count,
  epoch: count,
  batch: count,
  progress: z.strictObject({ best: z.number(), bestStep: count, bestEpoch: count }),
  /** Seconds of training so far. */
  seconds: z.number(),
});

const headSchema = z.strictObject({
  /** Of everything that the training is a function of: another training's checkpoint is not taken up. */
  fingerprint: z.string(),
  sha256: z.strictObject({ state: z.string(), best: z.string() }),
  position: positionSchema,
});

/** How far a training is. */
export type Position = z.infer<typeof positionSchema>;

export interface Checkpoint {
  readonly position: Position;
  /** Weights and moments. */
  readonly state: State;
  /** Weights of the best epoch so far; empty before the first score. */
  readonly best: State;
}

const HEAD = 'training.json';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Replaces the checkpoint in `folder`: whoever reads finds the old one or the new one, whole. */
export async function writeCheckpoint(folder: string, fingerprint: string, checkpoint: Checkpoint): Promise<void> {
  const state = writeSafetensors(checkpoint.state);
  const best = writeSafetensors(checkpoint.best);
  const hashes = { state: sha256(state), best: sha256(best) };
  const head = headSchema.parse({ fingerprint, sha256: hashes, position: checkpoint.position });
  const files = new Map<string, Uint8Array | string>([
    ['state.safetensors', state],
    ['best.safetensors', best],
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
    const read = async (name: 'state' | 'best') => {
      const path = join(place, `${name}.safetensors`);
      const bytes = await readFile(path);
      return sha256(bytes) === head.sha256[name] ? readSafetensors(bytes, path) : undefined;
    };
    const [state, best] = [await read('state'), await read('best')];
    return state && best && { position: head.position, state, best };
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
