import { describe, expect, it } from 'vitest';
import { kappa, mayStop } from '../../../server/learning/stop.ts';

describe('agreement', () => {
  it('is that of Cohen', () => {
    // Cohen's own kind of table: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: kappa 0.4.
    const one = [...Array(25).fill('A'), ...Array(25).fill('O')];
    const other = [...Array(20).fill('A'), ...Array(5).fill('O'), ...Array(10).fill('A'), ...Array(15).fill('O')];
    expect(kappa([one], [other])).toBeCloseTo(0.4, 10);
  });

  it('is whole where all is the same, and where there is nothing', () => {
    expect(kappa([['O', 'O']], [['O', 'O']])).toBe(1);
    expect(kappa([], [])).toBe(1);
  });

  it('is below 0 where models contradict each other', () => {
    expect(kappa([['A', 'O']], [['O', 'A']])).toBe(-1);
  });
});

describe('the signal to stop', () => {
  it('waits for three agreements that reach the threshold on average', () => {
    expect(mayStop([0.99, 0.99], 0.99)).toBe(false);
    expect(mayStop([0.2, 0.985, 0.99, 0.995], 0.99)).toBe(true);
    expect(mayStop([0.99, 0.99, 0.9], 0.99)).toBe(false);
  });
});
