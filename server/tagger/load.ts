// From a model folder to a tagger.
import { defaultThreads } from '../tensor/index.ts';
import { openDeepPart } from './deep/part.ts';
import { Vocabulary } from './deep/vocabulary.ts';
import { deepShapes, deepSizes } from './deep/weights.ts';
import { chooseEngine } from './engine.ts';
import { expectShapes, readModel, type StoredModel } from './model.ts';
import { MixedTagger, type WeightedPart } from './tagger.ts';
import type { LoadOptions, Tagger } from './types.ts';
import { isWideTensor, openWidePart } from './wide-part.ts';

/**
 * Loads a model. Only data are read; nothing in the folder is executed.
 * @throws InputError naming the file that is missing, damaged, foreign or of a newer version, and the remedy
 */
export async function loadTagger(folder: string, options: LoadOptions = {}): Promise<Tagger> {
  const model = await readModel(folder);
  const { task, scheme, tags, mixture } = model.description;
  const hasWide = model.description.parts !== 'deep';
  const deep = deepOf(model);
  expectShapes(model, deep?.shapes ?? {}, (name) => hasWide && isWideTensor(name));
  const parts: WeightedPart[] = [];
  if (hasWide) parts.push({ part: openWidePart(model), factor: mixture.wide });
  if (deep && mixture.deep > 0) {
    const engine = await chooseEngine(options.engine, options.threads);
    const part = await openDeepPart(engine, options.threads ?? defaultThreads(), deep.source, model.tensors);
    parts.push({ part, factor: mixture.deep });
  }
  return new MixedTagger(task, scheme, tags, parts);
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
  return { source, shapes: deepShapes(deepSizes(config, source.vocabulary.counts(source.tags))) };
}
