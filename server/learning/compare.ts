// Is a new model worse than the one in use? A paired bootstrap over the sentences of the hold-out: what both say about the
// same sentences is drawn again and again, with replacement.
import { evaluate } from '../tags/index.ts';
import { Random } from '../tensor/index.ts';
import type { Task } from '../text/index.ts';

type Tags = readonly (string | undefined)[];

/**
 * A new model that scores less than the old one in so many of the draws is rejected. Chance alone gives 0.5: with little
 * data a new model is given the benefit of the doubt, for it has seen more labels.
 */
const WORSE = 0.8;

const DRAWS = 2000;

export interface Comparison {
  /** F1 (NER) or accuracy (POS), 0 to 100. */
  readonly old: number;
  readonly new: number;
  /** Share of the draws in which the new model scores less. */
  readonly worse: number;
  /** new - old in nine of ten draws. */
  readonly interval: readonly [low: number, high: number];
  readonly accepted: boolean;
}

/** What a model got right in one sentence. */
interface Counts {
  readonly gold: number;
  readonly predicted: number;
  readonly correct: number;
}

/**
 * @param gold tags of each sentence, undefined where nobody has decided; at least one sentence
 * @throws RangeError where the three differ in sentences or tokens
 */
export function compare(
  gold: readonly Tags[],
  old: readonly Tags[],
  fresh: readonly Tags[],
  task: Task,
  seed = 1,
): Comparison {
  const counts = [old, fresh].map((predicted) => {
    if (predicted.length !== gold.length) throw new RangeError('two models, two numbers of sentences');
    return gold.map((tags, i) => countsOf(tags, predicted[i]!, task));
  });
  const random = new Random(seed, 'bootstrap');
  const score = (which: number, sentences: readonly number[]) => scoreOf(sentences.map((i) => counts[which]![i]!));
  const all = gold.map((_, i) => i);
  const differences = Array.from({ length: DRAWS }, () => {
    const drawn = all.map(() => random.below(gold.length));
    return score(1, drawn) - score(0, drawn);
  }).sort((a, b) => a - b);
  const worse = differences.filter((difference) => difference < 0).length / DRAWS;
  return {
    ...{ old: score(0, all), new: score(1, all), worse },
    interval: [differences[Math.floor(0.05 * DRAWS)]!, differences[Math.ceil(0.95 * DRAWS) - 1]!],
    accepted: worse < WORSE,
  };
}

function countsOf(gold: Tags, predicted: Tags, task: Task): Counts {
  const evaluation = evaluate([gold], [predicted], task);
  if (task === 'ner') return evaluation;
  const { tokens, accuracy } = evaluation;
  return { gold: tokens, predicted: tokens, correct: Math.round((tokens * accuracy) / 100) };
}

/** F1, which is the accuracy where every token is predicted; 0 to 100. A draw without any span is right. */
function scoreOf(counts: readonly Counts[]): number {
  let [gold, predicted, correct] = [0, 0, 0];
  for (const each of counts) {
    gold += each.gold;
    predicted += each.predicted;
    correct += each.correct;
  }
  return gold + predicted > 0 ? (200 * correct) / (gold + predicted) : 100;
}
