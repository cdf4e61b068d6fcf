// Weights that are given with what they are for: `--weights own.conll=2`, `--weights sw=2`.

/**
 * The weights by name.
 * @param what they are for, as `FILE`
 * @param names those that `flag` has given
 * @throws Error for another form, a weight that is no number above 0, and names that are not there or there twice
 */
export function readWeights(
  what: string,
  given: readonly string[] = [],
  flag: string,
  names: readonly string[],
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const argument of given) {
    const [, name, number] = /^(.+)=([^=]+)$/s.exec(argument) ?? [];
    const weight = Number(number);
    if (name === undefined || !(weight > 0 && weight < Infinity)) {
      throw new Error(`--weights takes ${what}=W with a number W above 0, not ${argument}`);
    }
    if (!names.includes(name)) throw new Error(`--weights: ${name} is not among those of ${flag}`);
    if (weights.has(name)) throw new Error(`--weights names ${name} twice`);
    weights.set(name, weight);
  }
  return weights;
}
