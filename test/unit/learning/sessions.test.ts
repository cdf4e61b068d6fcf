import { describe, expect, it } from 'vitest';
import { sessionsOf } from '../../../server/learning/sessions.ts';
import type { JournalEntry, LabelAction } from '../../../server/workspace/journal/index.ts';

let ids = 0;
/** A line, so many minutes after nine o'clock, that gives so many labels. */
function line(by: string, minutes: number, action: LabelAction, labels = 0): JournalEntry {
  const at = new Date(Date.UTC(2026, 10, 26, 9, minutes)).toISOString();
  const given = Array.from({ length: labels }, (_, start) => ({ start, end: start + 1, label: 'LOC' }));
  const where = { file: 'a.conll', sentence: '0123456789abcdef', nth: 0, start: 0, before: ['_'], after: ['O'] };
  return { v: 1, id: String(ids++), at, by, action, ...where, ...(labels > 0 && { new: given }) };
}

describe('sessions', () => {
  it('end where a person was away, and tell labels an hour without those in bulk', () => {
    const entries = [
      line('ሙሉ', 0, 'label', 1),
      line('ሙሉ', 5, 'accept', 3),
      line('ሙሉ', 6, 'bulk', 40),
      line('ሙሉ', 12, 'review'),
      line('ሙሉ', 40, 'label', 1),
    ];
    expect(sessionsOf(entries)).toEqual([
      { annotator: 'ሙሉ', start: '2026-11-26T09:40:00.000Z', seconds: 0, labels: 1, bulk: 0, reviewed: 0 },
      {
        ...{ annotator: 'ሙሉ', start: '2026-11-26T09:00:00.000Z', seconds: 720, labels: 4, bulk: 40, reviewed: 1 },
        hourly: { labels: 20, reviewed: 5 },
      },
    ]);
  });

  it('are one person each, in whatever order the lines come', () => {
    const entries = [
      line('b', 9, 'label', 1),
      line('a', 3, 'label', 1),
      line('b', 2, 'label', 1),
      line('a', 1, 'review'),
    ];
    expect(sessionsOf(entries).map(({ annotator, seconds, labels }) => [annotator, seconds, labels])).toEqual([
      ['b', 420, 2],
      ['a', 120, 1],
    ]);
    expect(sessionsOf([])).toEqual([]);
  });

  it('do not count a sentence that was opened again as reviewed', () => {
    const [session] = sessionsOf([line('a', 0, 'review'), line('a', 1, 'unreview'), line('a', 2, 'review')]);
    expect(session!.reviewed).toBe(1);
  });
});
