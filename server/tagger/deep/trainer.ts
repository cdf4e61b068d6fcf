// One training step of the deep part: words and characters -> features -> emissions -> CRF loss, and all the way back.
import { adamInputs, type Model, type Random, type State, type StateTensor } from '../../tensor/index.ts';
import { Crf } from '../crf.ts';
import { ADAM, OutsideWeight } from './adam.ts';
import { characterShapes } from './characters.ts';
import type { DeepConfig } from './config.ts';
import { fillDropout } from './dropout.ts';
import type { Example } from './examples.ts';
import {
  bucketOf,
  CHARACTER_ADAM,
  characterProgram,
  FORMS,
  forwardProgram,
  SENTENCE_LENGTHS,
  STAGE,
  sentenceProgram,
  spellingProgram,
} from './programs.ts';
import { type Chunk, LONGEST_WORD, planChunks } from './spelling.ts';
import { UNKNOWN, type Vocabulary } from './vocabulary.ts';
import { type DeepSizes, TRANSITIONS, WORDS } from './weights.ts';

export interface TrainerSetup {
  readonly config: DeepConfig;
  readonly sizes: DeepSizes;
  readonly vocabulary: Vocabulary;
  /** Ids of words seen once: they are trained as unknown ones now and then. */
  readonly rare: ReadonlySet<number>;
}

/** The tokens of a batch: which row of the table and which form each one is, and where its features stand. */
interface Tokens {
  readonly time: number;
  /** Each distinct word once. */
  readonly forms: readonly string[];
  /** By token, in the order of the batch. */
  readonly rows: Int32Array;
  readonly formOf: Int32Array;
  /** t * batch + b */
  readonly places: Int32Array;
}

type Arrays = Record<string, Float32Array>;

export class DeepTrainer {
  readonly #model: Model;
  readonly #setup: TrainerSetup;
  readonly #crf: Crf;
  readonly #words: OutsideWeight;
  readonly #transitions: OutsideWeight;
  readonly #stateWidth: number;
  readonly #buffers = new Map<string, Float32Array>();

  /** @param state weights and moments outside of the graph; changed in place */
  constructor(model: Model, setup: TrainerSetup, state: State) {
    this.#model = model;
    this.#setup = setup;
    this.#crf = new Crf(setup.sizes.network.tags);
    this.#words = new OutsideWeight(WORDS, state);
    this.#transitions = new OutsideWeight(TRANSITIONS, state);
    this.#stateWidth = 2 * setup.config.charHidden;
  }

  get wordTable(): Float32Array {
    return this.#words.data;
  }

  get transitions(): Float32Array {
    return this.#transitions.data;
  }

  /** Weights and moments that live outside of the graph. */
  outside(): Record<string, StateTensor> {
    return { ...this.#words.state(), ...this.#transitions.state() };
  }

  /**
   * Learns from one batch.
   * @param number the step's, from 1
   * @param random what the dropout of this step is drawn from
   * @returns mean negative log-likelihood of the sentences, each times its weight, before the step
   */
  async step(batch: readonly Example[], number: number, learningRate: number, random: Random): Promise<number> {
    const { config, vocabulary, sizes } = this.#setup;
    const tokens = this.#tokensOf(batch, random);
    const chunks = planChunks(tokens.forms.map((form) => vocabulary.spell(form, LONGEST_WORD)));
    const states = await this.#spell(chunks, tokens.forms.length);
    const lengths = new Int32Array(config.batch);
    batch.forEach((example, b) => {
      lengths[b] = example.words.length;
    });
    const places = tokens.time * config.batch;
    const width = sizes.network.gathered;
    const inputs = {
      features: this.#featuresOf(tokens, states),
      lengths,
      'mask.input': fillDropout(this.#buffer('mask.input', places * width), config.dropout, random),
      'mask.hidden': fillDropout(this.#buffer('mask.hidden', places * 2 * config.hidden), config.dropout, random),
    };
    const { emissions } = await this.#model.run(forwardProgram(tokens.time), STAGE, inputs);
    const { loss, gradient, transitions } = this.#lossOf(batch, emissions!);
    const adam = adamInputs(number, { ...ADAM, learningRate, correctEpsilon: true });
    const learning = { ...inputs, gradient, ...adam };
    const { features } = await this.#model.run(sentenceProgram(tokens.time), STAGE, learning);
    await this.#learnSpelling(chunks, this.#sumByForm(tokens, features!), adam);
    this.#learnOutside(tokens, features!, transitions, adam);
    return loss;
  }

  /** The start of a buffer that grows and is used again: megabytes a step would keep the garbage collector busy. */
  #buffer(name: string, size: number): Float32Array {
    let buffer = this.#buffers.get(name);
    if (!buffer || buffer.length < size) {
      buffer = new Float32Array(size);
      this.#buffers.set(name, buffer);
    }
    return buffer.subarray(0, size);
  }

  #tokensOf(batch: readonly Example[], random: Random): Tokens {
    const { config, rare } = this.#setup;
    const time = bucketOf(Math.max(...batch.map((example) => example.words.length)), SENTENCE_LENGTHS);
    const forms = new Map<string, number>();
    const rows: number[] = [];
    const formOf: number[] = [];
    const places: number[] = [];
    batch.forEach(({ words, ids }, b) => {
      for (let t = 0; t < words.length; t++) {
        const form = forms.get(words[t]!) ?? forms.size;
        forms.set(words[t]!, form);
        const id = ids[t]!;
        rows.push(rare.has(id) && random.uniform() < config.unknown ? UNKNOWN : id);
        formOf.push(form);
        places.push(t * config.batch + b);
      }
    });
    const [r, f, p] = [rows, formOf, places].map((list) => Int32Array.from(list));
    return { time, forms: [...forms.keys()], rows: r!, formOf: f!, places: p! };
  }

  /** Character states of each form: [forms, 2 * charHidden]. */
  async #spell(chunks: readonly Chunk[], forms: number): Promise<Float32Array> {
    const width = this.#stateWidth;
    const states = new Float32Array(forms * width);
    for (const { time, words, characters, lengths } of chunks) {
      const outputs = await this.#model.run(spellingProgram(time), STAGE, { characters, lengths });
      words.forEach((form, row) => {
        states.set(outputs.states!.subarray(row * width, (row + 1) * width), form * width);
      });
    }
    return states;
  }

