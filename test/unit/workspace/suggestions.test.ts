import { describe, expect, it } from 'vitest';
import type { TaggedSentence } from '../../../server/tagger/index.ts';
import { parseDocument, type Sentence } from '../../../server/text/index.ts';
import type { ActiveModel } from '../../../server/workspace/models.ts';
import { packSuggestion, Suggestion } from '../../../server/workspace/suggestion.ts';
import { Suggestions, sentenceKey } from '../../../server/workspace/suggestions.ts';

const TAGS = ['O', 'B-PER', 'I-PER'];

const MODEL: ActiveModel = {
  folder: '/models/ner/1',
  name: 'ner/1',
  task: 'ner',
  created: '2026-11-23T20:00:00.000Z',
  languages: [],
  language: '',
  scheme: 'bio',
  tags: TAGS,
  reference: { folder: '/models/ner/1', created: '', engine: 'auto', threads: 1 },
};

const TAGGED: TaggedSentence = {
  tags: ['B-PER', 'I-PER', 'O'],
  marginals: Float32Array.of(0.1, 0.9, 0, 0.25, 0, 0.75, 1, 0, 0),
  spans: [{ start: 0, end: 2, label: 'PER', score: 0.7 }],
  logProbability: Number.NaN,
  nbest: [],
};

function sentencesOf(text: string): readonly Sentence[] {
  return parseDocument(text, { format: 'conll' }).sentences;
}

describe('a packed suggestion', () => {
  it('gives back tags, probabilities and spans to four digits', () => {
    const suggestion = new Suggestion(packSuggestion(TAGGED, TAGS), TAGS.length);
    expect(suggestion.length).toBe(3);
    expect([0, 1, 2].map((token) => suggestion.tag(token))).toEqual([1, 2, 0]);
    expect(suggestion.probability(1, 2)).toBeCloseTo(0.75, 4);
    expect(suggestion.probability(2, 0)).toBe(1);
    const [span, ...others] = suggestion.spans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({ start: 0, end: 2, tag: 1 });
    expect(span!.score).toBeCloseTo(0.7, 4);
  });
});

describe('suggestions', () => {
  it('belong to the words of a sentence, wherever they stand and however they are labelled', () => {
    const [a, b] = sentencesOf('ሀ B-PER\nለ O\n\nሀ _\nለ _\n\n');
    const [c] = sentencesOf('ሀለ O\n\n');
    expect(sentenceKey(a!)).toBe(sentenceKey(b!));
    expect(sentenceKey(a!)).not.toBe(sentenceKey(c!));
    expect(Number.isSafeInteger(sentenceKey(a!))).toBe(true);
  });

  it('are different for words that only join to the same text', () => {
    const [a] = sentencesOf('ab _\nc _\n\n');
    const [b] = sentencesOf('a _\nbc _\n\n');
    expect(sentenceKey(a!)).not.toBe(sentenceKey(b!));
  });

  it('go when room is needed, the least recently used first', () => {
    const sentences = sentencesOf('a _\nx _\ny _\n\nb _\nx _\ny _\n\nc _\nx _\ny _\n\n');
    const packed = packSuggestion(TAGGED, TAGS);
    const store = new Suggestions(MODEL, 2 * (packed.byteLength + 240));
    store.put(sentences[0]!, packed);
    store.put(sentences[1]!, packed);
    expect(store.get(sentences[0]!)).toBeDefined();
    store.put(sentences[2]!, packed);
    expect(sentences.map((sentence) => store.has(sentence))).toEqual([true, false, true]);
    store.put(sentences[2]!, packed);
    expect(sentences.map((sentence) => store.has(sentence))).toEqual([true, false, true]);
  });
});
