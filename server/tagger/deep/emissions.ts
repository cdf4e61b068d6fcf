// From words to the deep part's emissions, without dropout: what tagging and the scoring on dev do.
import type { Window } from '../../encoder/windows.ts';
import { Buffers, type Model, type TypedArray } from '../../tensor/index.ts';
import type { DeepConfig } from './config.ts';
import { placeColumns, type SentenceInputs } from './gather.ts';
import { fedInput, stateWidth } from './inputs.ts';
import { bucketOf, SENTENCE_LENGTHS, STAGE, spellingProgram, TAGGING_BATCHES, taggingProgram } from './programs.ts';
import { LONGEST_WORD, planChunks } from './spelling.ts';
import type { Vocabulary } from './vocabulary.ts';
import { sentenceWindows } from './windows.ts';

/** Words whose character states are remembered (twice as many at most). */
const REMEMBERED = 50_000;

/** A cache of two generations: what is not used while the young one fills up is forgotten. */
class Recent<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

/** What the emissions are computed from, besides the weights in the engine. */
export interface EmissionSource {
  readonly config: DeepConfig;
  readonly vocabulary: Vocabulary;
  readonly tags: number;
  /** [words + 1, config.words], row 0 for unknown words; empty without trained embeddings. */
  readonly wordTable: Float32Array;
}

/** One call at a time: it keeps its buffers. */
export class DeepEmissions {
  readonly #model: Model;
  readonly #source: EmissionSource;
  readonly #spelled: Recent<Float32Array> | undefined;
  readonly #buffers = new Buffers();

  /** @param remember keeps the character states of words between calls: right only while no weight changes */
  constructor(model: Model, source: EmissionSource, remember: boolean) {
    this.#model = model;
    this.#source = source;
    this.#spelled = remember ? new Recent() : undefined;
  }

  /**
   * Emissions of each sentence: [time, tags].
   * @param inputs what the sentences bring besides their words, numbered as they stand here
   * @param pause called between runs of the engine: gives the event loop its turn and throws when it is time to stop
   */
  async of(
    sentences: readonly (readonly string[])[],
    inputs: SentenceInputs,
    pause: () => Promise<void>,
  ): Promise<Float32Array[]> {
    const { tags } = this.#source;
    const states = await this.#spell(new Set(sentences.flat()), pause);
    const results = sentences.map((words) => new Float32Array(words.length * tags));
    const windows = sentences.flatMap((words, i) => sentenceWindows(i, words.length));
    windows.sort((a, b) => b.length - a.length || a.sentence - b.sentence || a.start - b.start);
    const [few, many] = TAGGING_BATCHES;
    for (let next = 0; next < windows.length; ) {
      const batch = windows.length - next <= few ? few : many;
      const run = windows.slice(next, next + batch);
      await this.#run(run, batch, await this.#inputsOf(run, batch, sentences, states, inputs), results);
      next += batch;
      await pause();
    }
    return results;
  }

  /** The inputs of the graph for these windows, the longest first. */
  async #inputsOf(
    windows: readonly Window[],
    batch: number,
    sentences: readonly (readonly string[])[],
    spelled: ReadonlyMap<string, Float32Array>,
    { states, vectors }: SentenceInputs,
  ): Promise<Record<string, TypedArray>> {
    const { config, vocabulary, wordTable } = this.#source;
    const { words, vectors: given = 0, charHidden, encoder } = config;
    const places = timeOf(windows) * batch;
    const width = words + given + 2 * charHidden;
    const features = this.#buffers.get('features', places * width).fill(0);
    const lengths = new Int32Array(batch);
    windows.forEach(({ sentence, start, length }, b) => {
      lengths[b] = length;
      const vectorOf = vectors?.(sentence);
      for (let t = 0; t < length; t++) {
        const form = sentences[sentence]![start + t]!;
        const at = (t * batch + b) * width;
        const row = vocabulary.word(form) * words;
        features.set(wordTable.subarray(row, row + words), at);
        const vector = vectorOf?.(form);
        if (vector) features.set(vector, at + words);
        const state = spelled.get(form);
        if (state) features.set(state, at + words + given);
      }
    });
    const inputs: Record<string, TypedArray> = { lengths };
    if (width > 0) inputs.features = features;
    if (encoder && states) {
      const rows = await states(windows.map(({ sentence }) => sentence));
      const fed = stateWidth(fedInput(encoder));
      inputs.states = this.#buffers.get('states', places * fed);
      const columns = windows.map(({ start, length }, b) => ({ rows: rows[b]!, start, length }));
      placeColumns(columns, fed, batch, inputs.states as Float32Array);
    }
    return inputs;
  }

  async #run(
    windows: readonly Window[],
    batch: number,
    inputs: Record<string, TypedArray>,
    results: readonly Float32Array[],
  ): Promise<void> {
    const { tags } = this.#source;
    const { emissions } = await this.#model.run(taggingProgram(timeOf(windows), batch), STAGE, inputs);
    windows.forEach(({ sentence, start, from, to }, b) => {
      for (let i = from; i < to; i++) {
        const at = ((i - start) * batch + b) * tags;
        results[sentence]!.set(emissions!.subarray(at, at + tags), i * tags);
      }
    });
  }

  /** Character states of words: [2 * charHidden] each; words without a known character have none. */
  async #spell(forms: ReadonlySet<string>, pause: () => Promise<void>): Promise<ReadonlyMap<string, Float32Array>> {
    const { config, vocabulary } = this.#source;
    const width = 2 * config.charHidden;
    const states = new Map<string, Float32Array>();
    if (width === 0) return states;
    const missing: string[] = [];
    for (const form of forms) {
      const known = this.#spelled?.get(form);
      if (known) states.set(form, known);
      else missing.push(form);
    }
    const spelled = missing.map((form) => vocabulary.spell(form, LONGEST_WORD));
    for (const { time, words, characters, lengths } of planChunks(spelled)) {
      const outputs = await this.#model.run(spellingProgram(time), STAGE, { characters, lengths });
      words.forEach((word, row) => {
        const form = missing[word]!;
        const state = outputs.states!.slice(row * width, (row + 1) * width);
        states.set(form, state);
        this.#spelled?.set(form, state);
      });
      await pause();
    }
    return states;
  }
}

/** Time steps of the program that holds these windows, the longest first. */
function timeOf(windows: readonly Window[]): number {
  return bucketOf(windows[0]!.length, SENTENCE_LENGTHS);
}
