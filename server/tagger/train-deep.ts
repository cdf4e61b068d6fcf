// The deep part among the parts in training: the encoder's features of all sentences, the checkpoints that the dev sets
// choose, and what each of these says about dev.
import { version } from '../../package.json';
import { type CorpusFeatures, FeatureCache } from '../encoder/feature-cache.ts';
import { chooseEngine } from '../tensor/choose-engine.ts';
import { defaultThreads, type State } from '../tensor/index.ts';
import { sha256 } from '../text/folder.ts';
import { DEEP_DEFAULTS, type DeepConfig, deepConfigSchema, FROZEN_DEFAULTS } from './deep/config.ts';
import type { SentenceInputs } from './deep/gather.ts';
import { openDeepPart } from './deep/part.ts';
import { trainDeep } from './deep/train.ts';
import { Vocabulary } from './deep/vocabulary.ts';
import { mixingOf } from './encoder.ts';
import { sourceOf } from './frozen.ts';
import { pauseFor } from './groups.ts';
import type { Scores } from './mixture.ts';
import { hashSentences } from './model.ts';
import { grownVocabulary, grownWeights } from './start.ts';
import type { Context } from './train.ts';
import type { LabelledSentence } from './types.ts';

/** Seconds between two checkpoints of the deep part. */
const CHECKPOINT_SECONDS = 30;

/** A trained deep part: the checkpoint that each dev set chose. */
export interface TrainedDeep {
  readonly config: DeepConfig;
  readonly vocabulary: Vocabulary;
  readonly engine: string;
  readonly choices: readonly DeepChoice[];
  readonly steps: number;
  readonly words: number;
  readonly stopped: 'patience' | 'epochs' | 'minutes';
  readonly resumed: boolean;
}

export interface DeepChoice {
  readonly weights: State;
  readonly bestEpoch: number;
  /** Score on the set that chose it. */
  readonly dev: number;
  /** What it says about each dev set. */
  readonly scores: readonly Scores[];
}

/** @param checkpoints folder of the checkpoint of an unfinished training */
export async function trainDeepPart(context: Context, checkpoints: string): Promise<TrainedDeep> {
  const { options, data, sets, frozen, start, seed } = context;
  const { limits, signal, progress, warn } = options;
  const config = configOf(context);
  const engine = await chooseEngine(options.engine, options.threads);
  const threads = options.threads ?? defaultThreads();
  const ofText = Vocabulary.of(data.train, { words: config.words > 0, characters: config.charHidden > 0 });
  const vocabulary = start?.deep ? grownVocabulary(start.deep.vocabulary, ofText) : ofText;
  const [inputs, ...inputsOfSets] = await readAll(context, config);
  const all = [
    ...[config, seed, data.tags, hashSentences(data.train), ...sets.map(({ sentences }) => hashSentences(sentences))],
    // Engine and threads change no more than the last digits
    ...[version, options.language],
    ...[frozen.encoder?.fingerprint, frozen.vectors?.hash(), start?.description.weights.sha256],
  ];
  const { choices, ...result } = await trainDeep({
    ...{ engine, threads, config, seed, vocabulary, progress, warn, signal, inputs: inputs! },
    ...{ train: data.train, tags: data.tags },
    first: start?.deep && grownWeights(start, config, vocabulary, data.tags, seed),
    judges: sets.map(({ sentences, scorer }, i) => ({
      ...{ sentences, inputs: inputsOfSets[i]! },
      score: (emissions, transitions) => scorer.score({ emissions, transitions }),
    })),
    minutes: limits?.minutes ?? Number.POSITIVE_INFINITY,
    checkpoint: {
      folder: checkpoints,
      fingerprint: sha256(JSON.stringify(all)),
      seconds: options.checkpointSeconds ?? CHECKPOINT_SECONDS,
    },
  });
  const scored: DeepChoice[] = [];
  for (const { weights, score, bestEpoch } of choices) {
    let at = 0;
    const source = { config, vocabulary, tags: data.tags.length };
    const part = await openDeepPart(engine, threads, source, weights, async () => inputsOfSets[at]!);
    try {
      const scores: Scores[] = [];
      for (; at < sets.length; at++) {
        const words = sets[at]!.sentences.map((sentence) => sentence.words);
        const emissions = await part.emissions(words, pauseFor(signal), undefined);
        scores.push({ emissions, transitions: part.transitions });
      }
      scored.push({ weights, bestEpoch, dev: score, scores });
    } finally {
      await part.dispose();
    }
  }
  return { ...{ config, vocabulary, engine: engine.name, choices: scored }, ...result };
}

function configOf(context: Context): DeepConfig {
  const { options, start, frozen } = context;
  const { encoder, vectors } = frozen;
  const epochs = options.limits?.epochs === undefined ? {} : { epochs: options.limits.epochs };
  const withEncoder = encoder && {
    encoder: {
      layers: encoder.layers,
      hidden: encoder.hidden,
      mixing: mixingOf(options.encoder!.features, encoder, options.encoder!.folder),
    },
  };
  const withFrozen = { ...FROZEN_DEFAULTS, ...withEncoder, ...(vectors && { vectors: vectors.dimension }) };
  return deepConfigSchema.parse({
    ...DEEP_DEFAULTS,
    ...((encoder || vectors) && withFrozen),
    ...(encoder && isForeignGrammar(context) && { charHidden: 0 }),
    ...start?.deep?.config,
    ...options.deep,
    ...epochs,
  });
}

/** What the sentences bring besides their words: of training, then of each dev set. */
async function readAll(context: Context, config: DeepConfig): Promise<SentenceInputs[]> {
  const { data, sets, options } = context;
  const { encoder, vectors } = context.frozen;
  const corpora = [data.train, ...sets.map(({ sentences }) => sentences)];
  const given = corpora.map(
    (corpus): SentenceInputs =>
      vectors ? { vectors: (i) => vectors.of(corpus[i]!.language ?? options.language) } : {},
  );
  if (!encoder) return given;
  const cache = new FeatureCache(options.encoder!.cache);
  const source = sourceOf(encoder, config);
  const sentences = corpora.reduce((sum, corpus) => sum + corpus.length, 0);
  const started = performance.now();
  const read: SentenceInputs[] = [];
  let before = 0;
  for (const corpus of corpora) {
    const languages = corpus.map(({ words, language }) => ({ words, language: language ?? options.language! }));
    const features: CorpusFeatures = await cache.open(source, languages, pauseFor(options.signal), (done) => {
      const step = before + done;
      const spent = (performance.now() - started) / 1000;
      const eta = (spent / step) * (sentences - step);
      options.progress?.({ phase: 'encode', epoch: 0, step, steps: sentences, rate: 0, dev: undefined, eta });
    });
    before += corpus.length;
    read.push({ ...given[read.length], states: (numbers) => features.read(numbers) });
  }
  return read;
}

/**
 * Whether parts of speech are learnt in other languages than the one that they are for: how words are spelt there misleads here (spec
 * section 7: characters for names only). Measured: docs/results.md.
 */
function isForeignGrammar({ options, data, target }: Context): boolean {
  const isHere = ({ language = options.language }: LabelledSentence) => language === target;
  return options.task === 'pos' && target !== undefined && !data.train.some(isHere);
}
