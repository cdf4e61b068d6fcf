import { describe, expect, it } from 'vitest';
import { detectScheme } from '../../../server/tags/index.ts';

const ofLines = (...lines: string[]) => detectScheme(lines.map((line) => line.split(' ')));

describe('the scheme of a file', () => {
  it('is the one that most tags are witnesses of', () => {
    expect(ofLines('I-PER I-PER O', 'I-LOC B-LOC')).toMatchObject({ scheme: 'iob1', mixed: [] });
    expect(ofLines('B-PER E-PER O', 'S-ስም')).toMatchObject({ scheme: 'bioes', mixed: [] });
    expect(ofLines('NOUN VERB', 'PUNCT')).toMatchObject({ scheme: 'pos', mixed: [] });
    expect(ofLines('O O')).toMatchObject({ scheme: 'bio', evidence: [] });
  });

  it.each(['I-PER O', 'O S-PER'])('is BIO where as many tags are witnesses of it as of another: %s', (other) => {
    for (const lines of [
      [other, 'B-LOC O'],
      ['B-LOC O', other],
    ]) {
      const { scheme, evidence, mixed } = ofLines(...lines);
      expect(scheme).toBe('bio');
      expect(evidence.map(({ votes }) => votes)).toEqual([1, 1]);
      expect(mixed.map((found) => found.scheme)).toEqual([evidence[1]!.scheme]);
    }
  });
});
