// Parts of words: fastText's n-grams, so that forms of one word share what is learnt.

/** Lengths of the n-grams in characters, `<` and `>` around the word counted. */
const SHORTEST = 3;
const LONGEST = 6;

export interface Subwords {
  /** Bucket numbers of all words, one after another. */
  readonly buckets: Int32Array;
  /** [words + 1]: those of word w are buckets[starts[w]] to buckets[starts[w + 1] - 1]. */
  readonly starts: Int32Array;
}

/** The n-grams of each word, hashed into `count` buckets (FNV-1a over UTF-16 code units); none where `count` is 0. */
export function subwordsOf(words: readonly string[], count: number): Subwords {
  const buckets: number[] = [];
  const starts = new Int32Array(words.length + 1);
  for (const [w, word] of words.entries()) {
    if (count > 0) for (const gram of gramsOf(word)) buckets.push(hash(gram) % count);
    starts[w + 1] = buckets.length;
  }
  return { buckets: Int32Array.from(buckets), starts };
}

/** Without the word itself, which has a vector of its own. */
function gramsOf(word: string): string[] {
  const characters = ['<', ...word, '>'];
  const grams: string[] = [];
  for (let start = 0; start < characters.length; start++) {
    for (let n = SHORTEST; n <= LONGEST && start + n <= characters.length; n++) {
      if (n < characters.length) grams.push(characters.slice(start, start + n).join(''));
    }
  }
  return grams;
}

function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
