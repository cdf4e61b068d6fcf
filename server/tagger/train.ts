// Training a tagger from labelled sentences to a model folder: the parts one after the other, then their mixture.
import { resolve } from 'node:path';
import { loadEncoder } from '../encoder/encoder.ts';
import { chooseEngine } from '../tensor/choose-engine.ts';
import type { State } from '../tensor/index.ts';
import { defaultThreads } from '../tensor/index.ts';
import { messageOf } from '../text/error-message.ts';
import { checkCheckpointFolder, removeCheckpoint } from './deep/checkpoint.ts';
import { mixingOf } from './encoder.ts';
import { factsOf } from './facts.ts';
import type { Frozen } from './frozen.ts';
import { pauseFor } from './groups.ts';
import { asKnownBy, targetOf } from './languages.ts';
import { chooseMixture, DevScorer, type Mixture, mixScores, type Scores } from './mixture.ts';
import { checkModelFolder, type EncoderCopy, encoderCopy, writeModel } from './model.ts';
import { checkFrozen, readStart, type Start } from './start.ts';
import { type TrainedDeep, trainDeepPart } from './train-deep.ts';
import { prepareData, type TrainingData } from './training-data.ts';
import type { LabelledSentence, TrainOptions, TrainProgress, TrainReport } from './types.ts';
import { GivenVectors } from './vectors.ts';
import { asJudged, type TrainedWide, trainWidePart } from './wide-part.ts';

/** Labelled sentences that choose a model, and what scores on them. */
export interface DevSet {
  readonly sentences: readonly LabelledSentence[];
  readonly scorer: DevScorer;
}

/** What the phases of a training share. */
export interface Context {
  readonly options: TrainOptions;
  readonly data: TrainingData;
  /** Dev first, then that of the target language, if it is another. */
  readonly sets: readonly DevSet[];
  readonly frozen: Frozen;
  readonly target: string | undefined;
  /** The model that it starts from. */
  readonly start: Start | undefined;
  readonly seed: number;
}

/** A model as a dev set has chosen it. */
export interface ChosenModel {
  /** Number of the checkpoint of the deep part. */
  readonly choice: number;
  readonly mixture: Mixture;
  /** Its score on each dev set. */
  readonly scores: readonly number[];
}

/**
 * Trains a tagger and writes its folder. An interrupted deep training is taken up where its last checkpoint stands, with
 * the same result as without the interruption.
 * @throws InputError for labels, folders, languages and engines that cannot be used; the signal's reason when it is aborted
 */
export async function trainTagger(options: TrainOptions): Promise<TrainReport> {
  const started = performance.now();
  for (const folder of [options.out, options.targetOut]) if (folder !== undefined) await checkModelFolder(folder);
  const start = options.start === undefined ? undefined : await readStart(options.start, options);
  const isDeep = options.parts !== 'wide';
  if (isDeep) await checkCheckpointFolder(checkpointFolder(options.out));
  const vectors = isDeep && options.vectors ? await GivenVectors.read(options.vectors) : undefined;
  const encoder = isDeep ? await openEncoder(options) : undefined;
  try {
    return await train(encoder ? asKnownBy(encoder, options) : options, { encoder, vectors }, start, started);
  } finally {
    await encoder?.dispose();
  }
}

/** Where the checkpoint of an unfinished training lies. */
export function checkpointFolder(out: string): string {
  return `${resolve(out)}.training`;
}

async function openEncoder({ encoder, engine, threads = defaultThreads() }: TrainOptions) {
  if (!encoder) return undefined;
  const { folder, open = loadEncoder } = encoder;
  return open(folder, { engine: await chooseEngine(engine, threads), threads });
}

