// Which questions to ask next, in which order.
import { diverse } from './diversity.ts';
import { addQuestions, choiceOf, measureOf, type Question, topicOf, undecided } from './questions.ts';
import { chanceOf, knownSentence } from './sentences.ts';
import type { Candidate, Choice, Measure, RankOptions, Unit } from './types.ts';

/**
 * Of the tokens that `mixed` asks for, one in so many is left to chance: whole sentences, or of sentences by chance the spans that are
 * suggested or in doubt, for what a model doubts that knows little teaches little (docs/results.md).
 */
const CHANCE: Readonly<Record<Unit, number>> = { sentence: 10, span: 2, token: 10 };

/** Questions that are looked at for each token of the budget: the others are not among the best. */
const SPARE = 4;

/** Questions that are looked at whatever the budget. */
const FEWEST = 1000;

/**
 * Puts questions in order until their undecided tokens reach the budget. The same candidates, options and seed give the
 * same order; what chance decides depends on the words and the seed alone, so that it stays when others come or go.
 * `random` asks for whole sentences of all kinds; the other strategies pass over junk (`isWorthAsking`) and ask a sentence
 * that comes several times once. Sentences without measures come last.
 */
export function rank(candidates: readonly Candidate[], options: RankOptions): Choice[] {
  const { strategy, unit, budget = Infinity, seed } = options;
  const most = Math.max(FEWEST, SPARE * budget);
  const all = candidates.map((_, i) => i);
  if (strategy === 'random') return until(budget, byChance(candidates, all, seed, most));
  const worthAsking = withoutJunk(candidates);
  const questions: Question[] = [];
  const measure = measureOf(strategy, unit);
  for (const i of worthAsking) addQuestions(candidates[i]!, i, measure, unit, questions);
  const best = asked(
    candidates,
    highest(questions, ({ worth }) => worth, most),
    measure,
  );
  if (strategy === 'mixed') {
    const whole = byChance(candidates, worthAsking, seed, most);
    if (unit !== 'span') return until(budget, alternating(best, whole, CHANCE[unit]));
    const spans = whole.flatMap((each) => spansOf(each, candidates, measure));
    return until(budget, alternating(best, [...spans, ...whole], CHANCE[unit]));
  }
  const unseen = worthAsking.filter((i) => candidates[i]!.measures === undefined);
  return until(budget, concatenated(best, byChance(candidates, unseen, seed, most)));
}

/** Numbers of the candidates that are worth asking, of equal ones the first. */
function withoutJunk(candidates: readonly Candidate[]): number[] {
  const seen = new Set<number>();
  return candidates.flatMap(({ words }, i) => {
    const { content, isWorthAsking } = knownSentence(words);
    if (!isWorthAsking || seen.has(content)) return [];
    seen.add(content);
    return [i];
  });
}

function* asked(
  candidates: readonly Candidate[],
  questions: readonly Question[],
  measure: Measure,
): Generator<Choice, undefined> {
  const about = (question: Question) => topicOf(question, candidates[question.candidate]!);
  for (const question of diverse(questions, about)) {
    yield choiceOf(question, candidates[question.candidate]!, measure);
  }
  return undefined;
}

function* concatenated(...parts: Iterable<Choice>[]): Generator<Choice> {
  for (const part of parts) yield* part;
}

/** What could be asked of a sentence by chance, span by span; the sentence itself where no model has seen it. */
function spansOf(whole: Choice, candidates: readonly Candidate[], measure: Measure): Choice[] {
  const candidate = candidates[whole.candidate]!;
  if (candidate.measures === undefined) return [whole];
  const questions: Question[] = [];
  addQuestions(candidate, whole.candidate, measure, 'span', questions);
  return questions.map((question) => ({ ...choiceOf(question, candidate, measure), reason: whole.reason }));
}

/** One by chance after some of the best, tokens for tokens, so that one in `every` is by chance; nothing twice. */
function* alternating(best: Iterator<Choice, undefined>, chance: readonly Choice[], every: number): Generator<Choice> {
  const taken = new Map<number, Choice[]>();
  const isTaken = ({ candidate, start, end }: Choice) =>
    taken.get(candidate)?.some((other) => start < other.end && other.start < end) ?? false;
  const take = (choice: Choice) => {
    const others = taken.get(choice.candidate);
    if (others === undefined) taken.set(choice.candidate, [choice]);
    else others.push(choice);
    return choice;
  };
  const tokens = { best: 0, chance: 0 };
  let next = 0;
  for (;;) {
    while (next < chance.length && isTaken(chance[next]!)) next++;
    const byChance = tokens.chance * (every - 1) <= tokens.best ? chance[next] : undefined;
    if (byChance) {
      tokens.chance += byChance.tokens;
      yield take(byChance);
      continue;
    }
    let choice = best.next().value;
    while (choice && isTaken(choice)) choice = best.next().value;
    if (!choice) break;
    tokens.best += choice.tokens;
    yield take(choice);
  }
  for (; next < chance.length; next++) if (!isTaken(chance[next]!)) yield take(chance[next]!);
}

function until(budget: number, choices: Iterable<Choice>): Choice[] {
  const chosen: Choice[] = [];
  let tokens = 0;
  for (const choice of choices) {
    if (tokens >= budget) break;
    chosen.push(choice);
    tokens += choice.tokens;
  }
  return chosen;
}

/** The first whole sentences with something undecided, in an order that words and seed decide. */
function byChance(candidates: readonly Candidate[], numbers: readonly number[], seed: number, most: number): Choice[] {
  const open = numbers
    .map((candidate) => {
      const { words, decided } = candidates[candidate]!;
      const chance = chanceOf(knownSentence(words).content, seed);
      return { candidate, end: words.length, tokens: undecided(decided, 0, words.length), chance };
    })
    .filter(({ tokens }) => tokens > 0);
  return highest(open, ({ chance }) => -chance, most)
    .sort((a, b) => a.chance - b.chance || a.candidate - b.candidate)
    .map(({ candidate, end, tokens }) => ({
      ...{ candidate, start: 0, end, tokens },
      reason: { by: 'random', value: 0, doubt: undefined },
    }));
}

/** Those with the `most` highest values, and ones that equal the last of them, in the order in which they came. */
function highest<T>(items: readonly T[], measure: (item: T) => number, most: number): T[] {
  if (items.length <= most) return [...items];
  const values = Float64Array.from(items, measure);
  const least = values.slice().sort()[items.length - most]!;
  return items.filter((_, i) => values[i]! >= least);
}
