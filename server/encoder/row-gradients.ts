// The gradient of an embedding table in one step: of the rows that the step touched, and of no others.
import type { AdamStep, OutsideWeight } from '../tensor/index.ts';

export class RowGradients {
  readonly width: number;
  /** Where the gradient of a row stands, plus 1; 0: not touched. */
  readonly #slots: Int32Array;
  #rows: number[] = [];
  #values = new Float32Array(0);

  constructor(rows: number, width: number) {
    this.width = width;
    this.#slots = new Int32Array(rows);
  }

  /** Adds `factor` times values[from, from + width) to the gradient of a row. */
  add(row: number, values: Float32Array, from: number, factor = 1): void {
    const { width } = this;
    let slot = this.#slots[row]! - 1;
    if (slot < 0) {
      slot = this.#rows.length;
      this.#slots[row] = slot + 1;
      this.#rows.push(row);
      this.#reserve((slot + 1) * width);
      if (factor === 1) {
        this.#values.set(values.subarray(from, from + width), slot * width); // most rows of a step are touched once
        return;
      }
      this.#values.fill(0, slot * width, (slot + 1) * width);
    }
    const sums = this.#values;
    for (let i = 0, k = slot * width, j = from; i < width; i++, k++, j++) sums[k] = sums[k]! + factor * values[j]!;
  }

  /** Sum of the squares of all gradients. */
  squares(): number {
    // Four sums, because one would wait for every addition before it
    let [a, b, c, d] = [0, 0, 0, 0];
    const values = this.#values;
    const end = this.#rows.length * this.width;
    const whole = end - (end % 4);
    for (let i = 0; i < whole; i += 4) {
      a += values[i]! * values[i]!;
      b += values[i + 1]! * values[i + 1]!;
      c += values[i + 2]! * values[i + 2]!;
      d += values[i + 3]! * values[i + 3]!;
    }
    for (let i = whole; i < end; i++) a += values[i]! * values[i]!;
    return a + b + c + d;
  }

  /** The gradients as a dense table; for tests and for tables that are learnt whole. */
  dense(): Float32Array {
    const { width } = this;
    const table = new Float32Array(this.#slots.length * width);
    this.#rows.forEach((row, slot) => {
      table.set(this.#values.subarray(slot * width, (slot + 1) * width), row * width);
    });
    return table;
  }

  /** Updates the touched rows of the table; `scale` multiplies the gradients. Begins anew after it. */
  apply(table: OutsideWeight, scale: number, step: AdamStep): void {
    const { width } = this;
    this.#rows.forEach((row, slot) => {
      table.update(this.#values.subarray(slot * width, (slot + 1) * width), row * width, scale, step);
    });
    this.clear();
  }

  clear(): void {
    for (const row of this.#rows) this.#slots[row] = 0;
    this.#rows = [];
  }

  #reserve(size: number): void {
    if (this.#values.length >= size) return;
    const larger = new Float32Array(Math.max(size, 2 * this.#values.length, 256 * this.width));
    larger.set(this.#values);
    this.#values = larger;
  }
}
