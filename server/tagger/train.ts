// Training a tagger from labelled sentences to a model folder: the parts one after the other, then their mixture.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { version } from '../../package.json';
import { defaultThreads, type State } from '../tensor/index.ts';
import { removeCheckpoint } from './deep/checkpoint.ts';
import { DEEP_DEFAULTS, type DeepConfig, deepConfigSchema } from './deep/config.ts';
import { openDeepPart } from './deep/part.ts';
import { type DeepResult, trainDeep } from './deep/train.ts';
import { Vocabulary } from './deep/vocabulary.ts';
import { chooseEngine } from './engine.ts';
import { chooseMixture, DevScorer, type Mixture, type Scores } from './mixture.ts';
import { checkReplaceable, hashSentences, type ModelFacts, writeModel } from './model.ts';
import { pauseFor, type TaggerPart } from './tagger.ts';
import { prepareData, type TrainingData } from './training-data.ts';
import type { TrainOptions, TrainProgress, TrainReport } from './types.ts';
import { trainWidePart } from './wide-part.ts';

/** Seconds between two checkpoints of the deep part. */
const CHECKPOINT_SECONDS = 30;

/** A trained part: its weights, what it says about dev, and its score there. */
interface Trained {
  readonly weights: State;
  readonly scores: Scores;
  readonly dev: number;
}

interface TrainedDeep extends Trained {
  readonly config: DeepConfig;
  readonly vocabulary: Vocabulary;
  readonly result: DeepResult;
  readonly engine: string;
}

/** What the phases of a training share. */
interface Context {
  readonly options: TrainOptions;
  readonly data: TrainingData;
  readonly scorer: DevScorer;
  readonly seed: number;
}

/**
 * Trains a tagger and writes its folder. An interrupted deep training is taken up where its last checkpoint stands, with
 * the same result as without the interruption.
 * @throws InputError for labels, folders and engines that cannot be used; the signal's reason when it is aborted
 */
export async function trainTagger(options: TrainOptions): Promise<TrainReport> {
  const started = performance.now();
  await checkReplaceable(options.out);
  const data = prepareData(options);
  const scheme = options.task === 'pos' ? 'pos' : 'bio';
  const scorer = new DevScorer(data.dev, data.tags, scheme);
  const context: Context = { options, data, scorer, seed: options.seed ?? 1 };

  const wide = options.parts === 'deep' ? undefined : await trainWide(context);
  const deep = options.parts === 'wide' ? undefined : await trainDeepPart(context);
  report(options, 'mix');
  const { mixture, score } = mix(wide, deep, scorer);
  options.signal?.throwIfAborted();
  report(options, 'save');
  const seconds = (performance.now() - started) / 1000;
  const vocabulary = deep && { words: [...deep.vocabulary.words], characters: [...deep.vocabulary.characters] };
  const facts = factsOf(context, { wide, deep, mixture, score, seconds });
  await writeModel(options.out, facts, { ...wide?.weights, ...deep?.weights }, vocabulary);
  await removeCheckpoint(checkpointFolder(options.out));
  return {
    folder: options.out,
    bestEpoch: deep?.result.bestEpoch ?? 0,
    dev: score,
    devOfParts: { ...(wide && { wide: wide.dev }), ...(deep && { deep: deep.dev }) },
    mixture,
    wordsPerSecond: (deep?.result.words ?? countTokens(data.train)) / seconds,
    seconds,
    stopped: deep?.result.stopped,
    resumed: deep?.result.resumed ?? false,
  };
}

/** Where the checkpoint of an unfinished training lies. */
export function checkpointFolder(out: string): string {
  return `${resolve(out)}.training`;
}

async function trainWide({ options, data, scorer }: Context): Promise<Trained> {
  const { part, weights } = await trainWidePart(data, options);
  const scores = await scoresOf(part, data, options.signal);
  return { weights, scores, dev: scorer.score(scores) };
}

