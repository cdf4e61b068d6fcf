// Pre-training from plain texts to an encoder folder: it can be stopped between any two steps and goes on from there.
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { version } from '../../package.json';
import { chooseEngine, defaultThreads, type Engine, type Model, type State } from '../tensor/index.ts';
import { InputError } from '../text/index.ts';
import { isLanguageTag } from '../text/language-tag.ts';
import type { SharedRows } from './alignment/translations.ts';
import { BatchStream, type StepBatch } from './batch-stream.ts';
import { sentencesOf, timeOf } from './batches.ts';
import {
  type Checkpoint,
  checkpointFolder,
  type Position,
  readCheckpoint,
  removeCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
import { type EncoderConfig, encoderConfig, encoderConfigSchema } from './config.ts';
import { directionShapes, trainingProgram } from './direction.ts';
import { evaluationPrograms, perplexityOf } from './evaluate.ts';
import { checkEncoderFolder, type EncoderFacts, readEncoder, writeEncoder } from './folder.ts';
import { keepsMemory, requireMemory } from './memory.ts';
import { DIRECTIONS, type Direction } from './network.ts';
import { learningRate, releasedRate } from './schedule.ts';
import { countCorpora, firstState, identicalRows, pairRows, requireShared } from './setup.ts';
import { createDirections } from './side-by-side.ts';
import { EncoderTrainer, programName, type StepRates } from './trainer.ts';
import { TrainingLog } from './training-log.ts';
import type { Perplexity, PretrainOptions, PretrainProgress, PretrainReport } from './types.ts';
import { encoderShapes, pick } from './weights.ts';

/** Seconds between two checkpoints, and steps between two evaluations. */
const CHECKPOINT_SECONDS = 180;
const EVALUATE_STEPS = 1000;

/** Batches of the stream's beginning that are kept for perplexity, and sentences of a language in them at most. */
const HELD_BATCHES = 8;
const HELD_SENTENCES = 200;

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

function checkOptions({ texts, vectors = [], template }: PretrainOptions): void {
  const [first] = texts;
  const fail = (what: string, remedy: string, path: string) => {
    throw new InputError(what, remedy, { path });
  };
  if (!first || texts.length < 2)
    fail('one language alone has none to be aligned with', 'name two texts or more', first?.path ?? 'texts');
  const languages = texts.map(({ language }) => language);
  texts.forEach(({ language, path }, i) => {
    if (!isLanguageTag(language))
      fail(`${language} is no language tag`, 'write a BCP 47 tag such as en, yor or sr-Latn', path);
    if (languages.indexOf(language) < i)
      fail(`the language ${language} has a text already`, 'name one file a language', path);
  });
  for (const { language, path } of vectors) {
    if (!languages.includes(language))
      fail(`there is no text of the language ${language}`, `give vectors of ${languages.join(', ')}`, path);
  }
  if (template === 'winit_layer_avl' && vectors.length === 0) {
    fail(
      'the template winit_layer_avl starts from given vectors',
      'give them with --vectors, or make them with crosstag vectors',
      first!.path,
    );
  }
}

class Pretraining {
  readonly #options: PretrainOptions;
  readonly #config: EncoderConfig;
  readonly #checkpoint: Checkpoint;
  readonly #fingerprint: string;
  readonly #engine: Engine;
  readonly #models: Readonly<Record<Direction, Model>>;
  readonly #trainer: EncoderTrainer;
  readonly #stream: BatchStream;
  readonly #log: TrainingLog;
  readonly #held: ReadonlySet<string>[];
  readonly #resumed: boolean;
  readonly #started = performance.now();
  #step: number;
  #words: number;
  #wordsBefore: number;
  #perplexity: Record<string, Perplexity> | undefined;
  #saved = performance.now();

  private constructor(parts: {
    options: PretrainOptions;
    config: EncoderConfig;
    checkpoint: Checkpoint;
    fingerprint: string;
    engine: Engine;
    models: Readonly<Record<Direction, Model>>;
    trainer: EncoderTrainer;
    stream: BatchStream;
    resumed: boolean;
  }) {
    const { position } = parts.checkpoint;
    this.#options = parts.options;
    this.#config = parts.config;
    this.#checkpoint = parts.checkpoint;
    this.#fingerprint = parts.fingerprint;
    this.#engine = parts.engine;
    this.#models = parts.models;
    this.#trainer = parts.trainer;
    this.#stream = parts.stream;
    this.#resumed = parts.resumed;
    this.#log = new TrainingLog(parts.options.texts, parts.checkpoint.log);
    this.#held = position.held.map((sentences) => new Set(sentences.map((ids) => ids.join(' '))));
    this.#step = position.step;
    this.#words = position.words;
    this.#wordsBefore = position.words;
    this.#perplexity = position.perplexity;
  }

  static async start(options: PretrainOptions): Promise<Pretraining> {
    const { texts, out, seed = 1, signal, pairs } = options;
    const config = configOf(options);
    const engine = await chooseEngine(options.engine, options.threads);
    const threads = options.threads ?? defaultThreads();
    requireMemory(
      config,
      texts.map(() => config.vocabulary),
      options.size,
    );
    const fingerprint = fingerprintOf(options, config);
    const stored = await readCheckpoint(checkpointFolder(out), fingerprint);
    const checkpoint = stored ?? (await firstCheckpoint(options, config));
    const { vocabularies, state, position } = checkpoint;
    const identical = config.alignment.identical > 0 ? identicalRows(vocabularies) : [];
    const given = pairs === undefined ? [] : [await pairRows(pairs, texts, vocabularies)];
    report(options, 'read', position);
    const shape = streamShape(config);
    const stream = await BatchStream.open(texts, vocabularies, shape, seed, {
      ...(stored && { position: position.batches }),
      ...(signal && { signal }),
    });
    if (!stored) await holdOut(stream, position);
    const models = await createModels(
      engine,
      threads,
      config,
      vocabularies.map(({ size }) => size),
      state,
    );
    const languages = texts.map(({ language }) => language);
    const trainer = new EncoderTrainer({ config, languages, models, identical, pairs: given, seed }, state);
    return new Pretraining({
      ...{ options, config, checkpoint, fingerprint, engine, models, trainer, stream },
      resumed: stored !== undefined,
    });
  }

  async train(): Promise<PretrainReport> {
    const { limits, signal } = this.#options;
    const steps = limits.steps ?? (limits.minutes === undefined ? this.#config.steps : Number.POSITIVE_INFINITY);
    const minutes = limits.minutes ?? Number.POSITIVE_INFINITY;
    try {
      while (this.#step < steps && this.#seconds() < minutes * 60) {
        signal?.throwIfAborted();
        if (performance.now() - this.#saved > CHECKPOINT_SECONDS * 1000) await this.#save();
        await this.#learn();
        if (this.#step % EVALUATE_STEPS === 0) await this.#evaluate();
        this.#report('train');
        await setImmediate();
      }
      if (this.#step % EVALUATE_STEPS !== 0 || this.#perplexity === undefined) await this.#evaluate();
      signal?.throwIfAborted();
    } catch (error) {
      if (signal?.aborted && this.#step > 0) await this.#save();
      throw error;
    }
    return this.#finish(this.#step >= steps ? 'steps' : 'minutes');
  }

  async close(): Promise<void> {
    await this.#stream.close();
    for (const direction of DIRECTIONS) await this.#models[direction].dispose();
  }

  async #learn(): Promise<void> {
    const drawn = await this.#stream.next();
    const batch = this.#withoutHeld(drawn);
    this.#step++;
    // A batch of which a language has nothing left counts as a step: the number of steps is that of the stream.
    if (batch.some((sentences) => sentences.length === 0)) return;
    const shape = { sentences: drawn.most, time: drawn.time };
    const losses = await this.#trainer.step(batch, shape, this.#step, this.#rates());
    for (const sentences of batch) for (const ids of sentences) this.#words += ids.length;
    this.#log.add(losses, { step: this.#step, words: this.#words, seconds: this.#seconds() });
  }

  /** Sentences that perplexity is measured on are not learnt from. */
  #withoutHeld({ languages }: StepBatch): Int32Array[][] {
    return languages.map(({ sentences }, l) => sentences.filter((ids) => !this.#held[l]!.has(ids.join(' '))));
  }

  /** Rates of the step that was just drawn; the schedules count from 0. */
  #rates(): StepRates {
    const rate = learningRate(this.#step - 1, this.#config);
    if (this.#options.vectors === undefined) return { rate, embeddings: undefined };
    return { rate, embeddings: releasedRate(this.#step - 1, this.#config.learningRate, this.#config.release) };
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
        this.#config.hidden,
        sentences,
        async () => {
          await setImmediate();
          signal?.throwIfAborted();
        },
      );
    }
    this.#perplexity = found;
    this.#log.evaluated(found, { step: this.#step, words: this.#words, seconds: this.#seconds() });
  }

  async #save(): Promise<void> {
    const { corpora, vectors, pairs, vocabularies, position } = this.#checkpoint;
    const now: Position = {
      step: this.#step,
      words: this.#words,
      seconds: this.#seconds(),
      batches: this.#stream.position(),
      held: position.held,
      ...(this.#perplexity && { perplexity: this.#perplexity }),
    };
    await writeCheckpoint(checkpointFolder(this.#options.out), this.#fingerprint, {
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
    const seconds = this.#seconds();
    const sizes = texts.map(({ language }, i) => ({ language, words: vocabularies[i]!.size }));
    const tensors = pick(await this.#state(), Object.keys(encoderShapes(this.#config, sizes)));
    const metrics = { steps: this.#step, words: this.#words, seconds, perplexity, alignment };
    await writeEncoder(out, this.#facts(metrics), vocabularies, tensors, this.#log.text());
    await removeCheckpoint(checkpointFolder(out));
    return {
      ...{ folder: out, steps: this.#step, words: this.#words, seconds, perplexity, alignment, stopped },
      wordsPerSecond: this.#rate(),
      resumed: this.#resumed,
    };
  }

  #facts(metrics: EncoderFacts['metrics']): EncoderFacts {
    const { texts, template, size, seed = 1 } = this.#options;
    const { corpora, vectors, pairs } = this.#checkpoint;
    return {
      ...{ template, size, configuration: this.#config, metrics, seed },
      languages: texts.map(({ language }, i) => ({
        language,
        corpus: corpora[i]!,
        ...(vectors[i] !== undefined && { vectors: vectors[i] }),
      })),
      ...(pairs !== undefined && { pairs }),
      engine: this.#engine.name,
      crosstag: version,
      created: new Date().toISOString(),
    };
  }

  #seconds(): number {
    return this.#checkpoint.position.seconds + (performance.now() - this.#started) / 1000;
  }

  #rate(): number {
    return (this.#words - this.#wordsBefore) / ((performance.now() - this.#started) / 1000);
  }

  #report(phase: PretrainProgress['phase']): void {
    const { progress, limits } = this.#options;
    if (!progress) return;
    const seconds = this.#seconds();
    const spent = (performance.now() - this.#started) / 1000;
    const done = this.#step - this.#checkpoint.position.step;
    const steps = limits.steps ?? (limits.minutes === undefined ? this.#config.steps : 0);
    const bySteps = steps > 0 && done > 0 ? ((steps - this.#step) * spent) / done : Number.POSITIVE_INFINITY;
    const byTime = limits.minutes === undefined ? Number.POSITIVE_INFINITY : limits.minutes * 60 - seconds;
    const eta = Math.max(0, Math.min(bySteps, byTime));
    progress({
      ...{ phase, step: this.#step, words: this.#words, rate: this.#rate(), seconds },
      // Of a training that time ends, the share is that of the time.
      ...(steps > 0 && bySteps <= byTime ? { steps } : { steps: share(this.#step, seconds, limits.minutes) }),
      eta: Number.isFinite(eta) ? eta : undefined,
      perplexity: this.#perplexity,
      alignment: this.#log.alignment,
    });
  }
}

/** The steps that a training of so many minutes will have taken, at the speed so far. */
function share(step: number, seconds: number, minutes: number | undefined): number {
  if (minutes === undefined || seconds === 0) return 0;
  return Math.max(step, Math.round((step * minutes * 60) / seconds));
}

function report({ progress }: PretrainOptions, phase: PretrainProgress['phase'], position?: Position, words = 0): void {
  progress?.({
    ...{
      phase,
      step: position?.step ?? 0,
      steps: 0,
      words: position?.words ?? words,
      rate: 0,
      seconds: position?.seconds ?? 0,
    },
    ...{ eta: undefined, perplexity: position?.perplexity, alignment: {} },
  });
}

function configOf({ size, template, pairs, config, alignment }: PretrainOptions): EncoderConfig {
  const base = encoderConfig(size, template, pairs !== undefined);
  return encoderConfigSchema.parse({ ...base, ...config, alignment: { ...base.alignment, ...alignment } });
}

function streamShape({ maxLength, batchWords, bucketWidth, lowerCase, shuffle }: EncoderConfig) {
  return { maxLength, words: batchWords, width: bucketWidth, lowerCase, shuffle };
}

/**
 * Of everything that the course of a pre-training is a function of: its end aside, and engine and threads, which change no
 * more than the last digits.
 */
function fingerprintOf(options: PretrainOptions, config: EncoderConfig): string {
  const { texts, pairs, vectors, seed = 1 } = options;
  const all = [config, texts, pairs ?? null, vectors ?? null, seed];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function firstCheckpoint(options: PretrainOptions, config: EncoderConfig): Promise<Checkpoint> {
  const { texts, pairs, resume } = options;
  report(options, 'vocabulary');
  const older = resume ? await readOlder(options, config) : undefined;
  const counted = await countCorpora(options, config, (words) => report(options, 'vocabulary', undefined, words));
  const vocabularies = older?.vocabularies ?? counted.map(({ vocabulary }) => vocabulary);
  const shared: SharedRows[] = config.alignment.identical > 0 ? identicalRows(vocabularies) : [];
  requireShared(shared, options);
  const given = pairs === undefined ? undefined : await pairRows(pairs, texts, vocabularies);
  const first = await firstState(options, config, vocabularies, given ? [...shared, given] : shared);
  return {
    corpora: counted.map(({ sha256, sentences, words, covered }) => ({ sha256, sentences, words, covered })),
    vectors: first.vectors,
    pairs: given && given.rows.length / 2,
    position: {
      ...{ step: 0, words: 0, seconds: 0, held: texts.map(() => []) },
      batches: { step: 0, languages: [] },
    },
    vocabularies,
    state: older ? { ...first.state, ...older.tensors } : first.state,
    log: '',
  };
}

/** The encoder that shall be trained further. @throws InputError where there is none, or it is another one */
async function readOlder({ out, texts }: PretrainOptions, config: EncoderConfig) {
  const older = await readEncoder(out);
  const { languages, configuration } = older.description;
  const path = out;
  if (languages.map(({ language }) => language).join() !== texts.map(({ language }) => language).join()) {
    const known = languages.map(({ language }) => language).join(', ');
    throw new InputError(`the encoder there was trained on ${known}`, 'name the same languages in the same order', {
      path,
    });
  }
  const { layers, hidden, filter, heads } = configuration;
  if (layers !== config.layers || hidden !== config.hidden || filter !== config.filter || heads !== config.heads) {
    throw new InputError(`the encoder there has the size ${older.description.size}`, 'name the same --size', { path });
  }
  return older;
}

/** Takes the first batches of a stream for the measurement of perplexity. */
async function holdOut(stream: BatchStream, position: Position): Promise<void> {
  for (let i = 0; i < HELD_BATCHES; i++) {
    const { languages } = await stream.next();
    languages.forEach(({ sentences }, l) => {
      const own = position.held[l]!;
      for (const ids of sentences) if (own.length < HELD_SENTENCES) own.push([...ids]);
    });
  }
}

function createModels(
  engine: Engine,
  threads: number,
  config: EncoderConfig,
  sizes: readonly number[],
  state: State,
): Promise<Record<Direction, Model>> {
  const shape = streamShape(config);
  const buckets = Array.from({ length: Math.floor(config.maxLength / config.bucketWidth) + 1 }, (_, bucket) => ({
    sentences: sentencesOf(bucket, shape),
    time: timeOf(bucket, shape),
  }));
  return createDirections(engine, { threads, keepMemory: keepsMemory(config, sizes) }, (direction) => {
    const learning = buckets.map(
      (bucket) => [programName(bucket), () => trainingProgram(config, { sizes }, direction, bucket)] as const,
    );
    const own = Object.keys(directionShapes(config, sizes.length, direction));
    const names = Object.keys(state).filter((name) =>
      own.some((weight) => name === weight || name.startsWith(`${weight}.adam.`)),
    );
    const programs = { ...Object.fromEntries(learning), ...evaluationPrograms(config, direction, sizes) };
    return { weights: pick(state, names), programs };
  });
}
