// Given word vectors, frozen: tables of one or more languages in one space.
import { createHash } from 'node:crypto';
import { readVectors, type WordVectors } from '../encoder/vectors/vector-file.ts';
import type { State } from '../tensor/index.ts';
import { lookUp } from '../text/language-tag.ts';
import { InputError } from '../text/types.ts';
import type { VectorOf } from './deep/gather.ts';

/** Stands for the language of a table that serves every language. */
export const ANY_LANGUAGE = '*';

/** Words of a file that are kept; files begin with the most frequent ones. */
const MOST = 200_000;

const tensorName = (language: string) => `vectors.${language}.weight`;

/** A file of vectors, and the language of its words; undefined: of all languages. */
export interface VectorFile {
  readonly path: string;
  readonly language?: string | undefined;
}

export class GivenVectors {
  readonly dimension: number;
  readonly #tables: ReadonlyMap<string, WordVectors>;
  readonly #rows: ReadonlyMap<string, ReadonlyMap<string, number>>;

  /** @param tables by language, at least one, all of one dimension */
  constructor(tables: ReadonlyMap<string, WordVectors>) {
    this.#tables = tables;
    this.#rows = new Map([...tables].map(([language, { words }]) => [language, new Map(words.map((w, i) => [w, i]))]));
    this.dimension = [...tables.values()][0]!.dimension;
  }

  /** @throws InputError for a file that is none, and for files of several dimensions or twice the same language */
  static async read(files: readonly VectorFile[]): Promise<GivenVectors> {
    const tables = new Map<string, WordVectors>();
    for (const { path, language = ANY_LANGUAGE } of files) {
      const [first] = tables.values();
      const expected = first && { dimension: first.dimension, of: 'the first file' };
      if (tables.has(language)) {
        throw new InputError('there are two files of vectors for one language', 'give one a language, LANG=FILE', {
          path,
        });
      }
      tables.set(language, await readVectors(path, { most: MOST, ...(expected && { expected }) }));
    }
    return new GivenVectors(tables);
  }

  /** The vectors that `toState` and `words` describe. */
  static from(words: Readonly<Record<string, readonly string[]>>, state: State): GivenVectors {
    const tables = Object.entries(words).map(([language, own]) => {
      const { shape, data } = state[tensorName(language)]!;
      return [language, { words: own, dimension: shape[1]!, table: data }] as const;
    });
    return new GivenVectors(new Map(tables));
  }

  /** Languages that have a table of their own. */
  get languages(): readonly string[] {
    return [...this.#tables.keys()].filter((language) => language !== ANY_LANGUAGE);
  }

  /** Whether words of this language can have vectors. */
  serves(language: string | undefined): boolean {
    return this.#tables.has(this.#keyOf(language));
  }

  /** Vectors of the words of a language: of the word as it stands or else lower-cased. */
  of(language: string | undefined): VectorOf {
    const key = this.#keyOf(language);
    const [rows, vectors] = [this.#rows.get(key), this.#tables.get(key)];
    return (word) => {
      const form = word.normalize('NFC');
      const row = rows?.get(form) ?? rows?.get(form.toLowerCase());
      return row === undefined ? undefined : vectors!.table.subarray(row * this.dimension, (row + 1) * this.dimension);
    };
  }

  /** Of the table of a language, or else of that of all languages, which need not be there. */
  #keyOf(language: string | undefined): string {
    return (language !== undefined && lookUp(this.languages, language)) || ANY_LANGUAGE;
  }

  /** Words of each table, in the order of its rows. */
  words(): Record<string, string[]> {
    return Object.fromEntries([...this.#tables].map(([language, { words }]) => [language, [...words]]));
  }

  /** The tables as named tensors. */
  toState(): State {
    return Object.fromEntries(
      [...this.#tables].map(([language, { words, dimension, table }]) => [
        tensorName(language),
        { shape: [words.length, dimension], data: table },
      ]),
    );
  }

  /** SHA-256 of words and vectors. */
  hash(): string {
    const digest = createHash('sha256').update(JSON.stringify(this.words()));
    for (const { table } of this.#tables.values()) {
      digest.update(new Uint8Array(table.buffer, table.byteOffset, table.byteLength));
    }
    return digest.digest('hex');
  }
}

/** Shapes of the tensors of `GivenVectors`. */
export function vectorShapes(words: Readonly<Record<string, readonly string[]>>, dimension: number) {
  return Object.fromEntries(
    Object.entries(words).map(([language, own]) => [tensorName(language), [own.length, dimension]]),
  );
}
