// Files that are given with their language: `--text en=en.txt`.
import { canonicalTag, isLanguageTag } from '../text/language-tag.ts';

export interface LanguageFile {
  readonly language: string;
  readonly path: string;
}

/**
 * The same files with their weights, from arguments like `sw=2`.
 * @throws Error for another form, a weight that is no number above 0, and languages without a file or named twice
 */
export function weighted(
  files: readonly LanguageFile[],
  flag: string,
  given: readonly string[] = [],
): (LanguageFile & { readonly weight?: number })[] {
  const weights = new Map<string, number>();
  for (const argument of given) {
    const [, language = '', number] = /^([^=]+)=([^=]+)$/.exec(argument) ?? [];
    const weight = Number(number);
    if (!(weight > 0 && weight < Infinity)) {
      throw new Error(`${flag} takes LANGUAGE=W with a number W above 0, not ${argument}`);
    }
    if (!files.some((file) => file.language === language)) throw new Error(`${flag}: there is no text in ${language}`);
    if (weights.has(language)) throw new Error(`${flag} names ${language} twice`);
    weights.set(language, weight);
  }
  return files.map((file) => ({ ...file, ...(weights.has(file.language) && { weight: weights.get(file.language)! }) }));
}

/** @throws Error for what is not `LANGUAGE=FILE`, and for a language that is there twice */
export function languageFiles(flag: string, given: readonly string[] = []): LanguageFile[] {
  const languages = new Set<string>();
  return given.map((argument) => {
    const [, language = '', path] = /^([^=]*)=(.+)$/s.exec(argument) ?? [];
    if (path === undefined) throw new Error(`${flag} takes LANGUAGE=FILE, not ${argument}`);
    if (!isLanguageTag(language)) {
      throw new Error(`${flag}: ${language} is no language tag (BCP 47), such as am, sw or pt-BR`);
    }
    if (languages.has(canonicalTag(language))) throw new Error(`${flag} names ${language} twice`);
    languages.add(canonicalTag(language));
    return { language, path };
  });
}
