// The models that a model process holds in memory, and what was learnt on top of them.
import {
  type Adaptation,
  type AdaptationOptions,
  AdaptedTagger,
  type LabelledSentence,
  loadTagger,
  RememberingTagger,
  type Tagger,
  trainAdaptation,
} from './tagger/index.ts';
import type { AnsweringModel } from './trainer-protocol.ts';
import type { ModelReference } from './workspace/models.ts';

/** Models that stay loaded: one for each task. */
const MOST_TAGGERS = 2;

/** Adaptations of a model that are kept: the newest, and the one before for requests that are on their way. */
const MOST_ADAPTATIONS = 2;

/** Models whose adaptations are kept: more than are in use, and not all that retraining has ever made. */
const MOST_ADAPTED = 8;

/** The process does not have an adaptation that a request names. */
export class AdaptationLost extends Error {}

export class Taggers {
  readonly #taggers = new Map<string, Promise<Tagger>>();
  /** By model, that adapted last at the end, then by version, oldest first. */
  readonly #adaptations = new Map<string, Map<number, Adaptation>>();
  /** Two processes hardly ever start in the same millisecond, nor does one adapt a thousand times a second. */
  #version = Date.now();

  /** The loaded tagger; the least recently used one makes room. @throws InputError where the folder holds no whole model */
  load(model: ModelReference): Promise<Tagger> {
    const key = JSON.stringify(model);
    const known = this.#taggers.get(key);
    this.#taggers.delete(key);
    const { folder, engine, threads } = model;
    const tagger = known ?? loadTagger(folder, { engine, threads }).then((loaded) => new RememberingTagger(loaded));
    this.#taggers.set(key, tagger);
    tagger.catch(() => this.#taggers.delete(key));
    for (const [oldest, loaded] of this.#taggers) {
      if (this.#taggers.size <= MOST_TAGGERS) break;
      this.#taggers.delete(oldest);
      loaded.then((old) => old.dispose()).catch(() => undefined);
    }
    return tagger;
  }

  /** @throws AdaptationLost */
  async find({ model, adaptation: version }: AnsweringModel): Promise<Tagger> {
    const adaptation = version === undefined ? undefined : this.#adaptations.get(keyOf(model))?.get(version);
    if (adaptation === undefined && (version !== undefined || model === undefined)) {
      throw new AdaptationLost(`adaptation ${version ?? ''} is not in this process; adapt the model again`);
    }
    const base = model && (await this.load(model));
    return adaptation === undefined ? base! : new AdaptedTagger(base, adaptation);
  }

  /** Learns, from the newest adaptation of the model on. @returns what was learnt and its version */
  async adapt(
    model: ModelReference | undefined,
    sentences: readonly LabelledSentence[],
    options: Omit<AdaptationOptions, 'base' | 'start'>,
  ): Promise<{ adaptation: Adaptation; version: number }> {
    const base = model && (await this.load(model));
    const key = keyOf(model);
    const known = this.#adaptations.get(key) ?? new Map<number, Adaptation>();
    const start = [...known.values()].at(-1);
    const task = base?.task ?? options.task;
    const fits = start?.task === task;
    const adaptation = await trainAdaptation(sentences, { ...options, task, base, ...(fits && { start }) });
    const version = ++this.#version;
    known.set(version, adaptation);
    for (const oldest of known.keys()) if (known.size > MOST_ADAPTATIONS) known.delete(oldest);
    this.#adaptations.delete(key);
    this.#adaptations.set(key, known);
    for (const oldest of this.#adaptations.keys()) {
      if (this.#adaptations.size > MOST_ADAPTED) this.#adaptations.delete(oldest);
    }
    return { adaptation, version };
  }
}

function keyOf(model: ModelReference | undefined): string {
  return JSON.stringify(model ?? '');
}
