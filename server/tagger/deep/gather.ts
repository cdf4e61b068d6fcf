// Where the inputs of a batch's tokens stand in the arrays that the graph is fed with: [time, batch, width].

/** A stretch of rows of a matrix [rows, width], and the column of the batch that it goes to. */
export interface Column {
  /** [rows, width] */
  readonly rows: Float32Array;
  /** First row and how many. */
  readonly start: number;
  readonly length: number;
}

/** What sentences bring from a frozen encoder, by their number: [time, width] each. */
export type StateReader = (sentences: readonly number[]) => Promise<readonly Float32Array[]>;

/** The given vector of a word; undefined where it has none. */
export type VectorOf = (word: string) => Float32Array | undefined;

/** What sentences bring besides their words, by their number; it is read where it is needed, batch by batch. */
export interface SentenceInputs {
  /** With an encoder. */
  readonly states?: StateReader | undefined;
  /** With given vectors, in the language of the sentence. */
  readonly vectors?: ((sentence: number) => VectorOf) | undefined;
}

/** Copies column b of a batch to the places t * batch + b; `out` [time, batch, width] is zero elsewhere afterwards. */
export function placeColumns(columns: readonly Column[], width: number, batch: number, out: Float32Array): void {
  out.fill(0);
  columns.forEach(({ rows, start, length }, b) => {
    for (let t = 0; t < length; t++) {
      const from = (start + t) * width;
      out.set(rows.subarray(from, from + width), (t * batch + b) * width);
    }
  });
}
