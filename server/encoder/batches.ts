// Sizes of batches: sentences of about the same length go together (specification, 2).

export interface BatchShape {
  /** Words of the longest sentence that is taken. */
  readonly maxLength: number;
  /** Words of a batch, padding included, at most; a batch has at least one sentence. */
  readonly words: number;
  /** How many lengths a bucket holds; default: so many that 20 buckets reach `maxLength`. */
  readonly width?: number;
}

/** Buckets of lengths, of which the last holds the longest sentences alone. */
export const BUCKETS = 21;

/** Shorter sentences teach a language model little. */
const SHORTEST = 3;

/** Whether sentences of this length are taken. */
export function isKept(length: number, { maxLength }: BatchShape): boolean {
  return length >= SHORTEST && length <= maxLength;
}

/** How many lengths a bucket holds. */
function widthOf({ maxLength, width }: BatchShape): number {
  return width ?? Math.floor((maxLength + 19) / 20);
}

/** Bucket of a sentence by its number of words. */
export function bucketOf(length: number, shape: BatchShape): number {
  return Math.min(BUCKETS - 1, Math.floor(length / widthOf(shape)));
}

/** Sentences of a full batch of a bucket. */
export function sentencesOf(bucket: number, shape: BatchShape): number {
  return Math.max(1, Math.floor(shape.words / (widthOf(shape) * (bucket + 1))));
}

/** Words of the longest sentence that a bucket can hold. */
export function timeOf(bucket: number, shape: BatchShape): number {
  if (bucket === BUCKETS - 1) return shape.maxLength;
  return Math.min(shape.maxLength, widthOf(shape) * (bucket + 1) - 1);
}
