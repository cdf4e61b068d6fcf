// A trained model at work: sentences in, tags with probabilities out.
import type { Scheme } from '../tags/index.ts';
import type { Task } from '../text/types.ts';
import { Decoder } from './decoder.ts';
import { type EmissionOptions, inGroups, type Pause, pauseFor, type Sentences, tagWith } from './groups.ts';
import { weightedSum } from './mixture.ts';
import type { TaggedSentence, Tagger, TagOptions } from './types.ts';

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

/** What a tagger says of itself. */
export type TaggerFacts = Pick<Tagger, 'task' | 'scheme' | 'tags' | 'language' | 'languages'>;

export class MixedTagger implements Tagger {
  readonly task: Task;
  readonly scheme: Scheme;
  readonly tags: readonly string[];
  readonly language: string | undefined;
  readonly languages: readonly string[];
  readonly transitions: Float32Array;
  readonly #parts: readonly WeightedPart[];
  readonly #decoder: Decoder;
  /** The work before: parts keep scratch memory, so groups of sentences go through one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ task, scheme, tags, language, languages }: TaggerFacts, parts: readonly WeightedPart[]) {
    this.task = task;
    this.scheme = scheme;
    this.tags = tags;
    this.language = language;
    this.languages = languages;
    this.#parts = parts.filter(({ factor }) => factor !== 0);
    const transitions = this.#parts.map(({ part, factor }) => ({ values: part.transitions, factor }));
    this.transitions = weightedSum(transitions);
    this.#decoder = new Decoder(tags, scheme, this.transitions);
  }

  /** @throws InputError for a language that the encoder does not know; the signal's reason when it is aborted */
  tag(sentences: Sentences, options: TagOptions = {}): Promise<TaggedSentence[]> {
    return tagWith(this.#decoder, (group) => this.emissions(group, options), sentences, options);
  }

  /** @throws as `tag` */
  emissions(sentences: Sentences, options: EmissionOptions = {}): Promise<Float32Array[]> {
    const pause = pauseFor(options.signal);
    const { language = this.language } = options;
    return inGroups(sentences, pause, (group) => this.#inTurn(() => this.#emissionsOf(group, pause, language)));
  }

  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      for (const { part } of this.#parts) await part.dispose();
    });
  }

  async #emissionsOf(group: Sentences, pause: Pause, language: string | undefined): Promise<Float32Array[]> {
    const byPart: { emissions: Float32Array[]; factor: number }[] = [];
    for (const { part, factor } of this.#parts) {
      byPart.push({ emissions: await part.emissions(group, pause, language), factor });
    }
    return group.map((_, i) => weightedSum(byPart.map(({ emissions, factor }) => ({ values: emissions[i]!, factor }))));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
