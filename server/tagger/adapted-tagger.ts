// A model with what was learnt on top of it, at work.
import type { Scheme } from '../tags/index.ts';
import type { Task } from '../text/types.ts';
import type { Adaptation } from './adaptation.ts';
import { emissionsFor, transitionsFor } from './columns.ts';
import { Decoder } from './decoder.ts';
import { type EmissionOptions, type Sentences, tagWith } from './groups.ts';
import type { TaggedSentence, Tagger, TagOptions } from './types.ts';

/** A base and what was learnt on top of it. Disposing it leaves the base alone. */
export class AdaptedTagger implements Tagger {
  readonly task: Task;
  readonly scheme: Scheme;
  readonly tags: readonly string[];
  readonly language: string | undefined;
  readonly languages: readonly string[];
  readonly transitions: Float32Array;
  readonly #base: Tagger | undefined;
  readonly #adaptation: Adaptation;
  readonly #decoder: Decoder;

  /** @param base that of the adaptation; undefined where it has none */
  constructor(base: Tagger | undefined, adaptation: Adaptation) {
    ({ task: this.task, scheme: this.scheme, tags: this.tags } = adaptation);
    this.language = base?.language;
    this.languages = base?.languages ?? [];
    this.#base = base;
    this.#adaptation = adaptation;
    const { wide, factor, tags } = adaptation;
    const corrections = Float32Array.from(wide.transitions);
    this.transitions = base ? added(corrections, transitionsFor(base, tags), factor) : corrections;
    this.#decoder = new Decoder(tags, adaptation.scheme, this.transitions);
  }

  tag(sentences: Sentences, options: TagOptions = {}): Promise<TaggedSentence[]> {
    return tagWith(this.#decoder, (group) => this.emissions(group, options), sentences, options);
  }

  async emissions(sentences: Sentences, options: EmissionOptions = {}): Promise<Float32Array[]> {
    const { wide, tags, factor } = this.#adaptation;
    const given = await this.#base?.emissions(sentences, options);
    return sentences.map((words, i) => {
      const scores = wide.emissions(words);
      return given && this.#base ? added(scores, emissionsFor(given[i]!, this.#base, tags), factor) : scores;
    });
  }

  async dispose(): Promise<void> {}
}

/** Adds `more` times `factor` to `scores`, in place. */
function added(scores: Float32Array, more: Float32Array, factor: number): Float32Array {
  for (let i = 0; i < scores.length; i++) scores[i] = scores[i]! + factor * more[i]!;
  return scores;
}
