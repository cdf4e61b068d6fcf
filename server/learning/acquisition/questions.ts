// What could be asked of each sentence, in a unit, and how much each question promises by a strategy. A pool has many of
// them, of which few are asked: what only an asked one needs is made when it is (`choiceOf`, `topicOf`).
import { voteEntropies } from './committee.ts';
import { doubts, worst } from './stretches.ts';
import type { Candidate, Choice, Measure, Measures, Strategy, Stretch, Unit } from './types.ts';

/** Tokens [start, end) of a candidate. */
export interface Question {
  readonly candidate: number;
  readonly start: number;
  readonly end: number;
  /** The higher, the sooner it is asked. */
  readonly worth: number;
  /** The measure as people are told it. */
  readonly value: number;
}

/** The measure that `mixed` goes by in each unit: what learnt fastest in simulation (docs/results.md). */
const MIXED: Readonly<Record<Unit, Measure>> = { sentence: 'mnlp', span: 'span', token: 'entropy' };

/** The measure of a strategy that has one. */
export function measureOf(strategy: Exclude<Strategy, 'random'>, unit: Unit): Measure {
  return strategy === 'mixed' ? MIXED[unit] : strategy;
}

/** Adds the questions of a measured candidate to `out`. */
export function addQuestions(candidate: Candidate, index: number, measure: Measure, unit: Unit, out: Question[]): void {
  const { words, measures, decided } = candidate;
  if (measures === undefined) return;
  const add = (start: number, end: number, worth: number, value: number) =>
    out.push({ candidate: index, start, end, worth, value });
  if (unit === 'sentence') {
    const open = undecided(decided, 0, words.length);
    if (open === 0) return;
    const { worth, value } = worthOfSentence(candidate, measures, measure, open);
    add(0, words.length, worth, value);
    return;
  }
  const doubt = doubtOfTokens(candidate, measures, measure);
  if (unit === 'token') {
    for (let t = 0; t < words.length; t++) if (!decided?.[t]) add(t, t + 1, doubt[t]!, doubt[t]!);
    return;
  }
  const isSpan = measure !== 'entropy' && measure !== 'committee';
  for (const { start, end, score } of doubts(measures, decided)) {
    const worth = isSpan ? 1 - score : Math.max(...doubt.subarray(start, end));
    add(start, end, worth, isSpan ? score : worth);
  }
}

/** The question as it is asked, with its reason. */
export function choiceOf(
  { candidate, start, end, value }: Question,
  { measures, decided }: Candidate,
  by: Measure,
): Choice {
  const doubt = measures && worst(doubts(measures, decided), start, end);
  return { candidate, start, end, tokens: undecided(decided, start, end), reason: { by, value, doubt } };
}

/**
 * Words that a question is about, lower-cased: those of the doubtful places or, where there are none, all. Two questions about
 * the same words teach little more than one.
 */
export function topicOf({ start, end }: Question, { words, measures, decided }: Candidate): string[] {
  const inside = (measures ? doubts(measures, decided) : []).filter((each) => each.start < end && start < each.end);
  const about: readonly Pick<Stretch, 'start' | 'end'>[] = inside.length === 0 ? [{ start, end }] : inside;
  const topic = new Set(about.flatMap((each) => words.slice(each.start, each.end).map((word) => word.toLowerCase())));
  return [...topic];
}

/** How much each token promises. */
function doubtOfTokens({ votes = [], words }: Candidate, measures: Measures, measure: Measure): Float32Array {
  if (measure === 'committee') return voteEntropies([...votes, measures.tags], words.length);
  if (measure === 'entropy') return measures.entropies;
  return measures.confidences.map((confidence) => 1 - confidence);
}

function worthOfSentence(
  candidate: Candidate,
  measures: Measures,
  measure: Measure,
  open: number,
): { worth: number; value: number } {
  const { words, decided } = candidate;
  const { logProbability, expectedScore } = measures;
  switch (measure) {
    case 'least':
      return { worth: -logProbability, value: Math.exp(logProbability) };
    case 'mnlp':
      return { worth: -logProbability / words.length, value: logProbability / words.length };
    case 'span': {
      const score = worst(doubts(measures, decided), 0, words.length)?.score ?? 1;
      return { worth: 1 - score, value: score };
    }
    case 'f1':
      return { worth: 1 - expectedScore, value: expectedScore };
    default: {
      const doubt = doubtOfTokens(candidate, measures, measure);
      let sum = 0;
      for (let t = 0; t < words.length; t++) if (!decided?.[t]) sum += doubt[t]!;
      return { worth: sum / open, value: sum / open };
    }
  }
}

export function undecided(decided: Candidate['decided'], start: number, end: number): number {
  if (decided === undefined) return end - start;
  let count = 0;
  for (let t = start; t < end; t++) if (!decided[t]) count++;
  return count;
}