  /** [time, batch, words + 2 * charHidden]; zeros beyond the sentences. */
  #featuresOf({ time, rows, formOf, places }: Tokens, states: Float32Array): Float32Array {
    const { config, sizes } = this.#setup;
    const width = sizes.network.gathered;
    const features = this.#buffer('features', time * config.batch * width).fill(0);
    places.forEach((place, i) => {
      const row = rows[i]! * config.words;
      const state = formOf[i]! * this.#stateWidth;
      features.set(this.#words.data.subarray(row, row + config.words), place * width);
      features.set(states.subarray(state, state + this.#stateWidth), place * width + config.words);
    });
    return features;
  }

  /** Mean loss of the sentences, each times its weight; its gradients for emissions [time, batch, tags] and transitions. */
  #lossOf(batch: readonly Example[], emissions: Float32Array) {
    const { config, sizes } = this.#setup;
    const { tags } = sizes.network;
    const gradient = new Float32Array(emissions.length);
    const transitions = new Float64Array(tags * tags);
    this.#crf.setTransitions(this.#transitions.data);
    let loss = 0;
    batch.forEach((example, b) => {
      const time = example.words.length;
      const own = new Float32Array(time * tags);
      const place = (t: number) => (t * config.batch + b) * tags;
      for (let t = 0; t < time; t++) own.set(emissions.subarray(place(t), place(t) + tags), t * tags);
      const ownGradient = new Float32Array(time * tags);
      const gradients = { emissions: ownGradient, transitions };
      const { tags: path, weight } = example;
      loss -= weight * this.#crf.logLikelihood(own, time, path, gradients, -weight / batch.length);
      for (let t = 0; t < time; t++) gradient.set(ownGradient.subarray(t * tags, (t + 1) * tags), place(t));
    });
    return { loss: loss / batch.length, gradient, transitions: Float32Array.from(transitions) };
  }

  /** Gradient of each form's character states: the sum over its tokens. */
  #sumByForm({ forms, formOf, places }: Tokens, features: Float32Array): Float32Array {
    const { config, sizes } = this.#setup;
    const width = this.#stateWidth;
    const sums = new Float32Array(forms.length * width);
    places.forEach((place, i) => {
      const from = place * sizes.network.gathered + config.words;
      const to = formOf[i]! * width;
      for (let k = 0; k < width; k++) sums[to + k] = sums[to + k]! + features[from + k]!;
    });
    return sums;
  }

  /** Carries the gradient of the character states back and updates the character weights with the sum over all chunks. */
  async #learnSpelling(chunks: readonly Chunk[], gradients: Float32Array, adam: Arrays): Promise<void> {
    if (chunks.length === 0) return;
    const width = this.#stateWidth;
    const sums: Arrays = {};
    for (const { time, words, characters, lengths } of chunks) {
      const gradient = new Float32Array(FORMS * width);
      words.forEach((form, row) => {
        gradient.set(gradients.subarray(form * width, (form + 1) * width), row * width);
      });
      const outputs = await this.#model.run(characterProgram(time), STAGE, { characters, lengths, gradient });
      for (const name of Object.keys(characterShapes(this.#setup.sizes.characters))) {
        const sum = sums[name];
        const part = outputs[name]!;
        if (!sum) sums[name] = part.slice();
        else for (let k = 0; k < sum.length; k++) sum[k] = sum[k]! + part[k]!;
      }
    }
    await this.#model.run(CHARACTER_ADAM, STAGE, { ...sums, ...adam });
  }

  /** Updates the rows of the word table that the batch touched, and the transitions. */
  #learnOutside(tokens: Tokens, features: Float32Array, transitions: Float32Array, adam: Arrays): void {
    const { config, sizes } = this.#setup;
    const byRow = new Map<number, Float32Array>();
    tokens.places.forEach((place, i) => {
      const row = tokens.rows[i]!;
      const from = place * sizes.network.gathered;
      const sum = byRow.get(row);
      if (!sum) byRow.set(row, features.slice(from, from + config.words));
      else for (let k = 0; k < config.words; k++) sum[k] = sum[k]! + features[from + k]!;
    });
    let squares = 0;
    for (const gradient of [transitions, ...byRow.values()]) for (const g of gradient) squares += g * g;
    const scale = Math.min(1, config.clip / Math.sqrt(squares));
    const step = { rate: adam['adam.rate']![0]!, epsilon: adam['adam.epsilon']![0]! };
    for (const [row, gradient] of byRow) this.#words.update(gradient, row * config.words, scale, step);
    this.#transitions.update(transitions, 0, scale, step);
  }
}
