// Where a word can be cut in two.
import { trimmed } from '../lines.ts';
import { NotPossible } from './types.ts';

const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The two parts of a word, without white space at the cut. */
export interface Parts {
  readonly first: string;
  readonly second: string;
  /** White space stood between them. */
  readonly apart: boolean;
}

/**
 * Cuts a word.
 * @param at in UTF-16 units
 * @throws NotPossible at its ends and within a character with its marks
 */
export function cutWord(form: string, at: number): Parts {
  const first = form.slice(0, trimmed(form, 0, at)[1]);
  const second = form.slice(trimmed(form, at, form.length)[0]);
  if (first === '' || second === '') {
    throw new NotPossible(`“${form}” is not cut at its end; put the cursor between two of its characters`);
  }
  if (characters.segment(form).containing(at)?.index !== at) {
    throw new NotPossible(`“${form}” is not cut within a character; put the cursor before it or behind it`);
  }
  return { first, second, apart: first.length + second.length < form.length };
}
