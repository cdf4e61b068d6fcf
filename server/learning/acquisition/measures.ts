// From a tagged sentence to what choosing asks for.
import type { TaggedSentence } from '../../tagger/index.ts';
import type { Measures } from './types.ts';

/** @param sentence tagged with marginals; @param tags in the order of the marginals' columns */
export function measure(sentence: TaggedSentence, tags: readonly string[]): Measures {
  const time = sentence.tags.length;
  const entropies = new Float32Array(time);
  const confidences = new Float32Array(time);
  for (let t = 0; t < time; t++) {
    const row = sentence.marginals.subarray(t * tags.length, (t + 1) * tags.length);
    entropies[t] = entropy(row);
    confidences[t] = row[tags.indexOf(sentence.tags[t]!)]!;
  }
  const { logProbability, spans } = sentence;
  const isNames = tags.includes('O');
  return {
    tags: sentence.tags,
    logProbability,
    entropies,
    confidences,
    spans,
    expectedScore: isNames ? expectedF1(sentence, tags) : average(confidences),
  };
}

/** In nats. */
function entropy(probabilities: Float32Array): number {
  let sum = 0;
  for (const p of probabilities) if (p > 0) sum -= p * Math.log(p);
  return sum;
}

/**
 * Expected F1 of the best path's spans: 2 x expected right ones / (suggested + expected ones there are), where every token
 * begins a span with the probability of its B- tags. One sure and right span is added to both, so that a sentence
 * without names, of which the model is sure, scores 1.
 */
function expectedF1({ spans, marginals }: TaggedSentence, tags: readonly string[]): number {
  const begins = tags.map((tag) => tag.startsWith('B'));
  let expected = 0;
  for (let i = 0; i < marginals.length; i++) if (begins[i % tags.length]) expected += marginals[i]!;
  const right = spans.reduce((sum, { score }) => sum + score, 0);
  return Math.min(1, (2 * right + 2) / (spans.length + expected + 2));
}

function average(values: Float32Array): number {
  return values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
