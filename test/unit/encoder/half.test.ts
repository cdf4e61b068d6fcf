// 16-bit numbers: every pattern survives, everything else is rounded to the nearest one.
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../server/encoder/half.ts';
import { Random } from '../../../server/tensor/index.ts';

const round = (...values: number[]) => [...fromHalf(toHalf(Float32Array.from(values)))];

describe('numbers of 16 bits', () => {
  it('keep every one of their patterns', () => {
    const finite = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00);
    expect(toHalf(fromHalf(finite))).toEqual(finite);
  });

  it('mean what the standard says', () => {
    const patterns = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555, 0x7c00, 0xfc00);
    const meanings = [1, -2, 65504, 2 ** -24, 2 ** -14, 0.333251953125, Infinity, -Infinity];
    expect([...fromHalf(patterns)]).toEqual(meanings);
    expect(fromHalf(Uint16Array.of(0x7e00))[0]).toBeNaN();
    expect(Object.is(fromHalf(Uint16Array.of(0x8000))[0], -0)).toBe(true);
  });

  it('are the nearest ones, ties to even', () => {
    expect(round(1 + 2 ** -11, 1 + 3 * 2 ** -11, -1 - 2 ** -11)).toEqual([1, 1 + 2 ** -9, -1]);
    expect(round(2 ** -25, 3 * 2 ** -25, 2 ** -26)).toEqual([0, 2 ** -23, 0]);
    expect(round(65519, 65520, 1e30, -Infinity)).toEqual([65504, 65504, 65504, -65504]);
    expect(round(Number.NaN)[0]).toBeNaN();
    const all = fromHalf(Uint16Array.from({ length: 0x7c00 }, (_, i) => i));
    const random = new Random(1, 'halves');
    for (let i = 0; i < 2000; i++) {
      const value = Math.fround((random.uniform() - 0.5) * 10 ** (random.below(8) - 4));
      const [rounded] = round(value);
      const nearest = all.reduce((best, each) =>
        Math.abs(each - Math.abs(value)) < Math.abs(best - Math.abs(value)) ? each : best,
      );
      expect(Math.abs(rounded! - value)).toBe(Math.abs(nearest - Math.abs(value)));
    }
  });
});
