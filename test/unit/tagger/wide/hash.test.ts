import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashIndex, hashPair, hashText } from '../../../../server/tagger/wide/hash.ts';

const START = { low: 1, high: 2 };

function hashOf(text: string): { low: number; high: number } {
  const out = { low: 0, high: 0 };
  hashText(text, START, out);
  return out;
}

describe('hashes', () => {
  it('differ for each of 26,000 short strings in several scripts, in both halves together', () => {
    const seen = new Set<string>();
    const halves = [new Set<number>(), new Set<number>()] as const;
    const letters = [...'abcAB01ሰላ人اس'];
    let count = 0;
    for (const a of letters) {
      for (const b of letters) {
        for (const c of letters) {
          for (const d of letters.slice(0, 12)) {
            const { low, high } = hashOf(a + b + c + d);
            seen.add(`${low} ${high}`);
            halves[0].add(low);
            halves[1].add(high);
            count++;
          }
        }
      }
    }
    expect(seen.size).toBe(count);
    // Random 32-bit numbers collide count ** 2 / 2 ** 33 times: a few.
    for (const half of halves) expect(half.size).toBeGreaterThan(count - 10 - 4 * (count ** 2 / 2 ** 33));
  });

  it('of pairs depend on both and on their order', () => {
    const out = { low: 0, high: 0 };
    const seen = new Set<string>();
    for (let i = 0; i < 300; i++) {
      for (let j = 0; j < 300; j++) {
        hashPair(hashOf(`w${i}`), hashOf(`w${j}`), out);
        seen.add(`${out.low} ${out.high}`);
      }
    }
    expect(seen.size).toBe(90_000);
  });
});

describe('HashIndex', () => {
  it('numbers hashes as a map would, through growth and with equal halves', () => {
    const half = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(half, half), { maxLength: 200 }), (keys) => {
        const index = new HashIndex(1);
        const map = new Map<string, number>();
        for (const [low, high] of keys) {
          expect(index.find(low, high)).toBe(map.get(`${low} ${high}`) ?? -1);
          if (!map.has(`${low} ${high}`)) map.set(`${low} ${high}`, map.size);
          expect(index.add(low, high)).toBe(map.get(`${low} ${high}`));
        }
        expect(index.size).toBe(map.size);
        expect([...index.keys]).toEqual([...map.keys()].flatMap((key) => key.split(' ').map(Number)));
      }),
    );
  });
});
