import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { detached } from '../../../server/text/lines.ts';

describe('a detached part of a text', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');

  it.each([12, 13, 200])('of %i characters keeps the text no longer in memory', (length) => {
    const kept: string[] = [];
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 40; i++) {
      const text = Buffer.from(`${i} ${'x'.repeat(1_000_000)}`).toString();
      kept.push(detached(text.slice(500_000, 500_000 + length)));
    }
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
    expect(kept.every((part) => part === 'x'.repeat(length))).toBe(true);
  });

  it('is the same string, also where it ends in half a character', () => {
    for (const part of ['', 'አዲስ', 'नगर में 😀 हैं और', `half a character: ${'😀'[0]}`]) expect(detached(part)).toBe(part);
  });
});
