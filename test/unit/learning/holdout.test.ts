import { describe, expect, it } from 'vitest';
import { isForChoosing, isHeldOut } from '../../../server/learning/holdout.ts';

const hashes = Array.from({ length: 5000 }, (_, i) => i.toString(16).padStart(16, '0'));

describe('the hold-out', () => {
  it('has the share that is asked for, whatever the seed', () => {
    for (const seed of [1, 2, 3]) {
      const held = hashes.filter((hash) => isHeldOut(hash, 0.1, seed)).length;
      expect(held).toBeGreaterThan(420);
      expect(held).toBeLessThan(580);
    }
    expect(hashes.some((hash) => isHeldOut(hash, 0))).toBe(false);
  });

  it('says the same of the same sentence, and with another seed of others', () => {
    const held = (seed: number) => hashes.filter((hash) => isHeldOut(hash, 0.1, seed));
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
  });

  it('only grows with its share: a sentence that was measured on is not trained on later', () => {
    const larger = new Set(hashes.filter((hash) => isHeldOut(hash, 0.3)));
    for (const hash of hashes.filter((each) => isHeldOut(each, 0.1))) expect(larger.has(hash)).toBe(true);
  });

  it('does not decide what chooses a model', () => {
    const both = hashes.filter((hash) => isHeldOut(hash, 0.5) && isForChoosing(hash, 0.5)).length;
    expect(both / hashes.length).toBeCloseTo(0.25, 1);
  });
});
