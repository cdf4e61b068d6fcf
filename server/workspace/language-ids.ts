// As what the editor opens a file.

export type LanguageId = 'conll' | 'conllu' | 'jsonl' | 'plaintext';

/** As in package.json and in the editor itself, which know which files are of these languages. */
const LANGUAGES: Readonly<Record<string, LanguageId>> = {
  ...{
    conll: 'conll',
    conll2002: 'conll',
    conll2003: 'conll',
    iob: 'conll',
    iob1: 'conll',
    iob2: 'conll',
    bio: 'conll',
    uner: 'conll',
  },
  ...{ conllu: 'conllu', conllup: 'conllu', jsonl: 'jsonl', ndjson: 'jsonl', txt: 'plaintext' },
};

/** What files end in that may be labelled, without the dot. */
export const EXTENSIONS: readonly string[] = Object.keys(LANGUAGES);

/** The language that the editor gives a file by its name; undefined for files that are not ours. */
export function languageIdOf(path: string): LanguageId | undefined {
  return LANGUAGES[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
}
