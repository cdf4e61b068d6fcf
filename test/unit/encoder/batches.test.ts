import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, isKept, sentencesOf, timeOf } from '../../../server/encoder/batches.ts';
import { golden, hasGolden } from '../tagger/deep/golden.ts';

interface Golden {
  readonly kept_of_lengths_0_1_2_3_9_10_199_200_201: readonly number[];
  readonly cases: readonly {
    readonly max_len: number;
    readonly words: number;
    readonly devices: number;
    readonly bucket_of_length_1_to_210: readonly number[];
    readonly sentences_of_bucket: Readonly<Record<string, number>>;
  }[];
}

describe.skipIf(!hasGolden)("the original's buckets", () => {
  const { cases, ...kept } = hasGolden ? golden<Golden>('batching') : ({ cases: [] } as never as Golden);

  it('are those of the original', () => {
    expect(cases).toHaveLength(4);
    for (const { max_len: maxLength, words, devices, ...expected } of cases) {
      const shape = { maxLength, words: devices * words };
      const buckets = expected.bucket_of_length_1_to_210.map((_, i) => bucketOf(i + 1, shape));
      expect(buckets).toEqual(expected.bucket_of_length_1_to_210);
      const sentences = Array.from({ length: BUCKETS }, (_, k) => [`${k}`, sentencesOf(k, shape)]);
      expect(Object.fromEntries(sentences)).toEqual(expected.sentences_of_bucket);
    }
  });

  it('hold the sentences that the original keeps', () => {
    const lengths = [0, 1, 2, 3, 9, 10, 199, 200, 201].filter((n) => isKept(n, { maxLength: 200, words: 4096 }));
    expect(lengths).toEqual(kept.kept_of_lengths_0_1_2_3_9_10_199_200_201);
  });
});

describe('a bucket', () => {
  it('has the length of its longest sentence', () => {
    for (const maxLength of [3, 7, 20, 21, 50, 64, 100, 200, 201]) {
      const shape = { maxLength, words: 4096 };
      const longest = new Map<number, number>();
      for (let n = 3; n <= maxLength; n++) longest.set(bucketOf(n, shape), n);
      for (const [bucket, length] of longest) expect([maxLength, timeOf(bucket, shape)]).toEqual([maxLength, length]);
    }
  });

  it('gives one sentence at least', () => {
    expect(sentencesOf(20, { maxLength: 200, words: 100 })).toBe(1);
  });
});
