// From a model folder to a tagger.

import { join } from 'node:path';
import { loadEncoder } from '../encoder/encoder.ts';
import type { Encoder } from '../encoder/types.ts';
import { chooseEngine } from '../tensor/choose-engine.ts';
import type { Engine } from '../tensor/index.ts';
import { defaultThreads } from '../tensor/index.ts';
import { InputError } from '../text/types.ts';
import type { DeepConfig } from './deep/config.ts';
import { openDeepPart } from './deep/part.ts';
import { Vocabulary } from './deep/vocabulary.ts';
import { deepShapes, deepSizes } from './deep/weights.ts';
import { languagesOf, readingWith } from './frozen.ts';
import { expectShapes, readModel, type StoredModel } from './model.ts';
import { ENCODER } from './model-schema.ts';
import { MixedTagger, type WeightedPart } from './tagger.ts';
import type { LoadOptions, Tagger } from './types.ts';
import { GivenVectors, vectorShapes } from './vectors.ts';
import { isWideTensor, openWidePart } from './wide-part.ts';

/**
 * Loads a model. Only data are read; nothing in the folder is executed.
 * @throws InputError naming the file that is missing, damaged, foreign or of a newer version, and the remedy
 */
export async function loadTagger(folder: string, options: LoadOptions = {}): Promise<Tagger> {
  const model = await readModel(folder);
  const { task, scheme, tags, mixture, language, target, encoder } = model.description;
  const hasWide = model.description.parts !== 'deep';
  const deep = deepOf(model);
  expectShapes(model, deep?.shapes ?? {}, (name) => hasWide && isWideTensor(name));
  const given = model.vocabulary?.vectors;
  const vectors = given && GivenVectors.from(given, model.tensors);
  const parts: WeightedPart[] = [];
  if (hasWide) parts.push({ part: openWidePart(model), factor: mixture.wide });
  if (deep && mixture.deep > 0) {
    const engine = await chooseEngine(options.engine, options.threads);
    const threads = options.threads ?? defaultThreads();
    const opened = encoder && (await openOwnEncoder(model, deep.source.config, engine, threads, options));
    const inputsOf = readingWith({ encoder: opened, vectors }, deep.source.config, model.folder);
    const part = await openDeepPart(engine, threads, deep.source, model.tensors, inputsOf).catch(async (error) => {
      await opened?.dispose();
      throw error;
    });
    const dispose = async () => {
      await part.dispose();
      await opened?.dispose();
    };
    parts.push({ part: { ...part, dispose }, factor: mixture.deep });
  }
  const languages = languagesOf({ encoder, vectors });
  return new MixedTagger({ task, scheme, tags, language: target ?? language, languages }, parts);
}

/** What the deep part of a stored model consists of; undefined where it has none. */
function deepOf({ description, vocabulary }: StoredModel) {
  const config = description.configuration.deep;
  if (!config || !vocabulary) return undefined;
  const source = {
    config,
    vocabulary: new Vocabulary(vocabulary.words, vocabulary.characters),
    tags: description.tags.length,
  };
  const shapes = {
    ...deepShapes(deepSizes(config, source.vocabulary.counts(source.tags))),
    ...(vocabulary.vectors && vectorShapes(vocabulary.vectors, config.vectors!)),
  };
  return { source, shapes };
}

/** The encoder in the model's folder. @throws InputError where it is not the one that the model was trained with */
async function openOwnEncoder(
  { folder, description }: StoredModel,
  config: DeepConfig,
  engine: Engine,
  threads: number,
  { openEncoder = loadEncoder }: LoadOptions,
): Promise<Encoder> {
  const path = join(folder, ENCODER);
  const encoder = await openEncoder(path, { engine, threads });
  const { layers, hidden } = config.encoder!;
  const isOurs = encoder.fingerprint === description.encoder!.fingerprint;
  if (isOurs && encoder.layers === layers && encoder.hidden === hidden) return encoder;
  await encoder.dispose();
  const what = 'this is another encoder than the one that the tagger was trained with (its fingerprint differs)';
  throw new InputError(what, 'train the model again, or copy its folder again', { path });
}
