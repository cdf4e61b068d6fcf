// Training of the deep part: epochs, the learning rate, scores on dev, early stopping, checkpoints.
import { setImmediate } from 'node:timers/promises';
import { type Model, pick, Random, type State, type StateTensor } from '../../tensor/index.ts';
import { isAbort } from '../../text/error-message.ts';
import { checkpointsBy } from '../../text/folder.ts';
import { InputError } from '../../text/types.ts';
import { WorkingTime } from '../../text/working-time.ts';
import { pauseFor } from '../groups.ts';
import { epochBatches, passesFor } from './batches.ts';
import { type Checkpoint, type Position, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { DeepEmissions } from './emissions.ts';
import { type Example, examplesOf } from './examples.ts';
import { taggingPrograms, trainingPrograms } from './programs.ts';
import { exhausted, note, START } from './stopping.ts';
import { DeepTrainer } from './trainer.ts';
import type { DeepResult, DeepTraining } from './training.ts';
import { seenOnce } from './vocabulary.ts';
import { type DeepSizes, deepShapes, deepSizes, firstWeights, graphShapes, TRANSITIONS, WORDS } from './weights.ts';

/** What changes in the course of a training. */
class DeepRun {
  readonly #training: DeepTraining;
  readonly #sizes: DeepSizes;
  readonly #examples: readonly Example[];
  /** Words of a sentence, on average. */
  readonly #length: number;
  readonly #model: Model;
  readonly #trainer: DeepTrainer;
  readonly #position: Position;
  readonly #resumed: boolean;
  readonly #best: State[];
  readonly #time = new WorkingTime();
  #saved = performance.now();
  readonly #tryCheckpoint = checkpointsBy(
    () => this.#save(),
    (message) => this.#training.warn?.(message),
  );
  /** Words learnt since this process took the training up, for the rate. */
  #words = 0;

  private constructor(
    training: DeepTraining,
    examples: readonly Example[],
    sizes: DeepSizes,
    model: Model,
    checkpoint: Checkpoint,
    resumed: boolean,
  ) {
    const { config, vocabulary, train, inputs } = training;
    this.#training = training;
    this.#sizes = sizes;
    this.#examples = examples;
    this.#length = examples.reduce((sum, { words }) => sum + words.length, 0) / examples.length;
    this.#model = model;
    this.#trainer = new DeepTrainer(
      model,
      { config, sizes, vocabulary, inputs, rare: seenOnce(train, vocabulary) },
      checkpoint.state,
    );
    this.#position = checkpoint.position;
    this.#best = [...checkpoint.best];
    this.#resumed = resumed;
  }

  static async start(training: DeepTraining): Promise<DeepRun> {
    const { config, vocabulary, tags, engine, threads, seed, judges, checkpoint: place, warn } = training;
    const examples = examplesOf(training.train, vocabulary, tags);
    if (examples.length === 0) {
      throw new InputError('no sentence has a label', 'label some sentences first', { path: 'training data' });
    }
    const sizes = deepSizes(config, vocabulary.counts(tags.length));
    const stored = await readCheckpoint(place.folder, place.fingerprint, warn ?? (() => undefined));
    const first = (): Checkpoint => ({
      position: {
        ...{ step: 0, epoch: 1, batch: 0, seconds: 0 },
        judges: judges.map(() => ({ progress: { ...START }, over: false })),
      },
      state: training.first ? { ...training.first } : firstWeights(sizes, new Random(seed, 'weights')),
      best: judges.map(() => ({})),
    });
    const checkpoint = stored ?? first();
    const inGraph = Object.keys(checkpoint.state).filter(
      (name) => !name.startsWith(WORDS) && !name.startsWith(TRANSITIONS),
    );
    const definition = {
      weights: pick(checkpoint.state, inGraph),
      programs: {
        ...trainingPrograms(sizes.network, sizes.characters, { batch: config.batch, clipNorm: config.clip }),
        ...taggingPrograms(sizes.network, sizes.characters),
      },
    };
    const model = await engine.createModel(definition, { threads });
    return new DeepRun(training, examples, sizes, model, checkpoint, stored !== undefined);
  }

  async run(): Promise<DeepResult> {
    const { config } = this.#training;
    const at = this.#position;
    try {
      for (;;) {
        const batches = this.#batches(at.epoch);
        const inTime = await this.#epoch(batches);
        await this.#evaluate(Math.max(config.patience, 3 * batches.length));
        if (!inTime) return this.#result('minutes');
        if (at.judges.every(({ over }) => over)) return this.#result('patience');
        if (at.epoch >= config.epochs) return this.#result('epochs');
        at.epoch++;
        at.batch = 0;
      }
    } catch (error) {
      if (isAbort(error, this.#training.signal)) await this.#save();
      throw error;
    } finally {
      await this.#model.dispose();
    }
  }

  #batches(epoch: number): number[][] {
    const { config, seed } = this.#training;
    const lengths = this.#examples.map((example) => example.words.length);
    const passes = passesFor(lengths.length, config.batch, config.epochSteps);
    return epochBatches(lengths, config.batch, passes, new Random(seed, `order ${epoch}`));
  }

  /** Learns from the batches of this epoch that are not done yet. @returns false when the time is up */
  async #epoch(batches: readonly number[][]): Promise<boolean> {
    const { config, seed, signal, minutes, checkpoint } = this.#training;
    const at = this.#position;
    const rate = config.learningRate * config.decay ** (at.epoch - 1);
    while (at.batch < batches.length) {
      if (this.#seconds() >= minutes * 60) return false;
      signal?.throwIfAborted();
      if (performance.now() - this.#saved > checkpoint.seconds * 1000) await this.#trySave();
      const batch = batches[at.batch]!.map((i) => this.#examples[i]!);
      const step = at.step + 1;
      await this.#trainer.step(batch, step, rate, new Random(seed, `step ${step}`)); // may be aborted before it has learnt
      at.step = step;
      at.batch++;
      for (const { words } of batch) this.#words += words.length;
      this.#report(batches.length);
      await setImmediate();
    }
    return true;
  }

  /** @param patience steps without a better score after which a judge's choice is made */
  async #evaluate(patience: number): Promise<void> {
    const { config, vocabulary, tags, judges, signal } = this.#training;
    const { wordTable, transitions } = this.#trainer;
    const { step, epoch } = this.#position;
    const emissions = new DeepEmissions(this.#model, { config, vocabulary, tags: tags.length, wordTable }, false);
    for (const [i, { sentences, inputs, score }] of judges.entries()) {
      const state = this.#position.judges[i]!;
      if (state.over) continue;
      const words = sentences.map((sentence) => sentence.words);
      const scores = await emissions.of(words, inputs, pauseFor(signal));
      if (note(state.progress, score(scores, transitions), step, epoch)) this.#best[i] = await this.#weights();
      state.over = exhausted(state.progress, step, patience);
    }
  }

  /** Copies of all weights, without moments. */
  async #weights(): Promise<State> {
    const inside = await this.#model.read(Object.keys(graphShapes(this.#sizes)));
    const all = { ...inside, ...this.#trainer.outside() };
    const copies: [string, StateTensor][] = Object.keys(deepShapes(this.#sizes)).map((name) => {
      const { shape, data } = all[name]!;
      return [name, { shape, data: data.slice() }];
    });
    return Object.fromEntries(copies);
  }

  async #trySave(): Promise<void> {
    await this.#tryCheckpoint();
    this.#saved = performance.now();
  }

  async #save(): Promise<void> {
    const { folder, fingerprint } = this.#training.checkpoint;
    const state = { ...(await this.#model.read()), ...this.#trainer.outside() };
    const position = { ...this.#position, seconds: this.#seconds() };
    await writeCheckpoint(folder, fingerprint, { position, state, best: this.#best });
    this.#saved = performance.now();
  }

  #seconds(): number {
    return this.#position.seconds + this.#time.seconds;
  }

  #report(batches: number): void {
    const { progress, config, minutes } = this.#training;
    const at = this.#position;
    const steps = config.epochs * batches;
    const spent = this.#time.seconds;
    const wordsLeft = (steps - at.step) * config.batch * this.#length;
    const rate = this.#words / spent;
    const eta = Math.min(wordsLeft / rate, minutes * 60 - this.#seconds());
    const { best } = at.judges[0]!.progress;
    const dev = best < 0 ? undefined : best;
    progress?.({ phase: 'deep', epoch: at.epoch, step: at.step, steps, rate, dev, eta });
  }

  #result(stopped: DeepResult['stopped']): DeepResult {
    const { judges, step } = this.#position;
    return {
      choices: judges.map(({ progress: { best, bestEpoch } }, i) => ({
        weights: this.#best[i]!,
        score: best,
        bestEpoch,
      })),
      steps: step,
      words: this.#words,
      stopped,
      resumed: this.#resumed,
    };
  }
}

/**
 * Trains the deep part, or goes on with a training that was interrupted: the result is the same, bit for bit with as many
 * threads on the same engine.
 * @throws InputError where nothing is labelled, and where something else than a checkpoint is in its place; the signal's reason
 * when it is aborted: the checkpoint is on disk then
 */
export async function trainDeep(training: DeepTraining): Promise<DeepResult> {
  return (await DeepRun.start(training)).run();
}