async function train(
  options: TrainOptions,
  frozen: Frozen,
  start: Start | undefined,
  started: number,
): Promise<TrainReport> {
  const { encoder } = frozen;
  if (start && options.parts !== 'wide') checkFrozen(start, frozen);
  const target = targetOf(options, frozen);
  if (encoder && target === undefined && !start) tellOtherLanguages(options, encoder.languages);
  const rank = encoder && ((word: string, language: string) => encoder.rank(word, language));
  // Refused before the wide part is trained
  if (encoder) mixingOf(options.encoder!.features, encoder, options.encoder!.folder);
  const data = prepareData(options, target, rank, start?.description.tags);
  warnOfTranslation(data.translation, options);
  const scheme = options.task === 'pos' ? 'pos' : 'bio';
  const sets = [data.dev, ...(data.targetDev ? [data.targetDev] : [])].map((sentences) => ({
    sentences,
    scorer: new DevScorer(sentences, data.tags, scheme),
  }));
  const context: Context = { options, data, sets, frozen, target, start, seed: options.seed ?? 1 };

  const wide = options.parts === 'deep' ? undefined : await trainWidePart(data, options, start?.wide);
  const wideScores = wide && (await scoresOfWide(wide, context));
  const deep = options.parts === 'wide' ? undefined : await trainDeepPart(context, checkpointFolder(options.out));
  report(options, 'mix');
  const chosen = sets.map((_, i) => chooseModel(context, i, wideScores, deep));
  options.signal?.throwIfAborted();
  const whole = wide && (await learnWhole(wide, context));
  report(options, 'save');
  const seconds = (performance.now() - started) / 1000;
  const copy = options.encoder && encoder && (await encoderCopy(options.encoder.folder, encoder, options.out));
  const judged = wide !== whole ? wide : undefined;
  const parts = { wide: whole, judged, wideDev: wideScores && sets[0]!.scorer.score(wideScores[0]!), deep };
  const save = (folder: string, model: ChosenModel) => saveModel(folder, context, { ...parts, model, seconds }, copy);
  await save(options.out, chosen[0]!);
  if (chosen[1] && options.targetOut !== undefined) await save(options.targetOut, chosen[1]);
  if (deep) {
    await removeCheckpoint(checkpointFolder(options.out)).catch((error) =>
      options.warn?.(`the model is written, but its checkpoint cannot be removed: ${messageOf(error)}`),
    );
  }
  return {
    folder: options.out,
    bestEpoch: deep?.choices[0]?.bestEpoch ?? 0,
    dev: chosen[0]!.scores[0]!,
    devOfParts: {
      ...(parts.wideDev !== undefined && { wide: parts.wideDev }),
      ...(deep && { deep: deep.choices[0]!.dev }),
    },
    mixture: chosen[0]!.mixture,
    target: chosen[1] && {
      targetDev: chosen[0]!.scores[1]!,
      choice: {
        folder: options.targetOut,
        bestEpoch: deep?.choices[1]?.bestEpoch ?? 0,
        dev: chosen[1].scores[0]!,
        targetDev: chosen[1].scores[1]!,
        mixture: chosen[1].mixture,
      },
    },
    translation: data.translation,
    wordsPerSecond: (deep?.words ?? countTokens(data.train)) / seconds,
    seconds,
    stopped: deep?.stopped,
    resumed: deep?.resumed ?? false,
  };
}

/** Without a target much is chosen otherwise, and nobody who forgot to name it would see why the labels are worse. */
function tellOtherLanguages({ language, target, warn }: TrainOptions, languages: readonly string[]): void {
  const others = languages.filter((other) => other !== language);
  if (target !== undefined || others.length === 0) return;
  warn?.(`the tagger is tuned for ${language}; if it is for ${others.join(' or ')}, name that as the target`);
}

/** Share of the words, from 0 to 1: a list that knows fewer is hardly the right one. */
const LEAST_KNOWN = 0.05;

function warnOfTranslation(translation: TrainReport['translation'], { task, parts, warn }: TrainOptions): void {
  if (translation === undefined) return;
  const known = `the word list knows ${Math.round(100 * translation.known)}% of the words`;
  if (translation.known < LEAST_KNOWN) {
    warn?.(`${known} of the text: is it in the other order, or of other languages?`);
  } else if (!translation.used) {
    const where = task === 'pos' ? '' : ' outside of names';
    const who = parts === 'deep' ? 'nothing is translated' : 'only the wide part learns translations';
    warn?.(`${known}${where}, too few for the encoder: ${who}`);
  }
}

