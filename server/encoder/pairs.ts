// Word lists: `source target` a line, as the dictionaries of MUSE and Swadesh lists have them.
import { sha256 } from '../text/folder.ts';
import { InputError, readTextFile } from '../text/index.ts';

/** A word and one of its translations, both lower-cased and composed (NFC). */
export interface WordPair {
  readonly source: string;
  readonly target: string;
}

/** A word list in memory: stdin cannot be read twice. */
export interface GivenList {
  /** For messages. */
  readonly path: string;
  readonly list: WordPair[];
  /** SHA-256 of its text, lower-case hex. */
  readonly sha256: string;
}

/** A word list and the languages of the first and of the second word in its lines; a path, or in memory. */
export interface LanguageList {
  readonly languages: readonly [string, string];
  readonly list: string | GivenList;
}

/** The same, on the disk. */
export interface LanguageListFile extends LanguageList {
  readonly list: string;
}

/** The two languages that a name such as `en-swa` means, of these; a tag may have a hyphen itself. */
export function languagesNamed(name: string, languages: readonly string[]): [string, string] | undefined {
  for (const first of languages) {
    const second = languages.find((other) => other !== first && name === `${first}-${other}`);
    if (second !== undefined) return [first, second];
  }
  return undefined;
}

/**
 * Reads a word list (`.gz`, and `-` for stdin): a word and its translation a line, with a tab, a semicolon or a comma between
 * them where most lines have one, else blanks. A word with several translations has several lines. Both are lower-cased and
 * composed (NFC); blank lines and pairs that stood before are left out. `#` is a character like others: dictionaries hold
 * hashtags.
 * @param tell told of what is left out: lines with several words on a side, as `to eat` has, lines without a second column, and
 *   that of more columns the first two are read
 * @returns the pairs in the order of the file, at least one
 * @throws InputError with the line that does not hold two words; for a file without any pair
 */
export async function readGivenList(path: string, tell?: (message: string) => void): Promise<GivenList> {
  const text = await readTextFile(path);
  const name = path === '-' ? '<stdin>' : path;
  return { path: name, list: parseWordList(text, name, tell), sha256: sha256(text) };
}

/** The pairs alone. @throws InputError as `readGivenList` does */
export async function readWordList(path: string, tell?: (message: string) => void): Promise<WordPair[]> {
  return (await readGivenList(path, tell)).list;
}

/** The same, of a text; `path` is for messages. */
export function parseWordList(text: string, path: string, tell?: (message: string) => void): WordPair[] {
  const pairs = new Map<string, WordPair>();
  const lines = text.replace(/^\ufeff/, '').split('\n');
  const separator = separatorOf(lines.filter((line) => line.trim() !== ''));
  const leftOut = { long: 0, open: 0 };
  let isWide = false;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim().toLowerCase().normalize('NFC');
    if (line === '') continue;
    const [source, target, ...more] = line.split(separator ?? /\s+/).map((side) => side.trim());
    if (separator === undefined && (!source || !target || more.length > 0)) {
      const count = line.split(/\s+/).length;
      throw new InputError(
        `${count} ${count === 1 ? 'word' : 'words'} instead of 2`,
        'write one pair a line, `source target`; with a tab, a semicolon or a comma between them in most lines, words of several parts are left out',
        { path, line: index + 1, column: raw.search(/\S/) + 1 },
      );
    }
    isWide ||= more.some((side) => side !== '');
    if (!source || !target) leftOut.open++;
    else if (/\s/.test(source) || /\s/.test(target)) leftOut.long++;
    else if (!pairs.has(`${source} ${target}`)) pairs.set(`${source} ${target}`, { source, target });
  }
  if (pairs.size === 0) {
    throw new InputError('the word list holds no pair of single words', 'write one pair a line, `source target`', {
      path,
    });
  }
  const said = (count: number, one: string, many: string) =>
    count > 0 && tell?.(`${path}: ${count === 1 ? one : `${count} ${many}`} left out`);
  said(leftOut.long, 'a line with several words on a side is', 'lines with several words on a side are');
  said(leftOut.open, 'a line without a second column is', 'lines without a second column are');
  if (isWide) tell?.(`${path}: a word and its translation are read from the first two columns`);
  return [...pairs.values()];
}

/** What stands between the words of most lines; undefined: blanks. */
function separatorOf(lines: readonly string[]): string | undefined {
  // A comma may be a word itself
  const parts = (line: string, mark: string) => line.split(mark, 2).filter((side) => side.trim() !== '').length === 2;
  return ['\t', ';', ','].find((mark) => 2 * lines.filter((line) => parts(line, mark)).length > lines.length);
}

/** The pairs of a list with the words of `target` as translations, in whichever order the list has them. */
export async function readTranslations(
  { languages, list }: LanguageListFile,
  target: string,
  tell?: (message: string) => void,
): Promise<WordPair[]> {
  const pairs = await readWordList(list, tell);
  if (languages[0] !== target) return pairs;
  return pairs.map((pair) => ({ source: pair.target, target: pair.source }));
}

/** The translations of each source word, in the order of the list. */
export function translationsOf(pairs: readonly WordPair[]): Map<string, string[]> {
  const translations = new Map<string, string[]>();
  for (const { source, target } of pairs) {
    const known = translations.get(source);
    if (known === undefined) translations.set(source, [target]);
    else known.push(target);
  }
  return translations;
}
