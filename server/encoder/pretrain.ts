// Pre-training from plain texts to an encoder folder: it can be stopped between any two steps and goes on from there.
import { setImmediate } from 'node:timers/promises';
import { version } from '../../package.json';
import { chooseEngine, defaultThreads, type Engine, type Model, pick, type State } from '../tensor/index.ts';
import { isAbort, messageOf } from '../text/error-message.ts';
import { checkpointsBy, exists, removeFolder } from '../text/folder.ts';
import { InputError } from '../text/index.ts';
import { WorkingTime } from '../text/working-time.ts';
import type { BatchStream, StepBatch } from './batch-stream.ts';
import { beginningOf, beginStream, resumeStream } from './beginning.ts';
import {
  type Checkpoint,
  type Position,
  type PretrainingSettings,
  readCheckpoint,
  readPosition,
  writeCheckpoint,
} from './checkpoint.ts';
import type { EncoderConfig } from './config.ts';
import { perplexityOf } from './evaluate.ts';
import { checkEncoderFolder, checkpointFolder, type EncoderFacts, writeEncoder } from './folder.ts';
import { isPiecewise, largestOf, requireMemory } from './memory.ts';
import { DIRECTIONS, type Direction } from './network.ts';
import { checkOptions, configOf, settingsOf } from './pretrain-options.ts';
import { learningRate, releasedRate } from './schedule.ts';
import { type CorporaProgress, listsOf, translationsIn } from './setup.ts';
import { EncoderTrainer, type StepRates } from './trainer.ts';
import { type LogPlace, TrainingLog } from './training-log.ts';
import { createModels } from './training-models.ts';
import type { Perplexity, PretrainOptions, PretrainProgress, PretrainReport } from './types.ts';
import { removeUnfinished } from './unfinished.ts';
import { encoderShapes } from './weights.ts';

/** Seconds between two checkpoints. */
const CHECKPOINT_SECONDS = 180;
/** Steps between two evaluations; where steps take long, seconds. */
const EVALUATE_STEPS = 1000;
const EVALUATE_SECONDS = 1800;

/** Batches without a sentence to learn from that may come one after another. */
const MOST_EMPTY = 1000;

/**
 * Pre-trains an encoder and writes its folder. An interrupted pre-training is taken up where its last checkpoint stands, with
 * the same result as without the interruption.
 * @throws InputError for texts, folders and sizes that cannot be used; the signal's reason when it is aborted
 */
export async function pretrainEncoder(options: PretrainOptions): Promise<PretrainReport> {
  checkOptions(options);
  await checkEncoderFolder(options.out);
  const run = await Pretraining.start(options);
  try {
    return await run.train();
  } finally {
    await run.close();
  }
}