/** Iterations of the wide part over sentences of which it has learnt nine tenths. */
const AT_LAST = 20;

/** The wide part, when the model is chosen: it has learnt the sentences that have chosen it, too, where they are for learning. */
async function learnWhole(wide: TrainedWide, { data, options }: Context): Promise<TrainedWide> {
  if (data.whole === undefined) return wide;
  const iterations = Math.min(AT_LAST, options.wide?.iterations ?? AT_LAST);
  return trainWidePart(
    { ...data, wide: data.whole },
    { ...options, wide: { ...options.wide, iterations } },
    wide.model,
  );
}

/** What the wide part says about each dev set; about one of the labels' language as the target language sees it. */
async function scoresOfWide({ part, hiding }: TrainedWide, context: Context): Promise<Scores[]> {
  const { data, sets, target, options } = context;
  const { encoder } = context.frozen;
  const asTarget = encoder && target !== undefined && (options.wide?.asTarget ?? true);
  const all: Scores[] = [];
  for (const { sentences } of sets) {
    const foreign = asTarget && sentences === data.dev ? data.devOfSource : undefined;
    const words = sentences.map((sentence) => sentence.words);
    const isHidden = (word: string, i: number) => foreign?.[i] === true && !encoder!.knows(word, target!);
    all.push({ emissions: await hiding(words, isHidden, pauseFor(options.signal)), transitions: part.transitions });
  }
  return all;
}

/**
 * Points of F1 on the labels' own language. There the deep part sees every word, and is flattered; what the target language is
 * like only the wide part has been told. Measured on Spanish: docs/results.md.
 */
const DOUBT = 1;

/** The mixture that a dev set chooses, with the checkpoint that it has chosen. */
function chooseModel(
  { sets, data, target, options }: Context,
  choice: number,
  wide: readonly Scores[] | undefined,
  deep: TrainedDeep | undefined,
): ChosenModel {
  const scores = deep?.choices[choice]?.scores;
  const { scorer } = sets[choice]!;
  const isFlattered =
    options.task === 'ner' && target !== undefined && data.devOfSource?.includes(true) && choice === 0;
  const mixture =
    wide && scores
      ? chooseMixture(wide[choice]!, scores[choice]!, scorer, isFlattered ? DOUBT : 0).mixture
      : { wide: wide ? 1 : 0, deep: deep ? 1 : 0 };
  const mixed = sets.map((set, i) => set.scorer.score(mixScores(wide?.[i], scores?.[i], mixture)));
  return { choice, mixture, scores: mixed };
}

interface Outcome {
  readonly wide: TrainedWide | undefined;
  /** Before it learnt what has chosen the model, where it did. */
  readonly judged: TrainedWide | undefined;
  readonly wideDev: number | undefined;
  readonly deep: TrainedDeep | undefined;
  readonly model: ChosenModel;
  readonly seconds: number;
}

async function saveModel(folder: string, context: Context, outcome: Outcome, encoder: EncoderCopy | undefined) {
  const { wide, judged, deep, model } = outcome;
  const { vectors } = context.frozen;
  const vocabulary = deep && {
    words: [...deep.vocabulary.words],
    characters: [...deep.vocabulary.characters],
    ...(vectors && { vectors: vectors.words() }),
  };
  const ofWide = { ...wide?.weights, ...(judged && asJudged(judged.weights)) };
  const tensors: State = { ...ofWide, ...deep?.choices[model.choice]?.weights, ...vectors?.toState() };
  await writeModel(folder, { facts: factsOf(context, outcome, encoder), tensors, vocabulary, encoder });
}

function countTokens(sentences: readonly LabelledSentence[]): number {
  return sentences.reduce((sum, { words }) => sum + words.length, 0);
}

function report({ progress }: TrainOptions, phase: TrainProgress['phase']): void {
  progress?.({ phase, epoch: 0, step: 0, steps: 1, rate: 0, dev: undefined, eta: undefined });
}
