// The hold-out: sentences that are kept for measuring, and for nothing else. Who decides is the content of the sentence, so
// that copies of it, in whatever file, are on the same side.
import { createHash } from 'node:crypto';
import { LEARNING_DEFAULTS } from '../workspace/project-schema.ts';

/**
 * Whether the sentence with this hash (`contentHash`) is kept for measuring. Of many sentences `share` are; those of a
 * smaller share are among those of a larger one.
 * @param share 0 to 1
 */
export function isHeldOut(hash: string, share: number = LEARNING_DEFAULTS.holdout, seed = 1): boolean {
  return drawn(`${seed}/held out/${hash}`) < share;
}

/**
 * Whether the sentence, one of those that are trained on, helps to choose the model while it is trained (`share` of them).
 * Independent of `isHeldOut`.
 */
export function isForChoosing(hash: string, share: number, seed = 1): boolean {
  return drawn(`${seed}/choosing/${hash}`) < share;
}

/** A number from [0, 1) that the text alone decides. */
function drawn(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE() / 2 ** 32;
}
