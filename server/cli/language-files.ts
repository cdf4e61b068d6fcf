// Files that are given with their language: `--text en=en.txt`.
import { canonicalTag, isLanguageTag } from '../text/language-tag.ts';

export interface LanguageFile {
  readonly language: string;
  readonly path: string;
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
