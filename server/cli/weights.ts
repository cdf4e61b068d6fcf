// Weights that are given with what they are for: `--weights own.conll=2`, `--weights sw=2`.

/** What weights may be given for. */
export interface Weighted {
  /** As `FILE`. */
  readonly what: string;
  /** The flag that has named them, and their names. */
  readonly flag: string;
  readonly names: readonly string[];
}

/**
 * The weights by name.
 * @throws Error for another form, a weight that is no number above 0, and names that are not there or there twice
 */
export function readWeights(
  given: readonly string[] = [],
  { what, flag, names }: Weighted,
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
