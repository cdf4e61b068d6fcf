// The words that an encoder knows of one language, and the file that holds them (docs of the format: specification, 1).
import { InputError, readTextFile } from '../text/index.ts';
import { isSpace } from '../text/lines.ts';

/** Id of the end of a sentence; also fills up batches. */
export const EOS = 0;
/** Id of every word that is not in the vocabulary. */
export const UNKNOWN = 1;

const EOS_WORD = '<eos>';
const UNKNOWN_WORD = '<unk>';
export const SPECIAL_WORDS: readonly string[] = [EOS_WORD, UNKNOWN_WORD];

/** Words by id. Languages may have vocabularies of different sizes. */
export class EncoderVocabulary {
  /** Lines of the file: `<eos>`, `<unk>`, then words by falling count. */
  readonly words: readonly string[];
  readonly #ids = new Map<string, number>();

  /** @param words lines of the file, the two special ones included */
  constructor(words: readonly string[]) {
    if (words[EOS] !== EOS_WORD || words[UNKNOWN] !== UNKNOWN_WORD) {
      throw new RangeError(`a vocabulary starts with ${EOS_WORD} and ${UNKNOWN_WORD}`);
    }
    this.words = words;
    const composed = new Map<string, number>();
    for (let id = SPECIAL_WORDS.length; id < words.length; id++) {
      const word = words[id]!;
      this.#ids.set(word, id);
      const form = word.normalize('NFC');
      if (form !== word && !composed.has(form)) composed.set(form, id);
    }
    for (const [form, id] of composed) if (!this.#ids.has(form)) this.#ids.set(form, id);
  }

  get size(): number {
    return this.words.length;
  }

  /**
   * `UNKNOWN` for words that are not there and for the strings `<eos>` and `<unk>`: in a text they are no signs. A word that is
   * written with other combining marks, or with none, is the same word (Unicode's canonical equivalence).
   */
  id(word: string): number {
    return this.#ids.get(word) ?? this.#ids.get(word.normalize('NFC')) ?? UNKNOWN;
  }

  /** @throws InputError for a text that is no vocabulary, with the line */
  static parse(text: string, path: string): EncoderVocabulary {
    const words = text.replace(/^\ufeff/, '').split(/\r?\n/);
    if (words.at(-1) === '') words.pop();
    const seen = new Map<string, number>();
    for (const [i, word] of words.entries()) {
      const problem = problemOf(word, i, seen.get(word));
      if (problem !== undefined) throw damaged(problem, path, i + 1);
      seen.set(word, i);
    }
    if (words.length < SPECIAL_WORDS.length) {
      throw damaged(`the vocabulary lacks ${SPECIAL_WORDS[words.length]}`, path, words.length + 1);
    }
    return new EncoderVocabulary(words);
  }

  /** Reads `vocabulary.<language>.txt`. @throws InputError as `parse` does, and for a file that cannot be read */
  static async read(path: string): Promise<EncoderVocabulary> {
    return EncoderVocabulary.parse(await readTextFile(path), path);
  }

  toText(): string {
    return `${this.words.join('\n')}\n`;
  }
}

function problemOf(word: string, index: number, before: number | undefined): string | undefined {
  const special = SPECIAL_WORDS[index];
  if (special !== undefined && word !== special) return `line ${index + 1} of a vocabulary is ${special}`;
  if (word === '') return 'the line is empty';
  if (before !== undefined) return `the word ${JSON.stringify(word)} stands on line ${before + 1} too`;
  for (let i = 0; i < word.length; i++) {
    if (isSpace(word.charCodeAt(i))) return `there is white space in ${JSON.stringify(word)}`;
  }
  return undefined;
}

function damaged(what: string, path: string, line: number): InputError {
  return new InputError(what, 'the file was changed or is no vocabulary: copy the encoder anew', { path, line });
}
