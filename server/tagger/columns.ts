// A model's scores for more tags than it knows: labels that people have added since it was trained.
import type { Tagger } from './types.ts';

/**
 * A base's scores of a sentence in more columns: a tag that it does not know is as unlikely as its least likely one.
 * @param given [time, tags of the base]
 */
export function emissionsFor(
  given: Float32Array,
  { tags: { length: known } }: Tagger,
  tags: readonly string[],
): Float32Array {
  if (tags.length === known) return given;
  const time = given.length / known;
  const out = new Float32Array(time * tags.length);
  for (let t = 0; t < time; t++) {
    const row = given.subarray(t * known, (t + 1) * known);
    out.fill(Math.min(...row), t * tags.length, (t + 1) * tags.length);
    out.set(row, t * tags.length);
  }
  return out;
}

/** A base's transitions in more columns: those that it does not know are as likely as its average one. */
export function transitionsFor(base: Tagger, tags: readonly string[]): Float32Array {
  const known = base.tags.length;
  if (tags.length === known) return base.transitions;
  const average = base.transitions.reduce((sum, score) => sum + score, 0) / known ** 2;
  const out = new Float32Array(tags.length ** 2).fill(average);
  for (let from = 0; from < known; from++) {
    out.set(base.transitions.subarray(from * known, (from + 1) * known), from * tags.length);
  }
  return out;
}
