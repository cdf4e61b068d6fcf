// What model.json says about a training.
import { resolve } from 'node:path';
import { version } from '../../package.json';

import { type EncoderCopy, hashSentences } from './model.ts';
import type { ModelFacts } from './model-schema.ts';
import type { ChosenModel, Context } from './train.ts';
import type { TrainedDeep } from './train-deep.ts';
import type { LabelledSentence } from './types.ts';
import { ANY_LANGUAGE } from './vectors.ts';

interface Outcome {
  readonly wideDev: number | undefined;
  readonly deep: TrainedDeep | undefined;
  readonly model: ChosenModel;
  readonly seconds: number;
}

export function factsOf(
  { options, data, target, seed }: Context,
  { wideDev, deep, model, seconds }: Outcome,
  encoder: EncoderCopy | undefined,
): ModelFacts {
  const { language, task, parts } = options;
  const choice = deep?.choices[model.choice];
  const [dev, targetDev] = model.scores;
  return {
    task,
    scheme: task === 'pos' ? 'pos' : 'bio',
    tags: [...data.tags],
    ...(language !== undefined && { language }),
    ...(target !== undefined && { target }),
    parts,
    mixture: model.mixture,
    configuration: { ...(deep && { deep: deep.config }) },
    ...(encoder && { encoder: encoder.facts }),
    ...(deep?.config.vectors !== undefined && {
      vectors: options.vectors!.map(({ language: own = ANY_LANGUAGE, path }) => ({
        language: own,
        path: resolve(path),
      })),
    }),
    data: {
      train: { ...datasetOf(data.train), ...weightsOf(data.train) },
      dev: datasetOf(data.dev),
      ...(data.targetDev && { target_dev: datasetOf(data.targetDev) }),
      ...(data.translation && { translation: data.translation }),
    },
    metrics: {
      dev: dev!,
      ...(targetDev !== undefined && { target_dev: targetDev }),
      ...(wideDev !== undefined && { wide: wideDev }),
      ...(choice && { deep: choice.dev }),
      best_epoch: choice?.bestEpoch ?? 0,
      steps: deep?.steps ?? 0,
      seconds,
    },
    seed,
    engine: deep?.engine ?? 'none',
    crosstag: version,
    created: new Date().toISOString(),
  };
}

function datasetOf(sentences: readonly LabelledSentence[]) {
  return {
    sha256: hashSentences(sentences),
    sentences: sentences.length,
    tokens: sentences.reduce((sum, { words }) => sum + words.length, 0),
  };
}

/** How many sentences have which weight, the lightest first; nothing where all count once. */
function weightsOf(sentences: readonly LabelledSentence[]): Pick<ModelFacts['data']['train'], 'weights'> {
  const counts = new Map<number, number>();
  for (const { weight = 1 } of sentences) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  if (counts.size === 1 && counts.has(1)) return {};
  return { weights: [...counts].sort(([a], [b]) => a - b).map(([weight, count]) => ({ weight, sentences: count })) };
}
