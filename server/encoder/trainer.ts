// One training step of an encoder: both directions side by side, the gradients of the embedding tables put together,
// clipping by the global norm, Adam (spec sections 4 to 6).
import { adamInputs, Buffers, type Model, OutsideWeight, Random, type StateTensor } from '../tensor/index.ts';
import { ramp } from './alignment/adversarial.ts';
import { languagePairs } from './alignment/linkage.ts';
import { pullTogether, type SharedRows } from './alignment/translations.ts';
import type { EncoderConfig } from './config.ts';
import { ADAM, type BatchShape, samplesOf, UPDATE } from './direction.ts';
import { DIRECTIONS, type Direction } from './network.ts';
import { learnStages } from './piecewise.ts';
import { RowGradients } from './row-gradients.ts';
import { drawSamples, type Samples } from './sampling.ts';
import {
  type Arrays,
  type Batch,
  embeddedRows,
  embeddingMask,
  layerMasks,
  negativeInputs,
  visitRows,
  wordWeights,
} from './step-inputs.ts';
import { tableName } from './weights.ts';

export const programName = ({ sentences, time }: BatchShape) => `learn ${sentences}x${time}`;

/** Pairs of translations that pull at each other in a step: all, where they are not very many. */
const PAIRS_A_STEP = 8192;

export interface TrainerSetup {
  readonly config: EncoderConfig;
  /** Steps of the whole training, where they are not those of the configuration. */
  readonly steps?: number | undefined;
  /** In the order of the batches. */
  readonly languages: readonly string[];
  /** How often the language-model loss of each counts; default: once. */
  readonly weights?: readonly number[];
  readonly models: Readonly<Record<Direction, Model>>;
  readonly identical: readonly SharedRows[];
  readonly pairs: readonly SharedRows[];
  readonly seed: number;
  /** Steps of an encoder that is trained further: what was drawn in them is not drawn again. Default: 0. */
  readonly before?: number | undefined;
  /** Most pairs of translations in a step; all of them in tests that compare with the original. */
  readonly pairsAStep?: number;
  /** Whether the programs are in pieces: then the directions take turns, too, with one set of arrays. */
  readonly piecewise?: boolean;
}

/** Learning rates of a step. */
export interface StepRates {
  readonly rate: number;
  /** Undefined: the tables are trained with everything else. Else they have an optimiser of their own: its rate by language. */
  readonly embeddings: readonly number[] | undefined;
}

/** What a step computes, before its update. */
export interface StepLosses {
  /** Mean cross-entropy of a word by direction, in the order of the languages. */
  readonly languages: readonly Readonly<Record<Direction, number>>[];
  readonly alignment: Readonly<Record<string, number>>;
  /** The loss that is minimised. */
  readonly total: number;
  /** Global norms: of all gradients, or of the tables' and of the others'. */
  readonly norms: readonly number[];
}

export class EncoderTrainer {
  readonly #setup: TrainerSetup;
  readonly #tables: readonly OutsideWeight[];
  readonly #gradients: readonly RowGradients[];
  readonly #shared = new Buffers();
  readonly #buffers: Readonly<Record<Direction, Buffers>>;

  /** @param state the embedding tables and their moments are taken out of it */
  constructor(setup: TrainerSetup, state: Record<string, StateTensor>) {
    this.#setup = setup;
    this.#tables = setup.languages.map((language) => new OutsideWeight(tableName(language), state, ADAM));
    this.#gradients = this.#tables.map(({ shape }) => new RowGradients(shape[0]!, shape[1]!));
    const forward = new Buffers();
    this.#buffers = { forward, backward: setup.piecewise ? forward : new Buffers() };
  }