async function trainDeepPart({ options, data, scorer, seed }: Context): Promise<TrainedDeep> {
  const { limits, signal, progress } = options;
  const epochs = limits?.epochs === undefined ? {} : { epochs: limits.epochs };
  const config = deepConfigSchema.parse({ ...DEEP_DEFAULTS, ...options.deep, ...epochs });
  const engine = await chooseEngine(options.engine, options.threads);
  const threads = options.threads ?? defaultThreads();
  const vocabulary = Vocabulary.of(data.train);
  const all = [
    config,
    seed,
    data.tags,
    hashSentences(data.train),
    hashSentences(data.dev),
    engine.name,
    threads,
    version,
  ];
  const result = await trainDeep({
    ...{ engine, threads, config, seed, vocabulary, progress, signal },
    ...data,
    score: (emissions, transitions) => scorer.score({ emissions, transitions }),
    minutes: limits?.minutes ?? Number.POSITIVE_INFINITY,
    checkpoint: {
      folder: checkpointFolder(options.out),
      fingerprint: createHash('sha256').update(JSON.stringify(all)).digest('hex'),
      seconds: options.checkpointSeconds ?? CHECKPOINT_SECONDS,
    },
  });
  const part = await openDeepPart(engine, threads, { config, vocabulary, tags: data.tags.length }, result.weights);
  try {
    const scores = await scoresOf(part, data, signal);
    return { weights: result.weights, scores, dev: result.score, config, vocabulary, result, engine: engine.name };
  } finally {
    await part.dispose();
  }
}

async function scoresOf(part: TaggerPart, { dev }: TrainingData, signal: AbortSignal | undefined): Promise<Scores> {
  const sentences = dev.map(({ words }) => words);
  return { emissions: await part.emissions(sentences, pauseFor(signal)), transitions: part.transitions };
}

function mix(wide: Trained | undefined, deep: Trained | undefined, scorer: DevScorer) {
  if (wide && deep) return chooseMixture(wide.scores, deep.scores, scorer);
  return { mixture: { wide: wide ? 1 : 0, deep: deep ? 1 : 0 }, score: (wide ?? deep)!.dev };
}

interface Outcome {
  readonly wide: Trained | undefined;
  readonly deep: TrainedDeep | undefined;
  readonly mixture: Mixture;
  readonly score: number;
  readonly seconds: number;
}

function factsOf({ options, data, seed }: Context, { wide, deep, mixture, score, seconds }: Outcome): ModelFacts {
  const dataset = (sentences: TrainingData['train']) => ({
    sha256: hashSentences(sentences),
    sentences: sentences.length,
    tokens: countTokens(sentences),
  });
  return {
    task: options.task,
    scheme: options.task === 'pos' ? 'pos' : 'bio',
    tags: [...data.tags],
    ...(options.language !== undefined && { language: options.language }),
    parts: options.parts,
    mixture,
    configuration: { ...(deep && { deep: deep.config }) },
    data: { train: { ...dataset(data.train), ...weightsOf(data.train) }, dev: dataset(data.dev) },
    metrics: {
      dev: score,
      ...(wide && { wide: wide.dev }),
      ...(deep && { deep: deep.dev }),
      best_epoch: deep?.result.bestEpoch ?? 0,
      steps: deep?.result.steps ?? 0,
      seconds,
    },
    seed,
    engine: deep?.engine ?? 'none',
    crosstag: version,
    created: new Date().toISOString(),
  };
}

/** How many sentences have which weight, the lightest first; nothing where all count once. */
function weightsOf(sentences: TrainingData['train']): Pick<ModelFacts['data']['train'], 'weights'> {
  const counts = new Map<number, number>();
  for (const { weight = 1 } of sentences) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  if (counts.size === 1 && counts.has(1)) return {};
  return { weights: [...counts].sort(([a], [b]) => a - b).map(([weight, count]) => ({ weight, sentences: count })) };
}

function countTokens(sentences: TrainingData['train']): number {
  return sentences.reduce((sum, { words }) => sum + words.length, 0);
}

function report({ progress }: TrainOptions, phase: TrainProgress['phase']): void {
  progress?.({ phase, epoch: 0, step: 0, steps: 1, rate: 0, dev: undefined, eta: undefined });
}
