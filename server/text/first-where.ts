/** Index of the first element with something that all behind it have too; the length where none has it. */
export function firstWhere<T>(sorted: readonly T[], has: (element: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (has(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
