// Models at work on many sentences, with progress.

import { loadTagger, type TaggedSentence, type Tagger, type TagOptions } from '../tagger/index.ts';
import { type Evaluation, evaluate } from '../tags/index.ts';
import { InputError, type TextDocument } from '../text/index.ts';
import { forModel, type LabelledFile, nameOf, TASK_NAMES } from './data.ts';
import { startProgress } from './progress.ts';

/** Sentences that are tagged between two looks at the progress. */
const CHUNK = 500;

export interface ModelOptions {
  readonly engine: string;
  readonly threads?: number | undefined;
  readonly signal: AbortSignal;
}

/** Loads a model for the time of `work`. @throws InputError where the folder holds no whole model. */
export async function withTagger<T>(
  folder: string,
  { engine, threads }: ModelOptions,
  work: (tagger: Tagger) => Promise<T>,
): Promise<T> {
  const tagger = await loadTagger(folder, { engine, ...(threads === undefined ? {} : { threads }) });
  try {
    return await work(tagger);
  } finally {
    await tagger.dispose();
  }
}

/** @throws InputError where the labels of a file are for another task than those of the model */
export function requireTaskOf({ task }: Tagger, document: TextDocument, path: string, remedy: string): void {
  const labelled = document.sentences.some(({ tokens }) => tokens.some(({ label }) => label !== undefined));
  if (document.task === task || !(labelled || document.format === 'conllu')) return;
  throw new InputError(
    `the labels of this file are ${TASK_NAMES[document.task]}, but the model gives ${TASK_NAMES[task]}`,
    remedy,
    { path: nameOf(path) },
  );
}

/** Tags sentences chunk by chunk, with a bar. */
export async function tagAll(
  tagger: Tagger,
  sentences: readonly (readonly string[])[],
  note: string,
  options: TagOptions,
): Promise<TaggedSentence[]> {
  const progress = startProgress();
  const start = performance.now();
  const tagged: TaggedSentence[] = [];
  let words = 0;
  try {
    for (let at = 0; at < sentences.length; at += CHUNK) {
      options.signal?.throwIfAborted();
      const chunk = sentences.slice(at, at + CHUNK);
      for (const sentence of await tagger.tag(chunk, options)) tagged.push(sentence);
      words += chunk.reduce((sum, sentence) => sum + sentence.length, 0);
      const seconds = (performance.now() - start) / 1000;
      progress.show({
        done: tagged.length,
        total: sentences.length,
        note,
        rate: `${Math.round(words / seconds).toLocaleString('en')} words/s`,
        left: (seconds / tagged.length) * (sentences.length - tagged.length),
      });
    }
  } finally {
    progress.stop();
  }
  return tagged;
}

/** Scores a model on labelled files. @param languages of the files where they are not the model's own */
export async function scoreModel(
  folder: string,
  files: readonly LabelledFile[],
  options: ModelOptions & { readonly languages?: readonly { readonly language: string | undefined }[] },
): Promise<Evaluation[]> {
  if (files.length === 0) return [];
  return withTagger(folder, options, async (tagger) => {
    const scores: Evaluation[] = [];
    for (const [i, file] of files.entries()) {
      const language = options.languages?.[i]?.language;
      const gold = forModel(file);
      const words = gold.map((sentence) => sentence.words);
      const tagged = await tagAll(tagger, words, `tagging ${file.path}`, {
        ...(language !== undefined && { language }),
        signal: options.signal,
      });
      scores.push(
        evaluate(
          gold.map(({ tags }) => tags),
          tagged.map(({ tags }) => tags),
          file.task,
        ),
      );
    }
    return scores;
  });
}
