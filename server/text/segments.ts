// Sentences and words as the Unicode rules of the platform (ICU) cut them for a language.
import { isSpace } from './lines.ts';
import { InputError, type Token } from './types.ts';

/**
 * The longest stretch given to ICU at once, and so the longest sentence, in UTF-16 units: the time that `Intl.Segmenter`
 * takes for one segment grows with the length of the whole string (40 microseconds at 100,000 units, 1,100 at a million).
 */
export const LONGEST_SENTENCE = 4096;

/** White space and invisible format characters alone are no token. */
const INVISIBLE = /^[\s\p{Cf}\p{Cc}]*$/u;

const known = new Map<string, Segments>();

/**
 * The rules of a language, loaded once.
 * @throws InputError where `language` is no language tag.
 */
export function segmentsOf(language: string): Segments {
  const found = known.get(language) ?? new Segments(language);
  known.set(language, found);
  return found;
}

/** Cuts text of one language. */
class Segments {
  private readonly sentences: Intl.Segmenter;
  private readonly words: Intl.Segmenter;

  constructor(language: string) {
    try {
      this.sentences = new Intl.Segmenter(language, { granularity: 'sentence' });
      this.words = new Intl.Segmenter(language, { granularity: 'word' });
    } catch {
      throw new InputError('no such language tag', 'give one like en, am, zh or pt-BR', { path: language });
    }
  }

  /** Where the sentences of one line end, but for the last. */
  cuts(line: string): number[] {
    const cuts: number[] = [];
    for (let at = 0; at < line.length; ) {
      const whole = line.length - at <= LONGEST_SENTENCE;
      const chunk = whole ? line.slice(at) : line.slice(at, at + LONGEST_SENTENCE);
      const ends = boundaries(this.sentences, chunk);
      if (!whole) {
        // The last sentence of a chunk may go on after it; a sentence that fills the chunk is cut between words.
        ends.pop();
        if (ends.length === 0) ends.push(lastWordEnd(this.words, chunk));
      }
      for (const end of ends) cuts.push(at + end);
      at = cuts.at(-1)!;
    }
    cuts.pop();
    return cuts;
  }

  /** The tokens of [start, end) of `source`, at most a sentence, without labels. */
  tokens(source: string, start: number, end: number): Token[] {
    const tokens: Token[] = [];
    for (const { segment, index, isWordLike } of this.words.segment(source.slice(start, end))) {
      if (!isWordLike && INVISIBLE.test(segment)) continue;
      const previous = tokens.at(-1);
      const at = start + index;
      // `...` and `--` are one token each, as corpora have them.
      const repeats =
        !isWordLike && previous?.end === at && previous.form.endsWith(segment) && previous.form[0] === segment[0];
      const from = repeats ? previous.start : at;
      if (repeats) tokens.pop();
      const to = at + segment.length;
      tokens.push({
        form: source.slice(from, to),
        start: from,
        end: to,
        label: undefined,
        labelStart: -1,
        labelEnd: -1,
      });
    }
    return tokens;
  }
}

function boundaries(segmenter: Intl.Segmenter, text: string): number[] {
  const ends: number[] = [];
  for (const { index, segment } of segmenter.segment(text)) ends.push(index + segment.length);
  return ends;
}

/** How far back from the end of a chunk the end of a word is looked for. */
const TAIL = 256;

/** The end of the last word that certainly is whole; the whole chunk, but for half a character, where there is none. */
function lastWordEnd(words: Intl.Segmenter, chunk: string): number {
  const tail = chunk.length - TAIL;
  for (let at = chunk.length; at > tail; at--) if (isSpace(chunk.charCodeAt(at - 1))) return at;
  const from = isLowSurrogate(chunk, tail) ? tail - 1 : tail;
  const end = boundaries(words, chunk.slice(from)).at(-2);
  if (end !== undefined) return from + end;
  const last = chunk.charCodeAt(chunk.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? chunk.length - 1 : chunk.length;
}

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}

export type { Segments };
