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

/** A loaded model and how many requests are using it. */
interface Loaded {
  readonly tagger: Promise<Tagger>;
  users: number;
  /** It has made room for others, and goes with its last user. */
  isLeft: boolean;
}

export class Taggers {
  readonly #taggers = new Map<string, Loaded>();
  /** By model, that adapted last at the end, then by version, oldest first. */
  readonly #adaptations = new Map<string, Map<number, Adaptation>>();
  /** Two processes hardly ever start in the same millisecond, nor does one adapt a thousand times a second. */
  #version = Date.now();

  /**
   * Does something with a model or an adaptation of it. It stays loaded until that is done, whatever else is loaded in between.
   * @throws AdaptationLost
   * @throws InputError where the folder holds no whole model
   */
  use<T>({ model, adaptation: version }: AnsweringModel, work: (tagger: Tagger) => T | Promise<T>): Promise<T> {
    return this.#useBase(model, (base) => {
      const adaptation = version === undefined ? undefined : this.#adaptations.get(keyOf(model))?.get(version);
      if (adaptation !== undefined) return work(new AdaptedTagger(base, adaptation));
      if (base !== undefined && version === undefined) return work(base);
      throw new AdaptationLost(`adaptation ${version ?? ''} is not in this process; adapt the model again`);
    });
  }

  /** Learns, from the newest adaptation of the model on. @returns what was learnt and its version */
  async adapt(
    model: ModelReference | undefined,
    sentences: readonly LabelledSentence[],
    options: Omit<AdaptationOptions, 'base' | 'start'>,
  ): Promise<{ adaptation: Adaptation; version: number }> {
    return this.#useBase(model, async (base) => {
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
    });
  }

  async #useBase<T>(model: ModelReference | undefined, work: (base: Tagger | undefined) => T | Promise<T>): Promise<T> {
    if (model === undefined) return work(undefined);
    const loaded = this.#load(model);
    loaded.users++;
    try {
      return await work(await loaded.tagger);
    } finally {
      loaded.users--;
      leave(loaded);
    }
  }

  /** Loads a model; those that were not used for the longest time make room. */
  #load(model: ModelReference): Loaded {
    const key = JSON.stringify(model);
    const known = this.#taggers.get(key);
    this.#taggers.delete(key);
    const loaded = known ?? { tagger: open(model), users: 0, isLeft: false };
    this.#taggers.set(key, loaded);
    loaded.tagger.catch(() => this.#taggers.delete(key));
    for (const [oldest, other] of this.#taggers) {
      if (this.#taggers.size <= MOST_TAGGERS) break;
      this.#taggers.delete(oldest);
      other.isLeft = true;
      leave(other);
    }
    return loaded;
  }
}

async function open({ folder, engine, threads }: ModelReference): Promise<Tagger> {
  return new RememberingTagger(await loadTagger(folder, { engine, threads }));
}

function leave({ tagger, users, isLeft }: Loaded): void {
  if (isLeft && users === 0) tagger.then((old) => old.dispose()).catch(() => undefined);
}

function keyOf(model: ModelReference | undefined): string {
  return JSON.stringify(model ?? '');
}
