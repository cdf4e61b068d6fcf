// Which languages a training is about: that of the labels, and the one that the model is for.
import type { Encoder } from '../encoder/types.ts';
import { InputError } from '../text/types.ts';
import { requireLanguages } from './encoder.ts';
import type { TrainOptions } from './types.ts';

/**
 * The language that the model is for; undefined: that of the labels. Where it has to be one and is not named, the only other
 * language of the encoder.
 * @throws InputError where it cannot be known, and for languages that the encoder does not know
 */
export function targetOf(options: TrainOptions, encoder: Encoder | undefined): string | undefined {
  const { language, translate, targetDev, train, dev = [], out } = options;
  const path = options.encoder?.folder ?? out;
  if (encoder && language === undefined) {
    const known = encoder.languages.join(', ');
    throw new InputError('the encoder has to know the language of the text', `name it, one of ${known}`, { path });
  }
  const others = encoder?.languages.filter((other) => other !== language) ?? [];
  const named = options.target ?? translate?.language;
  const target = named ?? ((translate || targetDev) && others.length === 1 ? others[0] : undefined);
  if (translate && (target === undefined || target === language)) {
    const what = target === undefined ? 'the language of the translations is not known' : 'it is that of the text';
    throw new InputError(what, 'name the target language', { path });
  }
  if (encoder) {
    const spoken = new Set([language!, target ?? language!, ...(translate?.language ? [translate.language] : [])]);
    for (const sentence of [...train, ...dev, ...(targetDev ?? [])]) {
      if (sentence.language !== undefined) spoken.add(sentence.language);
    }
    requireLanguages(encoder, spoken, path);
  }
  return target === language ? undefined : target;
}
