// A frozen encoder on its way into the deep part: opened, checked, and how its layers are used.
import { type FeatureSource, featuresOf } from '../encoder/features.ts';
import type { Encoder } from '../encoder/types.ts';
import type { Engine } from '../tensor/index.ts';
import { InputError } from '../text/types.ts';
import type { DeepConfig } from './deep/config.ts';
import { layerOf, type Mixing } from './deep/mixing.ts';
import type { InputsOf } from './deep/part.ts';

/** @throws InputError naming the file that is missing, damaged or foreign, and the remedy */
export type OpenEncoder = (
  folder: string,
  options: { readonly engine: Engine; readonly threads: number },
) => Promise<Encoder>;

/** Units of the hidden layer of `sws` (spec section 7); an encoder with fewer channels gets as many as it has. */
const SWS_UNITS = 512;

/**
 * How the layers become one vector, from `layer=N`, `all`, `fws` or `sws`; default: the last layer.
 * @throws InputError where there is no such way or no such layer
 */
export function mixingOf(name: string | undefined, { layers, hidden }: Encoder, folder: string): Mixing {
  const last = layers - 1;
  if (name === undefined) return { layer: last };
  if (name === 'all' || name === 'fws') return name;
  if (name === 'sws') return { sws: Math.min(SWS_UNITS, 2 * hidden) };
  const layer = Number(/^layer=(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  if (layer <= last) return { layer };
  const what = `the encoder has no features ${name}`;
  throw new InputError(what, `ask for layer=0 to layer=${last}, all, fws or sws`, { path: folder });
}

/** What of the encoder the deep part reads. @param config of a deep part with an encoder */
export function sourceOf(encoder: Encoder, config: DeepConfig): FeatureSource {
  return { encoder, layer: config.encoder && layerOf(config.encoder.mixing) };
}

/** What sentences bring when they are tagged: the encoder runs over them. */
export function readingWith(source: FeatureSource): InputsOf {
  return async (sentences, language, pause) => {
    if (language === undefined) throw new RangeError('an encoder has to know the language of what it reads');
    const features = await featuresOf(source, sentences, language, pause);
    return { states: async (numbers) => numbers.map((i) => features[i]!) };
  };
}

/** @throws InputError where the encoder does not know a language */
export function requireLanguages(encoder: Encoder, languages: Iterable<string>, folder: string): void {
  for (const language of languages) {
    if (encoder.languages.includes(language)) continue;
    const known = encoder.languages.join(', ');
    throw new InputError(`the encoder does not know the language ${language}`, `name one of ${known}`, {
      path: folder,
    });
  }
}
