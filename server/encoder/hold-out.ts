// What of the texts is learnt from: all but the sentences that perplexity is measured on, and those that are never drawn.
import type { BatchStream } from './batch-stream.ts';
import { ONE_SENTENCE_A_LINE } from './corpus.ts';
import { LONGEST } from './sentences.ts';
import type { PretrainOptions } from './types.ts';

/** Batches of the stream's beginning that are kept for perplexity, and sentences of a language in them at most. */
const HELD_BATCHES = 8;
const HELD_SENTENCES = 200;
/** Of so many different sentences of a language, one is kept: a small text is there to be learnt from. */
const HELD_SHARE = 10;

/** With fewer of a language's sentences, from 0 to 1, of a length that the others have too, it is said. */
const MOST_DRAWABLE = 0.8;

/** A step takes sentences of one length of every language: others are never drawn. */
export function warnOfLengths(stream: BatchStream, { texts, warn }: PretrainOptions): void {
  for (const [l, share] of stream.drawable().entries()) {
    if (share >= MOST_DRAWABLE) continue;
    const { language, path } = texts[l]!;
    warn?.(
      `${path}: ${Math.round(100 * share)}% of the sentences of ${language} are of a length that all languages have, and others are not learnt; ${ONE_SENTENCE_A_LINE}, in all texts`,
    );
  }
}

/**
 * Takes sentences of the first batches of a stream for the measurement of perplexity. Of a small corpus they are few, and from
 * all of these batches; of a bucket no more than half, so that no length is left without a sentence to learn from.
 * @returns of each language, ids of their words
 */
export async function holdOut(stream: BatchStream): Promise<number[][][]> {
  const distinct = stream.distinct(HELD_SENTENCES * HELD_SHARE);
  const held = distinct.map(() => new Map<string, number[]>());
  const ofBucket = distinct.map(() => new Map<number, number>());
  for (let i = 0; i < HELD_BATCHES; i++) {
    const { bucket, languages } = await stream.next();
    const counts = stream.countsOf(bucket);
    for (const [l, { sentences }] of languages.entries()) {
      const own = held[l]!;
      const most = Math.max(1, Math.floor(distinct[l]! / HELD_SHARE));
      const now = own.size + Math.ceil((most - own.size) / (HELD_BATCHES - i));
      let here = ofBucket[l]!.get(bucket) ?? 0;
      for (const ids of sentences) {
        // Longer ones would be measured in windows
        const fits = own.size < now && here < Math.floor(counts[l]! / 2) && ids.length <= LONGEST;
        if (!fits || own.has(ids.join(' '))) continue;
        own.set(ids.join(' '), [...ids]);
        here++;
      }
      ofBucket[l]!.set(bucket, here);
      const [only] = sentences;
      if (i === HELD_BATCHES - 1 && own.size === 0) own.set(only!.join(' '), [...only!]);
    }
  }
  return held.map((own) => [...own.values()]);
}
