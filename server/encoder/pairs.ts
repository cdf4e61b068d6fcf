// Word lists: `source target` a line, as the dictionaries of MUSE and Swadesh lists have them.
import { sha256 } from '../text/folder.ts';
import { InputError, readTextFile } from '../text/index.ts';

/** A word and one of its translations, both lower-cased and composed (NFC). */
export interface WordPair {
  readonly source: string;
  readonly target: string;
}

/**
 * Reads a word list (`.gz`, and `-` for stdin): two words a line, a tab or blanks between them. A word with several
 * translations has several lines. Both are lower-cased and composed (NFC); blank lines and pairs that stood before are left
 * out. `#` is a character like others: dictionaries hold hashtags.
 * @returns the pairs in the order of the file, at least one
 * @throws InputError with the line that does not hold two words; for a file without any pair
 */
export async function readWordList(path: string): Promise<WordPair[]> {
  return (await readGivenList(path)).list;
}

/** The same, of a text; `path` is for messages. */
export function parseWordList(text: string, path: string): WordPair[] {
  const pairs = new Map<string, WordPair>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = (index === 0 ? raw.replace(/^\ufeff/, '') : raw).trim();
    if (line === '') continue;
    const [source, target, ...more] = line.toLowerCase().normalize('NFC').split(/\s+/);
    if (source === undefined || target === undefined || more.length > 0) {
      const count = more.length + (target === undefined ? 1 : 2);
      const column = raw.search(/\S/) + 1;
      throw new InputError(
        `${count} ${count === 1 ? 'word' : 'words'} instead of 2`,
        'write one pair a line, `source target`; take out lines with more words on a side',
        { path, line: index + 1, column },
      );
    }
    const key = `${source} ${target}`;
    if (!pairs.has(key)) pairs.set(key, { source, target });
  }
  if (pairs.size > 0) return [...pairs.values()];
  throw new InputError('the word list holds no pair', 'write one pair a line, `source target`', { path });
}

/** A word list in memory: stdin cannot be read twice. */
export interface GivenList {
  /** For messages. */
  readonly path: string;
  readonly list: WordPair[];
  /** SHA-256 of its text, lower-case hex. */
  readonly sha256: string;
}

/** Reads a word list, with a hash of what was read. @throws InputError as `readWordList` does */
export async function readGivenList(path: string): Promise<GivenList> {
  const text = await readTextFile(path);
  const name = path === '-' ? '<stdin>' : path;
  return { path: name, list: parseWordList(text, name), sha256: sha256(text) };
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
