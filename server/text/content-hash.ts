// The identity of a sentence is its words: it survives edits elsewhere, copies into other files, and new labels.
import { createHash } from 'node:crypto';

/**
 * The first 16 hexadecimal digits of SHA-256 of the words joined by line feeds, in UTF-8. Words are not normalised:
 * composed and decomposed letters are different content. A lone surrogate counts as U+FFFD, as UTF-8 has none.
 */
export function contentHash(words: readonly string[]): string {
  return createHash('sha256').update(words.join('\n'), 'utf8').digest('hex').slice(0, 16);
}
