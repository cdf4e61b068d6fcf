// Sentences that would teach nothing: asking for them wastes a person's time.

/** Markers that corpora put between documents. */
const MARKER = /^-+(DOCSTART|DOCEND)-+$/i;

/** False for single tokens, for markers of documents, and where fewer than two tokens have letters. */
export function isWorthAsking(words: readonly string[]): boolean {
  if (words.length < 2 || words.some((word) => MARKER.test(word))) return false;
  let lettered = 0;
  for (const word of words) if (/\p{L}/u.test(word) && ++lettered === 2) return true;
  return false;
}