  get #weights(): readonly number[] {
    const { weights, languages } = this.#setup;
    return weights ?? languages.map(() => 1);
  }

  get tables(): readonly Float32Array[] {
    return this.#tables.map(({ data }) => data);
  }

  /** The embedding tables and their moments. */
  outside(): Record<string, StateTensor> {
    return Object.assign({}, ...this.#tables.map((table) => table.state()));
  }

  /**
   * Learns from one batch.
   * @param number the step's, from 1
   */
  async step(batch: Batch, shape: BatchShape, number: number, rates: StepRates): Promise<StepLosses> {
    const { models } = this.#setup;
    const program = programName(shape);
    const { outputs, samples } = await this.#learn(batch, shape, number);
    this.#collect(batch, shape, outputs, samples);
    const pulled = this.#pull(number);
    const norms = { outside: 0, inside: 0 };
    for (const gradient of this.#gradients) norms.outside += gradient.squares();
    for (const d of DIRECTIONS) norms.inside += outputs[d].norm![0]! ** 2;
    const apart = rates.embeddings !== undefined;
    const together = Math.sqrt(norms.outside + norms.inside);
    const [outside, inside] = apart ? [Math.sqrt(norms.outside), Math.sqrt(norms.inside)] : [together, together];
    const scale = (norm: number) => this.#setup.config.clip / Math.max(norm, this.#setup.config.clip);
    const adam = adamInputs(number, { ...ADAM, learningRate: rates.rate });
    const update = { scale: Float32Array.of(scale(inside!)), ...adam };
    await Promise.all(DIRECTIONS.map((d) => models[d].run(program, UPDATE, update)));
    this.#gradients.forEach((gradient, l) => {
      const ofTable = adamInputs(number, { ...ADAM, learningRate: rates.embeddings?.[l] ?? rates.rate });
      const step = { rate: ofTable['adam.rate']![0]!, epsilon: ofTable['adam.epsilon']![0]! };
      gradient.apply(this.#tables[l]!, scale(outside!), step);
    });
    return { ...this.#losses(batch, outputs, pulled), norms: apart ? [outside!, inside!] : [together] };
  }

  /** Gradients of the tables in the step that is under way; for tests. */
  get gradients(): readonly RowGradients[] {
    return this.#gradients;
  }

  /** Losses and gradients of both directions, at the same time or in turn. */
  async #learn(batch: Batch, shape: BatchShape, number: number) {
    const { config, languages, models, piecewise = false } = this.#setup;
    const random = this.#random('dropout', number);
    const tables = this.tables;
    const shared: Arrays = {
      ...embeddedRows(batch, shape, tables, config.hidden, this.#shared),
      weight: wordWeights(batch, shape, this.#weights, this.#shared),
      ...(config.alignment.adversarial > 0 && { alpha: Float32Array.of(this.#alpha(number)) }),
      ...(config.dropout > 0 && embeddingMask(config, shape, languages.length, random, this.#shared)),
    };
    const stages = learnStages(config, languages.length, piecewise);
    const outputs = {} as Record<Direction, Record<string, Float32Array>>;
    const samples = {} as Record<Direction, readonly (Samples | undefined)[]>;
    const learn = async (direction: Direction) => {
      const buffers = this.#buffers[direction];
      const masks = config.dropout > 0 && layerMasks(config, shape, languages.length, random, buffers);
      const own = this.#negatives(batch, shape, direction, number);
      samples[direction] = own.samples;
      const inputs = { ...shared, ...masks, ...own.inputs };
      outputs[direction] = {};
      for (const stage of stages) {
        Object.assign(outputs[direction], await models[direction].run(programName(shape), stage, inputs));
      }
    };
    if (piecewise) for (const direction of DIRECTIONS) await learn(direction);
    else await Promise.all(DIRECTIONS.map(learn));
    return { outputs, samples };
  }

  /** What each language's softmax of a direction is over: samples, or its whole table. */
  #negatives(batch: Batch, shape: BatchShape, direction: Direction, number: number) {
    const { config, languages } = this.#setup;
    const { hidden } = config;
    const buffers = this.#buffers[direction];
    const inputs: Arrays = {};
    const samples = this.tables.map((table, l) => {
      const size = table.length / hidden;
      const count = samplesOf(config, size);
      if (count === undefined) {
        inputs[`table.${l}`] = table;
        return undefined;
      }
      const drawn = drawSamples(size, count, this.#random(`negatives ${languages[l]} ${direction}`, number));
      Object.assign(inputs, negativeInputs(drawn, l, direction, batch[l]!, shape, table, hidden, buffers));
      return drawn;
    });
    return { inputs, samples };
  }

  /** For something that is drawn in a step. */
  #random(what: string, number: number): Random {
    const { seed, before = 0 } = this.#setup;
    return new Random(seed, `${what} ${before + number}`);
  }

  /** The weight of the adversary rises over the second quarter of the training. */
  #alpha(number: number): number {
    const { config, steps = config.steps } = this.#setup;
    const { alignment } = config;
    return ramp(number - 1, { peak: alignment.adversarial, from: steps / 4, to: steps / 2 });
  }

  /** Puts together what both directions say about the rows of the tables. */
  #collect(
    batch: Batch,
    shape: BatchShape,
    outputs: Readonly<Record<Direction, Readonly<Record<string, Float32Array>>>>,
    samples: Readonly<Record<Direction, readonly (Samples | undefined)[]>>,
  ): void {
    const { hidden } = this.#setup.config;
    for (const gradient of this.#gradients) gradient.clear();
    for (const direction of DIRECTIONS) {
      const rows = outputs[direction]['rows.gradient']!;
      visitRows(batch, shape, (l, id, place) => this.#gradients[l]!.add(id, rows, place * hidden));
      samples[direction].forEach((drawn, l) => {
        const gradient = this.#gradients[l]!;
        if (drawn) {
          const values = outputs[direction][`negatives.${l}.gradient`]!;
          drawn.ids.forEach((id, i) => {
            gradient.add(id, values, i * hidden);
          });
        } else {
          const values = outputs[direction][`table.${l}.gradient`]!;
          for (let id = 0; id * hidden < values.length; id++) gradient.add(id, values, id * hidden);
        }
      });
    }
  }

  #pull(number: number): Record<string, number> {
    const { config, identical, pairs, pairsAStep = PAIRS_A_STEP } = this.#setup;
    const { alignment } = config;
    const losses: Record<string, number> = {};
    const pull = (name: string, shared: readonly SharedRows[], weight: number) => {
      if (weight === 0) return;
      const random = this.#random(name, number);
      for (const each of shared) {
        const loss = pullTogether([each], weight, this.tables, this.#gradients, pairsAStep, random);
        losses[this.#nameOf(name, [each.first, each.second])] = loss;
      }
    };
    pull('identical strings', identical, alignment.identical);
    pull('word list', pairs, alignment.pairs);
    return losses;
  }

  /** A term of the alignment; of several pairs of languages, with theirs: `average linkage: en-sw`. */
  #nameOf(term: string, pair: readonly [number, number]): string {
    const { languages } = this.#setup;
    return languages.length === 2 ? term : `${term}: ${pair.map((l) => languages[l]).join('-')}`;
  }

  #losses(
    batch: Batch,
    outputs: Readonly<Record<Direction, Readonly<Record<string, Float32Array>>>>,
    pulled: Readonly<Record<string, number>>,
  ): Omit<StepLosses, 'norms'> {
    const alignment: Record<string, number> = { ...pulled };
    const loss = (output: string) => DIRECTIONS.reduce((sum, d) => sum + outputs[d][output]![0]!, 0);
    for (const [output, name] of ALIGNMENTS) {
      languagePairs(this.#setup.languages.length).forEach((pair, i) => {
        if (outputs.forward[`${output}.${i}`]) alignment[this.#nameOf(name, pair)] = loss(`${output}.${i}`);
      });
    }
    if (outputs.forward['adversary.0']) alignment.discriminator = loss('adversary.0');
    let total = Object.values(alignment).reduce((sum, x) => sum + x, 0);
    const languages = batch.map((sentences, l) => {
      const words = sentences.reduce((sum, ids) => sum + ids.length, 0);
      const mean = (d: Direction) => {
        const loss = outputs[d][`loss.${l}`]![0]!;
        total += (this.#weights[l]! * loss) / (words + 0.01) / batch.length;
        return loss / Math.max(1, words);
      };
      return { forward: mean('forward'), backward: mean('backward') };
    });
    return { languages, alignment, total };
  }
}

const ALIGNMENTS = [
  ['linkage', 'average linkage'],
  ['moments', 'mean and variance'],
] as const;
