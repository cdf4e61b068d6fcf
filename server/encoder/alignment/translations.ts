// Embeddings of words that mean the same pulled together: identical strings, and given translations (spec section 5).
import type { Random } from '../../tensor/index.ts';
import type { RowGradients } from '../row-gradients.ts';

/** Rows of the tables of two languages whose words are translations of each other. */
export interface SharedRows {
  readonly first: number;
  readonly second: number;
  /** [pairs, 2]: a row of the first, a row of the second. */
  readonly rows: Int32Array;
}

/** Ranks below it tell little about how frequent a word is. */
const FIRST_RANKS = 10;

/**
 * The words that stand in both vocabularies, `<eos>` and `<unk>` among them.
 * @param vocabularies the most frequent words first
 * @param ratio words of letters whose ranks differ by a larger factor are left out: they mean different things
 */
export function identicalStrings(
  vocabularies: readonly { readonly words: readonly string[]; readonly index: ReadonlyMap<string, number> }[],
  ratio = Number.POSITIVE_INFINITY,
): SharedRows[] {
  return vocabularies.flatMap((a, first) =>
    vocabularies.slice(first + 1).map((b, k) => {
      const rows: number[] = [];
      a.words.forEach((word, row) => {
        const other = b.index.get(word);
        if (other === undefined) return;
        const [more, less] = [Math.min(row, other) + FIRST_RANKS, Math.max(row, other) + FIRST_RANKS];
        if (less / more <= ratio || !/\p{L}/u.test(word)) rows.push(row, other);
      });
      return { first, second: first + 1 + k, rows: Int32Array.from(rows) };
    }),
  );
}

/**
 * weight * mean over the pairs of |E_a[w] - E_b[w]|, summed over pairs of languages and divided by (languages - 1), as it
 * enters the mean of the languages' losses. Equal vectors have gradient 0 (NaN in the original).
 * @param tables [rows, width] each
 * @param most so many pairs of two languages, drawn anew in each step, stand for all of them: the expected gradient is the
 * same, and a step does not cost more for a larger vocabulary
 * @returns the loss; its gradients are added to `gradients`
 */
export function pullTogether(
  shared: readonly SharedRows[],
  weight: number,
  tables: readonly Float32Array[],
  gradients: readonly RowGradients[],
  most = Number.POSITIVE_INFINITY,
  random?: Random,
): number {
  const languages = tables.length;
  let loss = 0;
  for (const { first, second, rows } of shared) {
    const pairs = rows.length / 2;
    if (pairs === 0) continue;
    const taken = Math.min(pairs, most);
    // Each of the two languages has the term in its loss, and the loss is the mean over the languages.
    const factor = (2 * weight) / (languages * (languages - 1) * taken);
    const [a, b] = [gradients[first]!, gradients[second]!];
    const { width } = a;
    const difference = new Float32Array(width);
    for (let i = 0; i < taken; i++) {
      const pair = taken < pairs ? random!.below(pairs) : i;
      const [rowA, rowB] = [rows[2 * pair]!, rows[2 * pair + 1]!];
      let squares = 0;
      for (let k = 0; k < width; k++) {
        const d = tables[first]![rowA * width + k]! - tables[second]![rowB * width + k]!;
        difference[k] = d;
        squares += d * d;
      }
      if (squares === 0) continue;
      const length = Math.sqrt(squares);
      loss += factor * length;
      a.add(rowA, difference, 0, factor / length);
      b.add(rowB, difference, 0, -factor / length);
    }
  }
  return loss;
}
