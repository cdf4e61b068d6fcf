// Words of a file in a title or a name.

/** UTF-16 units. */
const LONGEST = 60;

/** Words in one line, cut where it gets long; never in the middle of a character. */
export function quote(words: readonly string[]): string {
  const text = words.slice(0, LONGEST).join(' ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
