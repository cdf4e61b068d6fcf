// What the deep part reads and does not train: the states of an encoder, given word vectors.
import { type FeatureSource, featuresOf } from '../encoder/features.ts';
import type { Encoder } from '../encoder/types.ts';
import type { DeepConfig } from './deep/config.ts';
import { layerOf } from './deep/mixing.ts';
import type { InputsOf } from './deep/part.ts';
import { foreignLanguage } from './encoder.ts';
import type { GivenVectors } from './vectors.ts';

export interface Frozen {
  readonly encoder: Encoder | undefined;
  readonly vectors: GivenVectors | undefined;
}

/** What of the encoder the deep part reads. @param config of a deep part with an encoder */
export function sourceOf(encoder: Encoder, config: DeepConfig): FeatureSource {
  return { encoder, layer: config.encoder && layerOf(config.encoder.mixing) };
}

/**
 * What sentences bring when they are tagged: the encoder runs over them.
 * @param path for messages
 */
export function readingWith({ encoder, vectors }: Frozen, config: DeepConfig, path: string): InputsOf {
  return async (sentences, language, pause) => {
    if (vectors && !vectors.serves(language)) throw foreignLanguage('vectors', language, vectors.languages, path);
    const vectorOf = vectors?.of(language);
    const given = vectorOf && { vectors: () => vectorOf };
    if (!encoder) return { ...given };
    if (language === undefined) throw foreignLanguage('encoder', language, encoder.languages, path);
    const features = await featuresOf(sourceOf(encoder, config), sentences, language, pause);
    return { ...given, states: async (numbers) => numbers.map((i) => features[i]!) };
  };
}

/** Languages that both know; empty where the language does not matter. */
export function languagesOf({
  encoder,
  vectors,
}: {
  encoder: Pick<Encoder, 'languages'> | undefined;
  vectors: GivenVectors | undefined;
}): readonly string[] {
  const known = encoder?.languages ?? vectors?.languages ?? [];
  return vectors ? known.filter((language) => vectors.serves(language)) : known;
}
