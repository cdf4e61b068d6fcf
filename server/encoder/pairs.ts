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

/**
 * Reads a word list (`.gz`, and `-` for stdin): a word and its translation a line, with a tab, a semicolon or a comma between
 * them where every line has one, else blanks. A word with several translations has several lines. Both are lower-cased and
 * composed (NFC); blank lines and pairs that stood before are left out. `#` is a character like others: dictionaries hold
 * hashtags.
 * @param tell told how many lines are left out because a side has several words, as `to eat` has
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
  let leftOut = 0;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim().toLowerCase().normalize('NFC');
    if (line === '') continue;
    const [source, target, ...more] = line.split(separator ?? /\s+/).map((side) => side.trim());
    if (!source || !target || (separator === undefined && more.length > 0)) {
      const count = line.split(/\s+/).length;
      throw new InputError(
        separator === undefined
          ? `${count} ${count === 1 ? 'word' : 'words'} instead of 2`
          : 'a word has no translation',
        'write one pair a line, `source target`; with a tab, a semicolon or a comma between them in every line, words of several parts are left out',
        { path, line: index + 1, column: raw.search(/\S/) + 1 },
      );
    }
    if (/\s/.test(source) || /\s/.test(target)) leftOut++;
    else if (!pairs.has(`${source} ${target}`)) pairs.set(`${source} ${target}`, { source, target });
  }
  if (pairs.size === 0) {
    throw new InputError('the word list holds no pair of single words', 'write one pair a line, `source target`', {
      path,
    });
  }
  const what =
    leftOut === 1 ? 'a line with several words on a side is' : `${leftOut} lines with several words on a side are`;
  if (leftOut > 0) tell?.(`${path}: ${what} left out`);
  return [...pairs.values()];
}

/** What stands between the words of every line; undefined: blanks. */
function separatorOf(lines: readonly string[]): string | undefined {
  if (lines.every((line) => line.trim().includes('\t'))) return '\t';
  // A comma may be a word itself
  return [';', ','].find((mark) => lines.every((line) => isPair(line.split(mark))));
}

const isPair = (sides: readonly string[]) => sides.length === 2 && sides.every((side) => side.trim() !== '');

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
