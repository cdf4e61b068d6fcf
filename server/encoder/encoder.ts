// A pre-trained encoder at work: words in, states of every layer out.
import { resolve } from 'node:path';
import { Buffers, defaultThreads, type Engine, type Model, pick } from '../tensor/index.ts';
import type { EncoderConfig } from './config.ts';
import { type RowShape, RUN, statesProgram } from './direction.ts';
import { DESCRIPTION, languageIndex, readEncoder, readEncoderDescription, type StoredEncoder } from './folder.ts';
import { DIRECTIONS, type Direction, stackShapes } from './network.ts';
import { packWindows, ROW_SHAPES } from './sentences.ts';
import { createDirections } from './side-by-side.ts';
import { packedRows } from './step-inputs.ts';
import type { Encoder } from './types.ts';
import { UNKNOWN } from './vocabulary.ts';
import { tableName } from './weights.ts';

const programName = ({ rows, time }: RowShape) => `states ${rows}x${time}`;

/**
 * Loads an encoder. Only data are read; nothing in the folder is executed.
 * @throws InputError naming the file that is missing, damaged, foreign or of a newer version, and the remedy
 */
export async function loadEncoder(
  folder: string,
  { engine, threads = defaultThreads() }: { readonly engine: Engine; readonly threads?: number },
): Promise<Encoder> {
  return openEncoder(await readEncoder(folder), engine, threads);
}

/** The same, of an encoder in memory. */
export function openEncoder(stored: StoredEncoder, engine: Engine, threads: number): Encoder {
  return new MlmaEncoder(stored, engine, threads);
}

/** The files of an encoder, without what they hold. */
export interface EncoderFiles {
  /** That of the encoder they make. */
  readonly fingerprint: string;
  /** Absolute paths. */
  readonly paths: readonly string[];
}

/**
 * What an encoder consists of: with these files in another folder it is the same.
 * @throws InputError as `loadEncoder` does, for its description alone
 */
export async function encoderFiles(folder: string): Promise<EncoderFiles> {
  const { fingerprint, weights, languages } = await readEncoderDescription(folder);
  const names = [DESCRIPTION, weights.file, ...languages.map(({ vocabulary }) => vocabulary.file)];
  return { fingerprint, paths: names.map((name) => resolve(folder, name)) };
}

type Models = Readonly<Record<Direction, Model>>;

class MlmaEncoder implements Encoder {
  readonly languages: readonly string[];
  readonly layers: number;
  readonly hidden: number;
  readonly fingerprint: string;
  readonly #stored: StoredEncoder;
  readonly #engine: Engine;
  readonly #threads: number;
  /** By the layer that they give, mostly one; undefined: all. Made when first wanted: some engines compile all programs at once. */
  readonly #models = new Map<number | undefined, Models>();
  readonly #config: EncoderConfig;
  readonly #buffers = new Buffers();
  /** The work before: buffers are shared, so calls go through one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(stored: StoredEncoder, engine: Engine, threads: number) {
    const { configuration, languages, fingerprint } = stored.description;
    this.languages = languages.map(({ language }) => language);
    this.layers = configuration.layers + 1;
    this.hidden = configuration.hidden;
    this.fingerprint = fingerprint;
    this.#config = configuration;
    this.#stored = stored;
    this.#engine = engine;
    this.#threads = threads;
  }

  states(
    sentences: readonly (readonly string[])[],
    language: string,
    pause: () => Promise<void>,
    layer?: number,
  ): Promise<Float32Array[]> {
    const turn = this.#last.then(() => this.#states(sentences, language, pause, layer));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  knows(word: string, language: string): boolean {
    return this.rank(word, language) < Infinity;
  }

  rank(word: string, language: string): number {
    const id = this.#stored.vocabularies[this.#indexOf(language)]!.id(this.#form(word));
    return id === UNKNOWN ? Infinity : id;
  }

  async dispose(): Promise<void> {
    await this.#last;
    for (const models of this.#models.values()) for (const d of DIRECTIONS) await models[d].dispose();
  }

  async #modelsFor(layer: number | undefined): Promise<Models> {
    const known = this.#models.get(layer);
    if (known) return known;
    const { tensors } = this.#stored;
    const models = await createDirections(this.#engine, { threads: this.#threads }, (direction) => {
      const programs = ROW_SHAPES.map(
        (shape) => [programName(shape), () => statesProgram(this.#config, direction, shape, layer)] as const,
      );
      const weights = pick(tensors, Object.keys(stackShapes(this.#config, direction)));
      return { weights, programs: Object.fromEntries(programs) };
    });
    this.#models.set(layer, models);
    return models;
  }

  async #states(
    sentences: readonly (readonly string[])[],
    language: string,
    pause: () => Promise<void>,
    layer: number | undefined,
  ): Promise<Float32Array[]> {
    const index = this.#indexOf(language);
    const vocabulary = this.#stored.vocabularies[index]!;
    const table = this.#stored.tensors[tableName(this.languages[index]!)]!.data;
    const { hidden } = this;
    /** Channels of a direction. */
    const side = hidden * (layer === undefined ? this.layers : 1);
    const ids = sentences.map((words) => Int32Array.from(words, (word) => vocabulary.id(this.#form(word))));
    const width = 2 * side;
    const results = sentences.map((words) => new Float32Array(words.length * width));
    const lengths = sentences.map((words) => words.length);
    const models = await this.#modelsFor(layer);
    for (const batch of packWindows(lengths)) {
      const inputs = packedRows(batch, ids, table, hidden, this.#buffers);
      const program = programName(batch.shape);
      const outputs = await Promise.all(DIRECTIONS.map((d) => models[d].run(program, RUN, inputs)));
      outputs.forEach(({ states }, direction) => {
        for (const { window, row, at } of batch.windows) {
          const { sentence, start, from, to } = window;
          for (let t = from; t < to; t++) {
            const source = (row * batch.shape.time + at + t - start) * side;
            results[sentence]!.set(states!.subarray(source, source + side), t * width + direction * side);
          }
        }
      });
      await pause();
    }
    return results;
  }

  #form(word: string): string {
    return this.#config.lowerCase ? word.toLowerCase() : word;
  }

  #indexOf(language: string): number {
    return languageIndex(this.#stored.description, language, this.#stored.folder);
  }
}
