// Names of languages, as BCP 47 writes them.

/**
 * What a language tag looks like: two or three letters (ISO 639), then parts such as a script, a region or a private use.
 * Longer first parts are reserved in BCP 47: `english` is no tag.
 */
export const LANGUAGE_TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/;

/** Whether this is a well-formed BCP 47 tag such as `am`, `yor`, `pt-BR` or `sr-Latn`, known to this machine or not. */
export function isLanguageTag(tag: string): boolean {
  try {
    return LANGUAGE_TAG.test(tag) && Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** One spelling for all that mean the same (`yor` is `yo`, `EN` is `en`), to compare tags; as it is where it is no tag. */
export function canonicalTag(tag: string): string {
  return isLanguageTag(tag) ? Intl.getCanonicalLocales(tag)[0]! : tag;
}

/** Whether one of two tags means the other by look-up: `pt` and `pt-BR` do, `pt-PT` and `pt-BR` do not. */
export function isSameLanguage(a: string, b: string): boolean {
  return lookUp([a], b) !== undefined || lookUp([b], a) !== undefined;
}

/** The one among `languages` that a tag means: `pt` for `pt-BR` too (RFC 4647, look-up). Undefined where none does. */
export function lookUp(languages: readonly string[], tag: string): string | undefined {
  if (languages.includes(tag)) return tag; // the usual case, which is asked for word by word
  for (let range = canonicalTag(tag); range !== ''; range = range.replace(/(^|-)[^-]*$/, '')) {
    const known = languages.find((language) => canonicalTag(language) === range);
    if (known !== undefined) return known;
  }
  return undefined;
}
