// Positive pointwise mutual information: how much more often than by chance two words stand near each other.
import type { SymmetricCounts } from './co-occurrence.ts';

/** Exponent that makes rare contexts less telling (Levy et al. 2015). */
const SMOOTHING = 0.75;

/**
 * log(p(a, b) / (p(a) p(b))) where it is above 0, with smoothed chances, and less for pairs that were seen seldom (Pantel
 * and Lin 2002), as a symmetric sparse matrix.
 */
export function positiveInformation({ starts, columns, values }: SymmetricCounts): SymmetricCounts {
  const words = starts.length - 1;
  const sums = new Float64Array(words);
  for (let word = 0; word < words; word++) {
    for (let i = starts[word]!; i < starts[word + 1]!; i++) sums[word]! += values[i]!;
  }
  const total = sums.reduce((sum, x) => sum + x, 0);
  const smoothedTotal = sums.reduce((sum, x) => sum + x ** SMOOTHING, 0);
  // Both words are smoothed by half, so that the matrix stays symmetric.
  const chances = sums.map((sum) => Math.sqrt((sum / total) * (sum ** SMOOTHING / smoothedTotal)));
  const kept = new Int32Array(words + 1);
  const keptColumns = new Int32Array(columns.length);
  const keptValues = new Float32Array(columns.length);
  let used = 0;
  for (let word = 0; word < words; word++) {
    for (let i = starts[word]!; i < starts[word + 1]!; i++) {
      const other = columns[i]!;
      const count = values[i]!;
      const information = Math.log(count / total / (chances[word]! * chances[other]!));
      if (!(information > 0)) continue;
      const rarer = Math.min(sums[word]!, sums[other]!);
      keptColumns[used] = other;
      keptValues[used++] = information * (count / (count + 1)) * (rarer / (rarer + 1));
    }
    kept[word + 1] = used;
  }
  return { starts: kept, columns: keptColumns.slice(0, used), values: keptValues.slice(0, used) };
}
