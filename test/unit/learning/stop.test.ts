import { describe, expect, it } from 'vitest';
import { mayStop } from '../../../server/learning/stop.ts';

describe('the signal to stop', () => {
  it('waits for three agreements that reach the threshold on average', () => {
    expect(mayStop([0.99, 0.99], 0.99)).toBe(false);
    expect(mayStop([0.2, 0.985, 0.99, 0.995], 0.99)).toBe(true);
    expect(mayStop([0.99, 0.99, 0.9], 0.99)).toBe(false);
  });
});
