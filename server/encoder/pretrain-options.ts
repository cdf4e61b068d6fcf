// What a pre-training is asked for: what is wrong with it, and the configuration that it comes to.
import { InputError } from '../text/index.ts';
import { isLanguageTag } from '../text/language-tag.ts';
import type { StreamShape } from './batch-stream.ts';
import { DISCRIMINATOR_STEPS, type PretrainingSettings } from './checkpoint.ts';
import { type EncoderConfig, encoderConfig, encoderConfigSchema } from './config.ts';
import { sha256OfFile } from './corpus.ts';
import type { LanguageList } from './pairs.ts';
import type { PretrainOptions } from './types.ts';

/** Parts of an alignment that only say how another one, a weight, is meant. */
const MANNERS = { ratio: 'identical', distance: 'linkage', selfTerms: 'linkage', adversary: 'adversarial' } as const;

/** @throws InputError for texts, vectors and parts of an alignment that do not go together */
export function checkOptions(options: PretrainOptions): void {
  const { texts, vectors = [], template, pairs = [], alignment = {} } = options;
  const [first] = texts;
  const fail = (what: string, remedy: string, path: string) => {
    throw new InputError(what, remedy, { path });
  };
  if (!first || texts.length < 2)
    fail('one language alone has none to be aligned with', 'name two texts or more', first?.path ?? 'texts');
  const languages = texts.map(({ language }) => language);
  texts.forEach(({ language, path }, i) => {
    if (!isLanguageTag(language))
      fail(`${language} is no language tag`, 'write a BCP 47 tag such as en, yor or sr-Latn', path);
    if (languages.indexOf(language) < i)
      fail(`the language ${language} has a text already`, 'name one file a language', path);
  });
  for (const { language, path } of vectors) {
    if (!languages.includes(language))
      fail(`there is no text of the language ${language}`, `give vectors of ${languages.join(', ')}`, path);
  }
  pairs.forEach(({ languages: both, list }, i) => {
    const path = typeof list === 'string' ? list : list.path;
    const isSame = (other: LanguageList) => other.languages.every((language) => both.includes(language));
    if (both.some((language) => !languages.includes(language)))
      fail(`it is a word list of ${both.join(' and ')}`, `give one of two of ${languages.join(', ')}`, path);
    if (pairs.findIndex(isSame) < i)
      fail(`there is a word list of ${both.join(' and ')} already`, 'write both into one file', path);
    if (template === 'none')
      fail('the template none aligns nothing', 'leave out the word list, or name another template', path);
  });
  const weights = configOf(options).alignment;
  for (const [manner, weight] of Object.entries(MANNERS)) {
    if (!(manner in alignment) || weights[weight] > 0) continue;
    fail(`${manner} is of no use where ${weight} is 0`, `give ${weight} a weight too, or leave it out`, 'alignment');
  }
  if (template === 'winit_layer_avl' && vectors.length === 0) {
    fail(
      'the template winit_layer_avl starts from given vectors',
      'give them with --vectors, or make them with crosstag vectors',
      first!.path,
    );
  }
}

/** The configuration of size and template, with what the caller has changed. */
export function configOf({ size, template, pairs = [], config, alignment }: PretrainOptions): EncoderConfig {
  const base = encoderConfig(size, template, pairs.length > 0);
  const { adversary, ...weights } = { ...base.alignment, ...alignment };
  // What goes without saying is the same training as where it is said.
  const manner = adversary === 'entropy' ? { adversary } : {};
  return encoderConfigSchema.parse({ ...base, ...config, alignment: { ...weights, ...manner } });
}

/** How the texts are batched. */
export function streamShape({ maxLength, batchWords, bucketWidth, lowerCase, shuffle }: EncoderConfig): StreamShape {
  return { maxLength, words: batchWords, width: bucketWidth, lowerCase, shuffle };
}

/**
 * Everything that the course of a pre-training is a function of: its end aside (but for a discriminator, which comes in by its
 * steps), and engine and threads, which change no more than the last digits. Files may lie elsewhere by now: word lists count by
 * their content, texts are compared when they are read on, and what given vectors gave stands in the checkpoint.
 * @throws InputError for a word list that cannot be read
 */
export async function settingsOf(options: PretrainOptions, config: EncoderConfig): Promise<PretrainingSettings> {
  const { texts, pairs = [], vectors = [], limits, seed = 1 } = options;
  const usual = texts.slice(0, 2).map(({ language }) => language);
  const lists: string[] = [];
  for (const { languages, list } of pairs) {
    const content = typeof list === 'string' ? await sha256OfFile(list, options.signal) : list.sha256;
    const name = languages.join('-');
    lists.push(name === usual.join('-') ? content : `${name} ${content}`);
  }
  const { alignment, ...sizes } = config;
  const weights = texts.map(({ weight = 1 }) => weight);
  const languagesOf = (files: readonly { readonly language: string }[]) =>
    files.map(({ language }) => language).join(' ');
  return {
    size: JSON.stringify(sizes),
    'template or alignment': JSON.stringify(alignment),
    languages: languagesOf(texts),
    ...(weights.some((weight) => weight !== 1) && { 'weights of languages': weights.join(' ') }),
    'word list': lists.sort().join(', ') || 'none',
    'languages with vectors': languagesOf(vectors),
    seed: String(seed),
    ...(alignment.adversarial > 0 &&
      !options.finish && { [DISCRIMINATOR_STEPS]: String(limits.steps ?? config.steps) }),
  };
}
