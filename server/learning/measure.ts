// What a model says of labelled sentences, and how right that is.

import { type LabelledSentence, loadTagger, type TaggedSentence, type Tagger } from '../tagger/index.ts';
import { evaluate, OUTSIDE } from '../tags/index.ts';
import type { Task } from '../text/index.ts';
import { lookUp } from '../text/language-tag.ts';
import type { Measured } from './history.ts';

export interface Means {
  readonly engine?: string;
  readonly threads?: number;
  readonly signal?: AbortSignal | undefined;
}

type Sentence = Pick<LabelledSentence, 'words' | 'language'>;
type Tags = readonly string[];

/** Loads a model, lets it say what it thinks of sentences, and puts it away. @throws InputError for a model that is damaged */
export async function withModel<T>(folder: string, means: Means, work: (model: LoadedModel) => Promise<T>): Promise<T> {
  const { engine, threads, signal } = means;
  const tagger = await loadTagger(folder, {
    ...(engine !== undefined && { engine }),
    ...(threads !== undefined && { threads }),
  });
  try {
    return await work(new LoadedModel(tagger, signal));
  } finally {
    await tagger.dispose();
  }
}

export class LoadedModel {
  readonly #tagger: Tagger;
  readonly #signal: AbortSignal | undefined;

  constructor(tagger: Tagger, signal: AbortSignal | undefined) {
    this.#tagger = tagger;
    this.#signal = signal;
  }

  /** The best tags of each sentence; a language that the model does not know is read as its own. */
  async tag(sentences: readonly Sentence[]): Promise<Tags[]> {
    return (await this.#ask(sentences, false)).map(({ tags }) => tags);
  }

  /** The probability of each token of a sentence, [time], to be outside of all names. */
  async outside(sentences: readonly Sentence[]): Promise<Float32Array[]> {
    const { tags } = this.#tagger;
    const outside = tags.indexOf(OUTSIDE);
    return (await this.#ask(sentences, true)).map(({ marginals }) =>
      marginals.filter((_, at) => at % tags.length === outside),
    );
  }

  async #ask(sentences: readonly Sentence[], marginals: boolean): Promise<TaggedSentence[]> {
    const found = new Array<TaggedSentence>(sentences.length);
    for (const language of new Set(sentences.map((sentence) => sentence.language ?? ''))) {
      const numbers = sentences.flatMap((sentence, i) => ((sentence.language ?? '') === language ? [i] : []));
      const { languages } = this.#tagger;
      const known = languages.length === 0 ? language : (lookUp(languages, language) ?? '');
      const tagged = await this.#tagger.tag(
        numbers.map((i) => sentences[i]!.words),
        { marginals, ...(known !== '' && { language: known }), ...(this.#signal && { signal: this.#signal }) },
      );
      numbers.forEach((i, k) => {
        found[i] = tagged[k]!;
      });
    }
    return found;
  }
}

/** Scores of tags on labelled sentences. */
export function measuredOf(gold: readonly LabelledSentence[], predicted: readonly Tags[], task: Task): Measured {
  const { precision, recall, f1, accuracy, types, confusion, sentences, tokens } = evaluate(
    gold.map(({ tags }) => tags),
    predicted,
    task,
  );
  return {
    ...{ score: task === 'ner' ? f1 : accuracy, precision, recall, accuracy, sentences, tokens },
    types: { ...types },
    confusion: { labels: [...confusion.labels], counts: confusion.counts.map((row) => [...row]) },
  };
}
