// Languages to choose from, and what a person may type instead: BCP 47 knows thousands.

/** Languages that are offered; any other can be typed. */
const OFFERED =
  'af am ar ary arz as az ba be bg bm bn bo br ca ceb ckb cs cy da de ee el en eo es et eu fa ff fi fil fo fon fr fy ga gd ' +
  'gl gn gu ha haw he hi hr ht hu hy id ig is it ja jv ka kab kk km kn ko ku ky la lb lg ln lo lt luo lv mai mg mi mk ml ' +
  'mn mos mr ms mt my nb ne nl nn ny oc om or pa pcm pl ps pt qu rn ro ru rw sa sc sd sg si sk sl sm sn so sq sr ss st su ' +
  'sv sw ta te tg th ti tk tn to tr ts tt tw ug uk ur uz vi wo xh yi yo yue zh zu';

export interface LanguageChoice {
  /** BCP 47. */
  readonly tag: string;
  /** In the language of the editor, as `Amharic`; the tag where it has no name there. */
  readonly name: string;
}

/** @param locale language of the editor, in which languages are named and sorted */
export function languageChoices(locale: string): LanguageChoice[] {
  const name = namesIn(locale);
  const compare = new Intl.Collator(safe(locale)).compare;
  return OFFERED.split(' ')
    .map((tag) => ({ tag, name: name(tag) }))
    .sort((a, b) => compare(a.name, b.name));
}

/** The tag that a person has typed, as BCP 47 writes it; undefined where it is none. */
export function typedTag(text: string): string | undefined {
  const trimmed = text.trim().replaceAll('_', '-');
  if (!/^[a-z]{2,3}(-|$)/i.test(trimmed)) return undefined;
  try {
    return Intl.getCanonicalLocales(trimmed)[0];
  } catch {
    return undefined;
  }
}

/** `Amharic (am)`. */
export function describeLanguage(tag: string, locale: string): string {
  const name = namesIn(locale)(tag);
  return name === tag ? tag : `${name} (${tag})`;
}

function namesIn(locale: string): (tag: string) => string {
  const names = new Intl.DisplayNames(safe(locale), { type: 'language' });
  return (tag) => names.of(tag) ?? tag;
}

/** Editors run in languages that this machine may not know. */
function safe(locale: string): string[] {
  return [typedTag(locale) ?? 'en', 'en'];
}
