// A trained model at work: sentences in, tags with probabilities out.
import { setImmediate } from 'node:timers/promises';
import type { Scheme } from '../tags/index.ts';
import type { Task } from '../text/types.ts';
import { Decoder } from './decoder.ts';
import { weightedSum } from './mixture.ts';
import type { TaggedSentence, Tagger, TagOptions } from './types.ts';

/** Called between two pieces of work: gives the event loop its turn, throws when it is time to stop. */
export type Pause = () => Promise<void>;

/** A part of a tagger: what it says about sentences. */
export interface TaggerPart {
  /** [tags, tags] */
  readonly transitions: Float32Array;
  /**
   * Emissions of each sentence: [time, tags].
   * @param language of the sentences; a part without an encoder does not ask for it
   */
  emissions(
    sentences: readonly (readonly string[])[],
    pause: Pause,
    language: string | undefined,
  ): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/** A part and what its scores are multiplied by. */
export interface WeightedPart {
  readonly part: TaggerPart;
  readonly factor: number;
}

/** Sentences between two pauses. */
const GROUP = 64;

export function pauseFor(signal: AbortSignal | undefined): Pause {
  return async () => {
    await setImmediate();
    signal?.throwIfAborted();
  };
}

/** What a tagger says of itself. */
export type TaggerFacts = Pick<Tagger, 'task' | 'scheme' | 'tags' | 'language' | 'languages'>;

export class MixedTagger implements Tagger {
  readonly task: Task;
  readonly scheme: Scheme;
  readonly tags: readonly string[];
  readonly language: string | undefined;
  readonly languages: readonly string[];
  readonly #parts: readonly WeightedPart[];
  readonly #decoder: Decoder;
  /** The work before: parts and decoder keep scratch memory, so groups of sentences go through one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ task, scheme, tags, language, languages }: TaggerFacts, parts: readonly WeightedPart[]) {
    this.task = task;
    this.scheme = scheme;
    this.tags = tags;
    this.language = language;
    this.languages = languages;
    this.#parts = parts.filter(({ factor }) => factor !== 0);
    const transitions = this.#parts.map(({ part, factor }) => ({ values: part.transitions, factor }));
    this.#decoder = new Decoder(tags, scheme, weightedSum(transitions));
  }

  /** @throws InputError for a language that the encoder does not know; the signal's reason when it is aborted */
  async tag(sentences: readonly (readonly string[])[], options: TagOptions = {}): Promise<TaggedSentence[]> {
    const pause = pauseFor(options.signal);
    // Near lengths together: little padding in the deep part's batches.
    const order = sentences.map((_, i) => i).sort((a, b) => sentences[a]!.length - sentences[b]!.length || a - b);
    const results = new Array<TaggedSentence>(sentences.length);
    for (let start = 0; start < order.length; start += GROUP) {
      await pause();
      const group = order.slice(start, start + GROUP);
      const tagged = await this.#inTurn(() =>
        this.#tagGroup(
          group.map((i) => sentences[i]!),
          options,
          pause,
        ),
      );
      group.forEach((i, k) => {
        results[i] = tagged[k]!;
      });
    }
    return results;
  }

  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      for (const { part } of this.#parts) await part.dispose();
    });
  }

  async #tagGroup(group: readonly (readonly string[])[], options: TagOptions, pause: Pause): Promise<TaggedSentence[]> {
    const byPart: { emissions: Float32Array[]; factor: number }[] = [];
    const { language = this.language } = options;
    for (const { part, factor } of this.#parts) {
      byPart.push({ emissions: await part.emissions(group, pause, language), factor });
    }
    return group.map((words, i) => {
      const mixed = weightedSum(byPart.map(({ emissions, factor }) => ({ values: emissions[i]!, factor })));
      return this.#decoder.decode(mixed, words.length, options);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
