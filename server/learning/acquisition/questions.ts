// What could be asked of each sentence, in a unit, and how much each question promises by a strategy.
import { voteEntropies } from './committee.ts';
import { doubts, worst } from './stretches.ts';
import type { Candidate, Choice, Measures, Strategy, Stretch, Unit } from './types.ts';

/** A question with its worth: the higher, the sooner it is asked. */
export interface Question extends Choice {
  readonly worth: number;
  /** Words that it is about, lower-cased: two questions about the same ones teach little more than one. */
  readonly topic: readonly string[];
}

/** Tokens that `mixed` adds to the length of a sentence: titles and datelines of a few tokens do not come before all else. */
const BRAKE = 8;

/** The questions of a measured candidate. */
export function questionsOf(candidate: Candidate, index: number, strategy: Strategy, unit: Unit): Question[] {
  const { words, measures, decided } = candidate;
  if (measures === undefined) return [];
  const stretches = doubts(measures, decided);
  const doubt = doubtOfTokens(candidate, measures, strategy);
  const ask = (start: number, end: number, worth: number, value: number): Question => ({
    ...{ candidate: index, start, end, worth },
    tokens: undecided(decided, start, end),
    topic: topicOf(words, stretches, start, end),
    reason: { by: strategy, value, doubt: worst(stretches, start, end) },
  });
  if (unit === 'sentence') {
    const { worth, value } = worthOfSentence(candidate, measures, strategy, stretches, doubt);
    return undecided(decided, 0, words.length) > 0 ? [ask(0, words.length, worth, value)] : [];
  }
  if (unit === 'token') {
    return words.flatMap((_, t) => (decided?.[t] ? [] : [ask(t, t + 1, doubt[t]!, doubt[t]!)]));
  }
  return stretches.map(({ start, end, score }) => {
    const isSpan = strategy !== 'entropy' && strategy !== 'committee';
    const worth = isSpan ? 1 - score : Math.max(...doubt.subarray(start, end));
    return ask(start, end, worth, isSpan ? score : worth);
  });
}

/** How much each token promises. */
function doubtOfTokens(candidate: Candidate, measures: Measures, strategy: Strategy): Float32Array {
  if (strategy === 'committee') return votesOn(candidate, measures);
  if (strategy === 'entropy' || strategy === 'mixed') return measures.entropies;
  return measures.confidences.map((confidence) => 1 - confidence);
}

function votesOn({ votes = [], words }: Candidate, { tags }: Measures): Float32Array {
  return voteEntropies([...votes, tags], words.length);
}

function worthOfSentence(
  { words, decided }: Candidate,
  { logProbability, expectedScore }: Measures,
  strategy: Strategy,
  stretches: readonly Stretch[],
  doubt: Float32Array,
): { worth: number; value: number } {
  const open = undecided(decided, 0, words.length);
  const sum = doubt.reduce((total, each, t) => (decided?.[t] ? total : total + each), 0);
  switch (strategy) {
    case 'least':
      return { worth: -logProbability, value: Math.exp(logProbability) };
    case 'mnlp':
      return { worth: -logProbability / words.length, value: logProbability / words.length };
    case 'span': {
      const score = worst(stretches, 0, words.length)?.score ?? 1;
      return { worth: 1 - score, value: score };
    }
    case 'f1':
      return { worth: 1 - expectedScore, value: expectedScore };
    case 'mixed':
      return { worth: sum / (open + BRAKE), value: sum / open };
    default:
      return { worth: sum / open, value: sum / open };
  }
}

export function undecided(decided: Candidate['decided'], start: number, end: number): number {
  let count = 0;
  for (let t = start; t < end; t++) if (!decided?.[t]) count++;
  return count;
}

/** The words of the doubtful places; where there are none, all. */
function topicOf(words: readonly string[], stretches: readonly Stretch[], start: number, end: number): string[] {
  const inside = stretches.filter((stretch) => stretch.start < end && start < stretch.end);
  const about = inside.length === 0 ? [{ start, end }] : inside;
  const topic = new Set(about.flatMap((each) => words.slice(each.start, each.end).map((word) => word.toLowerCase())));
  return [...topic];
}
