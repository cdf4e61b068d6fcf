// Which languages a training is about: that of the labels, and the one that the model is for.
import type { Encoder } from '../encoder/types.ts';
import { lookUp } from '../text/language-tag.ts';
import { InputError } from '../text/types.ts';
import { foreignLanguage } from './encoder.ts';
import type { Frozen } from './frozen.ts';
import type { LabelledSentence, TrainOptions } from './types.ts';

/**
 * The language that the model is for; undefined: that of the labels. Where it has to be one and is not named, the only other
 * language of the encoder.
 * @throws InputError where it cannot be known, and for languages that the encoder or the vectors do not know
 */
export function targetOf(options: TrainOptions, { encoder, vectors }: Frozen): string | undefined {
  const { language, translate, targetDev, train, dev = [], willTag = [], out } = options;
  const path = options.encoder?.folder ?? out;
  if (encoder && language === undefined) throw foreignLanguage('encoder', language, encoder.languages, path);
  const others = encoder?.languages.filter((other) => other !== language) ?? [];
  const named = options.target ?? translate?.language;
  const target = named ?? ((translate || targetDev) && others.length === 1 ? others[0] : undefined);
  if (translate && (target === undefined || target === language)) {
    const what = target === undefined ? 'the language of the translations is not known' : 'it is that of the text';
    throw new InputError(what, 'name the target language', { path });
  }
  if (target === undefined && others.length > 1 && targetDev?.some((sentence) => sentence.language === undefined)) {
    throw new InputError('the language of the target dev data is not known', 'name it: LANG=FILE, or the target', {
      path,
    });
  }
  const spoken = new Set([language, target ?? language, translate?.language ?? language, ...willTag]);
  for (const sentence of [...train, ...dev, ...(targetDev ?? [])]) spoken.add(sentence.language ?? language);
  for (const each of spoken) {
    if (vectors && !vectors.serves(each)) {
      throw foreignLanguage('vectors', each, vectors.languages, options.vectors?.[0]?.path ?? path);
    }
    if (encoder && !encoder.languages.includes(each!)) throw foreignLanguage('encoder', each, encoder.languages, path);
  }
  return target === language ? undefined : target;
}

/** The options with the encoder's names of languages: text in `pt-BR` is read as `pt` where the encoder knows only that. */
export function asKnownBy({ languages }: Encoder, options: TrainOptions): TrainOptions {
  const nameOf = (language: string) => lookUp(languages, language) ?? language;
  const named = <T extends { readonly language?: string }>(one: T): T =>
    one.language === undefined ? one : { ...one, language: nameOf(one.language) };
  const all = (sentences: readonly LabelledSentence[]) => sentences.map(named);
  const { train, dev, targetDev, target, willTag, translate, wide } = options;
  return {
    ...named(options),
    train: all(train),
    ...(dev && { dev: all(dev) }),
    ...(targetDev && { targetDev: all(targetDev) }),
    ...(target !== undefined && { target: nameOf(target) }),
    ...(willTag && { willTag: willTag.map(nameOf) }),
    ...(translate && { translate: named(translate) }),
    ...(wide?.train && { wide: { ...wide, train: all(wide.train) } }),
  };
}
