// The cells of one line. One object is filled line after line, so that a million lines allocate nothing for it.
import { isSpace } from './lines.ts';

const KEPT = 10;
const TAB = 0x09;

/** The cells of a line: how many, where the first ten stand, and where the last one stands. */
export class Fields {
  count = 0;
  readonly starts = new Int32Array(KEPT);
  readonly ends = new Int32Array(KEPT);
  lastStart = 0;
  lastEnd = 0;

  /** Cells between runs of white space. */
  splitAtBlanks(source: string, start: number, end: number): void {
    this.count = 0;
    let at = start;
    while (at < end) {
      while (at < end && isSpace(source.charCodeAt(at))) at++;
      if (at === end) break;
      const from = at;
      while (at < end && !isSpace(source.charCodeAt(at))) at++;
      this.add(from, at);
    }
  }

  /** Cells between single tabs, without the blanks at their ends; cells may be empty. */
  splitAtTabs(source: string, start: number, end: number): void {
    this.count = 0;
    let from = start;
    for (let at = start; at <= end; at++) {
      if (at < end && source.charCodeAt(at) !== TAB) continue;
      let left = from;
      let right = at;
      while (left < right && isSpace(source.charCodeAt(left))) left++;
      while (right > left && isSpace(source.charCodeAt(right - 1))) right--;
      this.add(left, right);
      from = at + 1;
    }
  }

  private add(start: number, end: number): void {
    if (this.count < KEPT) {
      this.starts[this.count] = start;
      this.ends[this.count] = end;
    }
    this.lastStart = start;
    this.lastEnd = end;
    this.count++;
  }
}
