import { describe, expect, it } from 'vitest';
import { correctionsSince } from '../../../server/learning/corrections.ts';
import type { JournalEntry } from '../../../server/workspace/journal/index.ts';

const at = (time: string) => `2026-11-26T${time}:00.000Z`;
const decided = (time: string) => ({ action: 'label', at: at(time), after: ['O'] }) as unknown as JournalEntry;
const entries = ['09:55', '10:05', '10:25'].map(decided);

describe('corrections that no model knows', () => {
  it('are those since the labels were read, not since the model was saved', () => {
    expect(correctionsSince([{ created: at('10:20'), labelsRead: at('10:00') }], entries)).toBe(2);
  });

  it('are those since the model was saved where that alone is known', () => {
    expect(correctionsSince([{ created: at('10:20') }], entries)).toBe(1);
    expect(
      correctionsSince([{ created: at('10:20') }, { created: at('10:24'), labelsRead: at('10:21') }], entries),
    ).toBe(1);
  });

  it('are all of them where there is no model', () => {
    expect(correctionsSince([], entries)).toBe(3);
  });
});
