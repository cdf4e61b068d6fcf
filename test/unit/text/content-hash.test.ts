import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../../server/text/content-hash.ts';

describe('the hash of a sentence', () => {
  it('is that of any other program', () => {
    const words = ['አዲስ', 'अच्छा', 'ملكة', '上海', '😀', 'e\u0301'];
    expect(contentHash(['Dar', 'es', 'Salaam'])).toBe('0739bffc0e2f9233');
    const other = execFileSync('sha256sum', { input: words.join('\n'), encoding: 'utf8' });
    expect(contentHash(words)).toBe(other.slice(0, 16));
  });

  it('keeps apart what is other words', () => {
    const sentences = [['a', 'b'], ['ab'], ['a b'], ['a', 'b', ''], ['é'], ['e\u0301'], []];
    expect(new Set(sentences.map(contentHash)).size).toBe(sentences.length);
  });
});
