// Curves of a report, as the script of the page draws them (media/report) and as a table holds them.

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** Number of its colour, from 0. */
  readonly colour: number;
  readonly dashed: boolean;
  /** Its points alone, without a line between them. */
  readonly scattered?: boolean;
  /** One for each number in `at`; null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  /** What the numbers are. */
  readonly unit: string;
  readonly logarithmic: boolean;
  /** What is counted from left to right: `words seen`. */
  readonly over: string;
  /** So many of them at each point; they do not fall. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
}
