/** Offsets in code points, as brat and Python count, to UTF-16 units and back. */
export class CodePoints {
  /** Where the characters stand that take two units, in UTF-16 units. */
  private readonly pairs: readonly number[];

  constructor(text: string) {
    const pairs: number[] = [];
    for (const match of text.matchAll(/[\u{10000}-\u{10ffff}]/gu)) pairs.push(match.index);
    this.pairs = pairs;
  }

  toUnits(codePoints: number): number {
    // The i-th pair stands at code point pairs[i] - i.
    return codePoints + this.countBelow((pair, index) => pair - index < codePoints);
  }

  fromUnits(units: number): number {
    return units - this.countBelow((pair) => pair < units);
  }

  private countBelow(below: (pair: number, index: number) => boolean): number {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (below(this.pairs[middle]!, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
