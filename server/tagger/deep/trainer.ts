// One training step of the deep part: words and characters -> features -> emissions -> CRF loss, and all the way back.
import {
  adamInputs,
  Buffers,
  fillDropout,
  type Model,
  OutsideWeight,
  type Random,
  type StateTensor,
} from '../../tensor/index.ts';
import { Crf } from '../crf.ts';
import { ADAM } from './adam.ts';
import { characterShapes } from './characters.ts';
import type { DeepConfig } from './config.ts';
import type { Example } from './examples.ts';
import { placeColumns, type SentenceInputs } from './gather.ts';
import { inputWidth, stateWidth } from './inputs.ts';
import {
  CHARACTER_ADAM,
  characterProgram,
  FORMS,
  forwardProgram,
  STAGE,
  sentenceProgram,
  spellingProgram,
} from './programs.ts';
import { type Chunk, LONGEST_WORD, planChunks } from './spelling.ts';
import { type Tokens, tokensOf } from './tokens.ts';
import type { Vocabulary } from './vocabulary.ts';
import { type DeepSizes, TRANSITIONS, WORDS } from './weights.ts';

export interface TrainerSetup {
  readonly config: DeepConfig;
  readonly sizes: DeepSizes;
  readonly vocabulary: Vocabulary;
  /** Ids of words seen once: they are trained as unknown ones now and then. */
  readonly rare: ReadonlySet<number>;
  /** What the sentences bring besides their words, by their number. */
  readonly inputs: SentenceInputs;
}

type Arrays = Record<string, Float32Array>;

export class DeepTrainer {
  readonly #model: Model;
  readonly #setup: TrainerSetup;
  readonly #crf: Crf;
  /** Undefined without trained embeddings. */
  readonly #words: OutsideWeight | undefined;
  readonly #transitions: OutsideWeight;
  readonly #stateWidth: number;
  readonly #buffers = new Buffers();

  /** @param state weights and moments outside of the graph are taken out of it */
  constructor(model: Model, setup: TrainerSetup, state: Record<string, StateTensor>) {
    this.#model = model;
    this.#setup = setup;
    this.#crf = new Crf(setup.sizes.network.tags);
    if (setup.sizes.words) this.#words = new OutsideWeight(WORDS, state, ADAM);
    this.#transitions = new OutsideWeight(TRANSITIONS, state, ADAM);
    this.#stateWidth = 2 * setup.config.charHidden;
  }

  get wordTable(): Float32Array {
    return this.#words?.data ?? new Float32Array(0);
  }

  get transitions(): Float32Array {
    return this.#transitions.data;
  }

  /** Weights and moments that live outside of the graph. */
  outside(): Record<string, StateTensor> {
    return { ...this.#words?.state(), ...this.#transitions.state() };
  }

  /**
   * Learns from one batch.
   * @param number the step's, from 1
   * @param random what the dropout of this step is drawn from
   * @returns mean negative log-likelihood of the sentences, each times its weight, before the step
   */
  async step(batch: readonly Example[], number: number, learningRate: number, random: Random): Promise<number> {
    const { config, vocabulary, sizes, rare } = this.#setup;
    const tokens = tokensOf(batch, config, rare, random);
    const chunks = planChunks(tokens.forms.map((form) => vocabulary.spell(form, LONGEST_WORD)));
    const states = await this.#spell(chunks, tokens.forms.length);
    const lengths = new Int32Array(config.batch);
    batch.forEach((example, b) => {
      lengths[b] = example.words.length;
    });
    const places = tokens.time * config.batch;
    const width = inputWidth(sizes.network);
    const inputs = {
      ...(sizes.network.gathered > 0 && { features: this.#featuresOf(batch, tokens, states) }),
      ...(await this.#statesOf(batch, tokens.time)),
      lengths,
      'mask.input': fillDropout(this.#buffers.get('mask.input', places * width), config.dropout, random),
      'mask.hidden': fillDropout(this.#buffers.get('mask.hidden', places * 2 * config.hidden), config.dropout, random),
    };
    const { emissions } = await this.#model.run(forwardProgram(tokens.time), STAGE, inputs);
    const { loss, gradient, transitions } = this.#lossOf(batch, emissions!);
    const adam = adamInputs(number, { ...ADAM, learningRate, correctEpsilon: true });
    const learning = { ...inputs, gradient, ...adam };
    const { features = new Float32Array(0) } = await this.#model.run(sentenceProgram(tokens.time), STAGE, learning);
    await this.#learnSpelling(chunks, this.#sumByForm(tokens, features), adam);
    this.#learnOutside(tokens, features, transitions, adam);
    return loss;
  }

  /** The encoder's states of the batch, [time, batch, width], as the input `states`; nothing without an encoder. */
  async #statesOf(batch: readonly Example[], time: number): Promise<Arrays> {
    const { config, sizes, inputs } = this.#setup;
    const { encoder } = sizes.network;
    if (!encoder) return {};
    const rows = await inputs.states!(batch.map(({ sentence }) => sentence));
    const width = stateWidth(encoder);
    const states = this.#buffers.get('states', time * config.batch * width);
    const columns = batch.map(({ start, words }, b) => ({ rows: rows[b]!, start, length: words.length }));
    placeColumns(columns, width, config.batch, states);
    return { states };
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

  /** [time, batch, gathered]: embedding, given vector, characters; zeros beyond the sentences. */
  #featuresOf(batch: readonly Example[], { time, rows, formOf, places }: Tokens, states: Float32Array): Float32Array {
    const { config, sizes, inputs } = this.#setup;
    const width = sizes.network.gathered;
    const features = this.#buffers.get('features', time * config.batch * width).fill(0);
    const spelled = width - this.#stateWidth;
    places.forEach((place, i) => {
      const row = rows[i]! * config.words;
      const state = formOf[i]! * this.#stateWidth;
      features.set(this.wordTable.subarray(row, row + config.words), place * width);
      features.set(states.subarray(state, state + this.#stateWidth), place * width + spelled);
    });
    if (!config.vectors) return features;
    batch.forEach(({ sentence, words }, b) => {
      const vectorOf = inputs.vectors!(sentence);
      words.forEach((word, t) => {
        const vector = vectorOf(word);
        if (vector) features.set(vector, (t * config.batch + b) * width + config.words);
      });
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
    const { sizes } = this.#setup;
    const width = this.#stateWidth;
    const sums = new Float32Array(forms.length * width);
    places.forEach((place, i) => {
      const from = (place + 1) * sizes.network.gathered - width;
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
      for (const name of Object.keys(characterShapes(this.#setup.sizes.characters!))) {
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
    if (this.#words)
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
    for (const [row, gradient] of byRow) this.#words?.update(gradient, row * config.words, scale, step);
    this.#transitions.update(transitions, 0, scale, step);
  }
}
