// When further labelling stops paying: successive models agree on text that nobody has labelled (Bloodgood and
// Vijay-Shanker, CoNLL 2009).

type Tags = readonly string[];

/** So many agreements in a row must reach the threshold, on average. */
export const STOP_WINDOW = 3;

/**
 * Cohen's kappa of two models over the tokens of the same sentences: 1 for the same tags everywhere, 0 for what chance
 * would give. No tokens agree.
 * @throws RangeError where they differ in sentences or tokens
 */
export function kappa(one: readonly Tags[], other: readonly Tags[]): number {
  const counts = [new Map<string, number>(), new Map<string, number>()];
  let [tokens, same] = [0, 0];
  if (one.length !== other.length) throw new RangeError('two models, two numbers of sentences');
  one.forEach((tags, s) => {
    if (other[s]!.length !== tags.length) throw new RangeError(`sentence ${s} has two lengths`);
    tags.forEach((tag, t) => {
      const pair = [tag, other[s]![t]!];
      pair.forEach((each, i) => {
        counts[i]!.set(each, (counts[i]!.get(each) ?? 0) + 1);
      });
      tokens++;
      if (pair[0] === pair[1]) same++;
    });
  });
  if (same === tokens) return 1;
  let chance = 0;
  for (const [tag, count] of counts[0]!) chance += (count / tokens) * ((counts[1]!.get(tag) ?? 0) / tokens);
  return (same / tokens - chance) / (1 - chance);
}

/**
 * Whether labelling may stop.
 * @param agreements kappa of each model with the one before it, oldest first
 * @param threshold the mean of the last `STOP_WINDOW` of them that is enough
 */
export function mayStop(agreements: readonly number[], threshold: number): boolean {
  if (agreements.length < STOP_WINDOW) return false;
  const last = agreements.slice(-STOP_WINDOW);
  return last.reduce((sum, value) => sum + value, 0) / STOP_WINDOW >= threshold;
}