class Pretraining {
  readonly #options: PretrainOptions;
  readonly #config: EncoderConfig;
  readonly #checkpoint: Checkpoint;
  readonly #settings: PretrainingSettings;
  readonly #engine: Engine;
  readonly #models: Readonly<Record<Direction, Model>>;
  readonly #trainer: EncoderTrainer;
  /** Undefined where no step is taken any more. */
  readonly #stream: BatchStream | undefined;
  readonly #log: TrainingLog;
  readonly #held: ReadonlySet<string>[];
  readonly #resumed: boolean;
  readonly #time = new WorkingTime();
  #step: number;
  #words: number;
  #wordsBefore: number;
  #perplexity: Record<string, Perplexity> | undefined;
  /** The step after which perplexity was measured. */
  #evaluated: number | undefined;
  /** When the work began that no checkpoint holds; the counting of large texts is such work. */
  #saved: number;
  #measured = performance.now();
  readonly #tryCheckpoint = checkpointsBy(
    () => this.#save(),
    (message) => this.#options.warn?.(message),
  );

  private constructor(parts: {
    options: PretrainOptions;
    config: EncoderConfig;
    checkpoint: Checkpoint;
    settings: PretrainingSettings;
    engine: Engine;
    models: Readonly<Record<Direction, Model>>;
    trainer: EncoderTrainer;
    stream: BatchStream | undefined;
    resumed: boolean;
    began: number;
  }) {
    const { position } = parts.checkpoint;
    this.#options = parts.options;
    this.#config = parts.config;
    this.#checkpoint = parts.checkpoint;
    this.#settings = parts.settings;
    this.#engine = parts.engine;
    this.#models = parts.models;
    this.#trainer = parts.trainer;
    this.#stream = parts.stream;
    this.#resumed = parts.resumed;
    this.#saved = parts.began;
    this.#log = new TrainingLog(parts.options.texts, parts.checkpoint.log, position.pending);
    this.#held = position.held.map((sentences) => new Set(sentences.map((ids) => ids.join(' '))));
    this.#step = position.step;
    this.#words = position.words;
    this.#wordsBefore = position.words;
    this.#perplexity = position.perplexity;
    this.#evaluated = position.evaluated;
  }

  static async start(options: PretrainOptions): Promise<Pretraining> {
    const { texts, out, seed = 1 } = options;
    const config = configOf(options);
    const engine = await chooseEngine(options.engine, options.threads);
    const threads = options.threads ?? defaultThreads();
    const most = texts.map(() => config.vocabulary);
    const isBegun = await exists(checkpointFolder(out));
    // What was begun is counted
    const { need, isFree } = requireMemory(config, most, options.size, isBegun ? 0 : await largestOf(texts));
    (isFree ? options.note : options.warn)?.(need);
    const settings = await settingsOf(options, config);
    const stored = (await isDiscarded(options)) ? undefined : await readCheckpoint(checkpointFolder(out), settings);
    if (options.finish) requireBegun(stored, out);
    const began = performance.now();
    const begun = stored ? undefined : await beginningOf(options, config, countingReport(options));
    const checkpoint = stored ?? begun!.checkpoint;
    const { vocabularies, state, position } = checkpoint;
    const translations = begun?.translations ?? translationsIn(vocabularies, await listsOf(options), options, config);
    const { step, words, seconds, perplexity } = position;
    report(options, 'read', { step, words, seconds, perplexity });
    const stream = options.finish
      ? undefined
      : await (begun ? beginStream(options, config, begun) : resumeStream(options, config, checkpoint));
    const sizes = vocabularies.map(({ size }) => size);
    const models = await createModels(engine, threads, config, sizes, state);
    const languages = texts.map(({ language }) => language);
    const weights = texts.map(({ weight = 1 }) => weight);
    const piecewise = isPiecewise(config, sizes);
    const { steps, minutes } = options.limits;
    if (config.alignment.adversarial > 0 && steps === undefined && minutes !== undefined && !options.finish) {
      const from = (config.steps / 4).toLocaleString('en');
      options.warn?.(
        `the discriminator counts from step ${from} on, which so few minutes may not reach: give --steps too`,
      );
    }
    const before = position.before?.steps;
    const isGiven = checkpoint.vectors.some((given) => given !== undefined);
    if (isGiven && !options.finish) noteRelease(options, config, before ?? 0, step);
    const setup = { config, steps, languages, weights, models, ...translations, seed, before, piecewise };
    const trainer = new EncoderTrainer(setup, state);
    return new Pretraining({
      ...{ options, config, checkpoint, settings, engine, models, trainer, stream },
      resumed: stored !== undefined,
      began,
    });
  }

  async train(): Promise<PretrainReport> {
    const { limits, finish, signal } = this.#options;
    const steps = stepsOf(this.#options, this.#config) ?? Number.POSITIVE_INFINITY;
    const minutes = finish ? 0 : (limits.minutes ?? Number.POSITIVE_INFINITY);
    if (this.#resumed && !finish && (this.#step >= steps || this.#seconds() >= minutes * 60)) {
      const spent = `${this.#step.toLocaleString('en')} steps in ${Math.round(this.#seconds() / 60)} min`;
      this.#options.note?.(`what was begun has had ${spent}, which is all that is asked for: the encoder is written`);
    }
    try {
      // It was interrupted just then
      if (this.#step > 0 && this.#step % EVALUATE_STEPS === 0 && this.#evaluated !== this.#step) await this.#evaluate();
      while (this.#step < steps && this.#seconds() < minutes * 60) {
        if (performance.now() - this.#saved > CHECKPOINT_SECONDS * 1000) await this.#trySave();
        signal?.throwIfAborted();
        await this.#learn();
        const isDue = performance.now() - this.#measured > EVALUATE_SECONDS * 1000;
        if (isDue || this.#step % EVALUATE_STEPS === 0) await this.#evaluate();
        this.#report('train');
        await setImmediate();
      }
      if (this.#evaluated !== this.#step) await this.#evaluate();
      signal?.throwIfAborted();
    } catch (error) {
      if (isAbort(error, signal) && this.#step > 0) await this.#save();
      throw error;
    }
    try {
      return await this.#finish(finish ? 'finish' : this.#step >= steps ? 'steps' : 'minutes');
    } catch (error) {
      // What failed is told, also where not even a checkpoint can be written: the last one is there
      await this.#save().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#stream?.close();
    for (const direction of DIRECTIONS) await this.#models[direction].dispose();
  }

  async #learn(): Promise<void> {
    const { drawn, batch } = await this.#draw();
    this.#step++;
    const shape = { sentences: drawn.most, time: drawn.time };
    const losses = await this.#trainer.step(batch, shape, this.#step, this.#rates());
    const wrong = Number.isFinite(losses.total) ? 'gradient' : 'loss';
    // A gradient that overflows makes weights of no number, which the loss would tell a step later
    if (![losses.total, ...losses.norms].every(Number.isFinite)) {
      throw this.#diverged(`the ${wrong} of step ${this.#step} is no number`);
    }
    for (const sentences of batch) for (const ids of sentences) this.#words += ids.length;
    this.#log.add(losses, this.#total());
  }

  /**
   * The next batch of which every language has something left to learn from; others are no steps.
   * @throws InputError where none comes
   */
  async #draw(): Promise<{ drawn: StepBatch; batch: Int32Array[][] }> {
    let empty = 0;
    for (let i = 0; i < MOST_EMPTY; i++) {
      const drawn = await this.#stream!.next();
      const batch = this.#withoutHeld(drawn);
      empty = batch.findIndex((sentences) => sentences.length === 0);
      if (empty < 0) return { drawn, batch };
    }
    const { language, path } = this.#options.texts[empty]!;
    throw new InputError(
      `the corpus of ${language} has too few different sentences: perplexity is measured on some, and no other is left to learn`,
      'give a longer text',
      { path },
    );
  }

  /** Sentences that perplexity is measured on are not learnt from. */
  #withoutHeld({ languages }: StepBatch): Int32Array[][] {
    return languages.map(({ sentences }, l) => sentences.filter((ids) => !this.#held[l]!.has(ids.join(' '))));
  }

  /** Rates of the step that was just drawn; the schedules count from 0. */
  #rates(): StepRates {
    const rate = learningRate(this.#step - 1, this.#config);
    const { vectors, position } = this.#checkpoint;
    if (vectors.every((words) => words === undefined)) return { rate, embeddings: undefined };
    const { learningRate: whole, release } = this.#config;
    const released = releasedRate((position.before?.steps ?? 0) + this.#step - 1, whole, release);
    // A language without vectors starts from random ones: there is nothing in them to be kept
    return { rate, embeddings: vectors.map((words) => (words === undefined ? rate : released)) };
  }

  async #evaluate(): Promise<void> {
    this.#report('evaluate');
    const { texts, signal } = this.#options;
    const { held } = this.#checkpoint.position;
    const found: Record<string, Perplexity> = {};
    for (const [l, { language }] of texts.entries()) {
      const sentences = held[l]!.map((ids) => Int32Array.from(ids));
      found[language] = await perplexityOf(
        this.#models,
        this.#trainer.tables[l]!,
        this.#config,
        sentences,
        async () => {
          await setImmediate();
          signal?.throwIfAborted();
        },
      );
      if (!Object.values(found[language]).every(Number.isFinite)) {
        throw this.#diverged(`the perplexity of ${language} after step ${this.#step} is no number`);
      }
    }
    this.#perplexity = found;
    this.#evaluated = this.#step;
    this.#measured = performance.now();
    this.#log.evaluated(found, this.#total());
  }

  /** Nothing more can be learnt, nor is it kept: the last checkpoint stays as it is. */
  #diverged(what: string): InputError {
    const { vectors = [], out } = this.#options;
    const [given] = vectors;
    const remedy = given
      ? 'scale the given vectors, so that they have a length of about 1'
      : `remove the folder ${checkpointFolder(out)} and train with another --seed, or with smaller weights in --alignment`;
    return new InputError(`${what}: the training has diverged`, remedy, { path: given?.path ?? out });
  }

  async #trySave(): Promise<void> {
    await this.#tryCheckpoint();
    this.#saved = performance.now();
  }

  async #save(): Promise<void> {
    const { corpora, vectors, pairs, vocabularies, position } = this.#checkpoint;
    const now: Position = {
      step: this.#step,
      words: this.#words,
      seconds: this.#seconds(),
      batches: this.#batches(),
      held: position.held,
      pending: this.#log.pending(),
      ...(position.before && { before: position.before }),
      ...(this.#perplexity && { perplexity: this.#perplexity, evaluated: this.#evaluated }),
    };
    await writeCheckpoint(checkpointFolder(this.#options.out), this.#settings, {
      ...{ corpora, vectors, pairs, vocabularies, position: now },
      state: await this.#state(),
      log: this.#log.text(),
    });
    this.#saved = performance.now();
  }

  /** Weights and moments. */
  async #state(): Promise<State> {
    const inside = await Promise.all(DIRECTIONS.map((direction) => this.#models[direction].read()));
    return Object.assign({}, ...inside, this.#trainer.outside());
  }

  async #finish(stopped: PretrainReport['stopped']): Promise<PretrainReport> {
    this.#report('save');
    const { out, texts } = this.#options;
    const { vocabularies } = this.#checkpoint;
    const perplexity = this.#perplexity!;
    const alignment = this.#log.alignment;
    const { step: steps, words, seconds } = this.#total();
    const sizes = texts.map(({ language }, i) => ({ language, words: vocabularies[i]!.size }));
    const tensors = pick(await this.#state(), Object.keys(encoderShapes(this.#config, sizes)));
    const metrics = { steps, words, seconds, perplexity, alignment };
    await writeEncoder(out, this.#facts(metrics), vocabularies, tensors, this.#log.text());
    const languages = texts.map(({ language }) => language);
    try {
      await removeFolder(checkpointFolder(out));
      await removeUnfinished(out, languages);
    } catch (error) {
      this.#options.warn?.(`the encoder is written, but what was kept to go on cannot be removed: ${messageOf(error)}`);
    }
    return {
      ...{ folder: out, steps, words, seconds, perplexity, alignment, stopped },
      wordsPerSecond: this.#rate(),
      resumed: this.#resumed,
    };
  }

  #facts(metrics: EncoderFacts['metrics']): EncoderFacts {
    const { texts, template, size, seed = 1 } = this.#options;
    const { corpora, vectors, pairs, position } = this.#checkpoint;
    const heldOut = position.before?.seed ?? seed;
    return {
      ...{ template, size, configuration: this.#config, metrics, seed },
      ...(heldOut !== seed && { heldOut }),
      languages: texts.map(({ language, weight = 1 }, i) => ({
        language,
        corpus: corpora[i]!,
        ...(weight !== 1 && { weight }),
        ...(vectors[i] !== undefined && { vectors: vectors[i] }),
      })),
      ...(pairs !== undefined && { pairs }),
      batches: this.#batches(),
      engine: this.#engine.name,
      crosstag: version,
      created: new Date().toISOString(),
    };
  }

  /** Where the texts are read on. */
  #batches(): Position['batches'] {
    return this.#stream?.position() ?? this.#checkpoint.position.batches;
  }

  #seconds(): number {
    return this.#checkpoint.position.seconds + this.#time.seconds;
  }

  /** Of this training and those of the encoder that it goes on from. */
  #total(): LogPlace {
    const { steps, words, seconds } = this.#checkpoint.position.before ?? { steps: 0, words: 0, seconds: 0 };
    return { step: steps + this.#step, words: words + this.#words, seconds: seconds + this.#seconds() };
  }

  #rate(): number {
    return (this.#words - this.#wordsBefore) / this.#time.seconds;
  }

  #report(phase: PretrainProgress['phase']): void {
    const { progress, limits } = this.#options;
    if (!progress) return;
    const seconds = this.#seconds();
    const spent = this.#time.seconds;
    const done = this.#step - this.#checkpoint.position.step;
    const steps = stepsOf(this.#options, this.#config) ?? 0;
    const bySteps = steps > 0 && done > 0 ? ((steps - this.#step) * spent) / done : Number.POSITIVE_INFINITY;
    const byTime = limits.minutes === undefined ? Number.POSITIVE_INFINITY : limits.minutes * 60 - seconds;
    const eta = Math.max(0, Math.min(bySteps, byTime));
    progress({
      ...{ phase, counted: 1, step: this.#step, words: this.#words, rate: this.#rate(), seconds },
      // Of a training that time ends, the share is that of the time.
      ...(steps > 0 && bySteps <= byTime ? { steps } : { steps: share(this.#step, seconds, limits.minutes) }),
      eta: Number.isFinite(eta) ? eta : undefined,
      perplexity: this.#perplexity,
      alignment: this.#log.alignment,
    });
  }
}

/** Whether an interrupted run is the one that is not to be taken up; one of its own is, when a request is sent again. */
async function isDiscarded({ out, discard }: PretrainOptions): Promise<boolean> {
  if (discard === undefined) return false;
  return (await readPosition(checkpointFolder(out)))?.seconds === discard;
}

/** @throws InputError where there is nothing that could become an encoder */
function requireBegun(stored: Checkpoint | undefined, out: string): void {
  if (stored !== undefined && stored.position.step > 0) return;
  throw new InputError('no pre-training is begun there that could be finished', 'leave out --finish', { path: out });
}

/**
 * Says where given vectors learn nothing, or perhaps nothing, before the end.
 * @param before steps of earlier trainings
 * @param step of this one so far
 */
function noteRelease(options: PretrainOptions, config: EncoderConfig, before: number, step: number): void {
  const { note } = options;
  const [from] = config.release;
  const steps = stepsOf(options, config);
  if (before + (steps ?? step) > from) return;
  const when = `from step ${from.toLocaleString('en')} of all trainings on`;
  if (steps !== undefined) note?.(`the given vectors stay as they are: they learn ${when}`);
  else note?.(`the given vectors learn ${when}, if it comes to that: until then they stay as they are`);
}

/** The steps after which a training ends; undefined: only its minutes end it. */
function stepsOf({ limits }: PretrainOptions, config: EncoderConfig): number | undefined {
  return limits.steps ?? (limits.minutes === undefined ? config.steps : undefined);
}

/** The steps that a training of so many minutes will have taken, at the speed so far. */
function share(step: number, seconds: number, minutes: number | undefined): number {
  if (minutes === undefined || seconds === 0) return 0;
  return Math.max(step, Math.round((step * minutes * 60) / seconds));
}

function report(
  { progress }: PretrainOptions,
  phase: PretrainProgress['phase'],
  known: Partial<Omit<PretrainProgress, 'phase' | 'alignment'>>,
): void {
  const start = { counted: 1, step: 0, steps: 0, words: 0, rate: 0, seconds: 0, eta: undefined, perplexity: undefined };
  progress?.({ phase, ...start, ...known, alignment: {} });
}

/** Tells how far the counting of the texts is, which takes half an hour for 20 GB. */
function countingReport(options: PretrainOptions): (now: CorporaProgress) => void {
  const started = performance.now();
  return ({ bytes, of, words }) => {
    const seconds = (performance.now() - started) / 1000;
    const eta = bytes > 0 ? (seconds * (of - bytes)) / bytes : undefined;
    report(options, 'vocabulary', { counted: of > 0 ? bytes / of : 0, words, rate: words / seconds, eta });
  };
}
