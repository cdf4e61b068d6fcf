import { describe, expect, it } from 'vitest';
import { isSentence } from '../../../extension/json-lines.ts';
import { parseDocument } from '../../../server/text/index.ts';

describe('a JSON line', () => {
  it.each([
    '{"tokens": ["አበበ"], "tags": ["B-PER"]}',
    '{"words": ["a"]}',
    '\ufeff{"id": 1, "text": "محمد", "label": []}',
    '{"text": "a b", "entities": [[0, 1, "PER"], {"start": 2, "end": 3, "label": "X"}]}',
    '{"text": "a", "spans": [{"start": 0, "end": 1, "label": "X"}], "tokens": [{"text": "a"}], "answer": "reject"}',
    '{"text": "a", "label": [{"start_offset": 0, "end_offset": 1, "label": "X"}]}',
  ])('is a sentence that the server reads: %s', (line) => {
    expect(isSentence(line)).toBe(true);
    const document = parseDocument(line, { format: 'jsonl' });
    expect(document.findings()).toEqual([]);
    expect(document.sentences[0]!.tokens.length).toBeGreaterThan(0);
  });

  it.each([
    '',
    'no JSON',
    '[1]',
    'null',
    '{"time": 1, "message": "started"}',
    '{"words": 300}',
    '{"messages": [{"text": "a"}]}',
    '{"text": "a", "label": 1}',
    '{"text": "a", "label": "pos"}',
    '{"text": "a", "label": ["POSITIVE"]}',
    '{"text": "a", "labels": {}}',
    '{"tokens": ["a"], "tags": [3]}',
    `{"text": "${'a'.repeat(1_000_001)}"}`,
  ])('is none: %.60s', (line) => {
    expect(isSentence(line)).toBe(false);
    if (line === '') return;
    const document = parseDocument(line, { format: 'jsonl' });
    expect(document.findings().length).toBeGreaterThan(0);
  });
});
