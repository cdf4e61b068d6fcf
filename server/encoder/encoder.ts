// A pre-trained encoder at work: words in, states of every layer out.
import { Buffers, defaultThreads, type Engine, type Model, pick } from '../tensor/index.ts';
import type { EncoderConfig } from './config.ts';
import { type RowShape, RUN, statesProgram } from './direction.ts';
import { languageIndex, readEncoder, type StoredEncoder } from './folder.ts';
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
export async function openEncoder(stored: StoredEncoder, engine: Engine, threads: number): Promise<Encoder> {
  const { configuration } = stored.description;
  const models = await createDirections(engine, { threads }, (direction) => {
    const programs = ROW_SHAPES.map(
      (shape) => [programName(shape), () => statesProgram(configuration, direction, shape)] as const,
    );
    const weights = pick(stored.tensors, Object.keys(stackShapes(configuration, direction)));
    return { weights, programs: Object.fromEntries(programs) };
  });
  return new MlmaEncoder(stored, models);
}

class MlmaEncoder implements Encoder {
  readonly languages: readonly string[];
  readonly layers: number;
  readonly hidden: number;
  readonly fingerprint: string;
  readonly #stored: StoredEncoder;
  readonly #models: Readonly<Record<Direction, Model>>;
  readonly #config: EncoderConfig;
  readonly #buffers = new Buffers();
  /** The work before: buffers are shared, so calls go through one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(stored: StoredEncoder, models: Readonly<Record<Direction, Model>>) {
    const { configuration, languages, fingerprint } = stored.description;
    this.languages = languages.map(({ language }) => language);
    this.layers = configuration.layers + 1;
    this.hidden = configuration.hidden;
    this.fingerprint = fingerprint;
    this.#config = configuration;
    this.#stored = stored;
    this.#models = models;
  }

  states(
    sentences: readonly (readonly string[])[],
    language: string,
    pause: () => Promise<void>,
  ): Promise<Float32Array[]> {
    const turn = this.#last.then(() => this.#states(sentences, language, pause));
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
    for (const direction of DIRECTIONS) await this.#models[direction].dispose();
  }

  async #states(
    sentences: readonly (readonly string[])[],
    language: string,
    pause: () => Promise<void>,
  ): Promise<Float32Array[]> {
    const index = this.#indexOf(language);
    const vocabulary = this.#stored.vocabularies[index]!;
    const table = this.#stored.tensors[tableName(this.languages[index]!)]!.data;
    const { hidden, layers } = this;
    const ids = sentences.map((words) => Int32Array.from(words, (word) => vocabulary.id(this.#form(word))));
    const width = 2 * layers * hidden;
    const results = sentences.map((words) => new Float32Array(words.length * width));
    const lengths = sentences.map((words) => words.length);
    for (const batch of packWindows(lengths)) {
      const inputs = packedRows(batch, ids, table, hidden, this.#buffers);
      const program = programName(batch.shape);
      const outputs = await Promise.all(DIRECTIONS.map((d) => this.#models[d].run(program, RUN, inputs)));
      outputs.forEach(({ states }, direction) => {
        for (const { window, row, at } of batch.windows) {
          const { sentence, start, from, to } = window;
          for (let t = from; t < to; t++) {
            const source = (row * batch.shape.time + at + t - start) * layers * hidden;
            const place = t * width + direction * layers * hidden;
            results[sentence]!.set(states!.subarray(source, source + layers * hidden), place);
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
