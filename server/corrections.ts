// The models of the editor learn from what people decide, within seconds: after each pause, from all that was decided.

import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc';
import type { PoolSentence } from './learning/pool.ts';
import type { ModelService } from './model-service.ts';
import { type LabelledSentence, presumeOutside } from './tagger/index.ts';
import { convertTags, detectScheme } from './tags/index.ts';
import { messageOf } from './text/error-message.ts';
import { contentHash, type Task } from './text/index.ts';
import type { OpenDocument } from './workspace/documents.ts';
import { type Clock, Debounce, type Logger } from './workspace/host.ts';
import type { Suggestions } from './workspace/suggestions.ts';

/** Milliseconds without a new decision before it is learnt from. */
const PAUSE = 300;

export interface CorrectionsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly models: ModelService;
  /** The sentences that people have decided something of. */
  readonly taught: () => Iterable<PoolSentence>;
  /** All sentences of a file. */
  readonly sentencesOf: (uri: string) => readonly PoolSentence[];
  /** Whether all files are read: what nobody teaches any more was taken back. */
  readonly isComplete: () => boolean;
  readonly documentOf: (uri: string) => OpenDocument | undefined;
  /** Whether people are asked for whole sentences of a file, and not for single spans or tokens. */
  readonly isWholeAsked: (uri: string) => boolean;
  /** Models answer anew. */
  readonly learnt: () => void;
}

/** What one model learns from. */
interface Lesson {
  readonly task: Task;
  /** Undefined: there is no trained model. */
  readonly suggestions: Suggestions | undefined;
  readonly sentences: readonly LabelledSentence[];
}

/** A lesson that was given. */
interface Given extends Omit<Lesson, 'sentences'> {
  /** Hash of its sentences; undefined: it may be forgotten. */
  readonly content: string | undefined;
}

/** A sentence of a file, and what is learnt from it. */
interface Taught {
  readonly sentence: PoolSentence;
  readonly lesson: LabelledSentence;
}

export class Corrections {
  readonly #options: CorrectionsOptions;
  readonly #later: Debounce;
  /** What each model has learnt. */
  readonly #given = new Map<string, Given>();
  #running: CancellationTokenSource | undefined;
  #again = false;

  constructor(options: CorrectionsOptions) {
    this.#options = options;
    this.#later = new Debounce(options.clock, PAUSE, () => void this.#learn());
  }

  /** Something was decided, or another model answers: it is learnt from, soon. */
  learn(): void {
    this.#later.call();
  }

  /** What was learnt may be gone with the process that had it. */
  learnAnew(): void {
    for (const [model, given] of this.#given) this.#given.set(model, { ...given, content: undefined });
    this.learn();
  }

  dispose(): void {
    this.#later.cancel();
    this.#running?.cancel();
  }

  async #learn(): Promise<void> {
    // One after the other: the next one takes in what has come meanwhile.
    this.#again = this.#running !== undefined;
    if (this.#again) return;
    const source = new CancellationTokenSource();
    this.#running = source;
    try {
      let hasLearnt = false;
      for (const [model, lesson] of await this.#lessons()) {
        hasLearnt = (await this.#give(model, lesson, source.token)) || hasLearnt;
      }
      if (hasLearnt) this.#options.learnt();
    } catch (error) {
      this.#options.log.warn(messageOf(error));
    } finally {
      this.#running = undefined;
      source.dispose();
      if (this.#again) this.learn();
    }
  }

  /** Where one model cannot learn the others do all the same. @returns whether the lesson was new to the model */
  async #give(model: string, { task, suggestions, sentences }: Lesson, token: CancellationToken): Promise<boolean> {
    const given = this.#given.get(model);
    if (given === undefined && sentences.length === 0) return false;
    const content = contentHash(sentences.map(({ words, tags }) => JSON.stringify([words, tags])));
    // What it knows already: what has changed were words, or sentences that are not learnt from.
    const isKnown = suggestions?.model.adaptation !== undefined || suggestions === undefined;
    if (isKnown && given?.content === content) return false;
    try {
      await this.#options.models.adapt(suggestions, task, sentences, token);
    } catch (error) {
      if (!token.isCancellationRequested) this.#options.log.warn(`corrections are not learnt: ${messageOf(error)}`);
      return false;
    }
    if (sentences.length === 0) this.#given.delete(model);
    else this.#given.set(model, { task, suggestions, content });
    return true;
  }

  /** By model; the same words once, as they were decided last. Empty where all was taken back. */
  async #lessons(): Promise<Map<string, Lesson>> {
    const { taught, sentencesOf, documentOf, isWholeAsked, models } = this.#options;
    const files = new Map<string, PoolSentence[]>();
    for (const sentence of taught()) {
      const own = files.get(sentence.uri);
      if (own === undefined) files.set(sentence.uri, [sentence]);
      else own.push(sentence);
    }
    const lessons = new Map<string, Omit<Lesson, 'sentences'> & { readonly taught: Map<string, Taught> }>();
    for (const [uri, sentences] of files) {
      const document = documentOf(uri);
      if (document === undefined || !document.settings.suggestions.enabled) continue;
      const { task } = document;
      const suggestions = document.suggestions ?? (await models.suggestionsFor(document));
      // What corrections alone have taught is learnt anew with all of them.
      const reference = suggestions?.model.reference;
      const key = reference === undefined ? task : JSON.stringify(reference);
      const own = reference === undefined ? undefined : suggestions;
      const { taught } = lessons.get(key) ?? { taught: new Map<string, Taught>() };
      lessons.set(key, { task, suggestions: own, taught });
      // A few sentences, with names alone, may look as if they were in another scheme than their file.
      const scheme = task === 'pos' ? 'pos' : detectScheme(sentencesOf(uri).map(({ tags = [] }) => tags)).scheme;
      for (const sentence of sentences) {
        const { hash, words, tags } = sentence;
        const known = taught.get(hash);
        if (tags === undefined || (known !== undefined && !isNewer(sentence, known.sentence))) continue;
        const own = task === 'pos' ? tags : convertTags(tags, suggestions?.model.scheme ?? 'bio', scheme);
        // As its model reads it: `pt` of a file in `pt-BR`.
        const { language = '' } = suggestions?.model ?? {};
        taught.set(hash, { sentence, lesson: { words, tags: own, ...(language !== '' && { language }) } });
      }
    }
    if (this.#options.isComplete()) {
      for (const [key, given] of this.#given) if (!lessons.has(key)) lessons.set(key, { ...given, taught: new Map() });
    }
    return new Map(
      Array.from(lessons, ([key, { task, suggestions, taught }]) => {
        // On top of a model the learner itself asks the model what lies between names.
        const isPresumed = suggestions === undefined && task === 'ner';
        const sentences = Array.from(taught.values()).flatMap(({ sentence: { uri }, lesson }) =>
          isPresumed && isWholeAsked(uri) ? presumeOutside([lesson], true) : [lesson],
        );
        return [key, { task, suggestions, sentences }];
      }),
    );
  }
}

/** Whether somebody has decided of `a` later than of `b`, which has the same words, or at the same moment more of it. */
function isNewer(a: PoolSentence, b: PoolSentence): boolean {
  if (a.decided !== b.decided) return a.decided > b.decided;
  if (a.reviewed !== b.reviewed) return a.reviewed;
  const decided = ({ tags = [] }: PoolSentence) => tags.filter((tag) => tag !== undefined).length;
  return decided(a) > decided(b);
}
