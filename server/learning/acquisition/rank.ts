// Which questions to ask next, in which order.
import { hashText } from '../../tagger/wide/hash.ts';
import { diverse } from './diversity.ts';
import { isWorthAsking } from './junk.ts';
import { questionsOf, undecided } from './questions.ts';
import type { Candidate, Choice, RankOptions } from './types.ts';

/** Of the tokens that `mixed` asks for, one in so many is left to chance. */
const CHANCE = 10;

/**
 * Puts questions in order until their undecided tokens reach the budget. The same candidates, options and seed give the
 * same order; what chance decides depends on the words and the seed alone, so that it stays when others come or go.
 * `random` asks for whole sentences of all kinds; the other strategies pass over junk (`isWorthAsking`) and ask a sentence
 * that comes several times once. Sentences without measures come last.
 */
export function rank(
  candidates: readonly Candidate[],
  { strategy, unit, budget = Infinity, seed }: RankOptions,
): Choice[] {
  const shuffled = byChance(candidates, seed);
  if (strategy === 'random') return until(budget, shuffled);
  const seen = new Set<string>();
  const worthAsking = candidates.map(({ words }) => {
    const text = words.join('\n');
    if (!isWorthAsking(words) || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  const questions = candidates.flatMap((candidate, i) =>
    worthAsking[i] ? questionsOf(candidate, i, strategy, unit) : [],
  );
  const chance = shuffled.filter(({ candidate }) => worthAsking[candidate]);
  const best = diverse(questions);
  if (strategy !== 'mixed') {
    return until(
      budget,
      concatenated(
        best,
        chance.filter(({ candidate }) => !candidates[candidate]!.measures),
      ),
    );
  }
  return until(budget, alternating(best, chance));
}

function* concatenated(...parts: Iterable<Choice>[]): Generator<Choice> {
  for (const part of parts) yield* part;
}

/** One by chance after some of the best, tokens for tokens; nothing twice. */
function* alternating(best: Iterator<Choice>, chance: readonly Choice[]): Generator<Choice> {
  const whole = new Set<number>();
  const touched = new Set<number>();
  const tokens = { best: 0, chance: 0 };
  let next = 0;
  for (;;) {
    while (next < chance.length && touched.has(chance[next]!.candidate)) next++;
    const byChance = next < chance.length && tokens.chance * (CHANCE - 1) <= tokens.best ? chance[next] : undefined;
    if (byChance) {
      whole.add(byChance.candidate);
      touched.add(byChance.candidate);
      tokens.chance += byChance.tokens;
      yield byChance;
      continue;
    }
    let { value, done } = best.next();
    while (!done && whole.has(value.candidate)) ({ value, done } = best.next());
    if (done) break;
    touched.add(value.candidate);
    tokens.best += value.tokens;
    yield value;
  }
  for (; next < chance.length; next++) if (!touched.has(chance[next]!.candidate)) yield chance[next]!;
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

/** Whole sentences with something undecided, in an order that words and seed decide. */
function byChance(candidates: readonly Candidate[], seed: number): Choice[] {
  const hash = { low: 0, high: 0 };
  return candidates
    .map(({ words, decided }, candidate) => {
      hashText(words.join('\n'), { low: seed | 0, high: 0x2545f491 }, hash);
      const tokens = undecided(decided, 0, words.length);
      const choice: Choice = {
        ...{ candidate, start: 0, end: words.length, tokens },
        reason: { by: 'random', value: 0, doubt: undefined },
      };
      return { choice, key: hash.low };
    })
    .filter(({ choice }) => choice.tokens > 0)
    .sort((a, b) => a.key - b.key || a.choice.candidate - b.choice.candidate)
    .map(({ choice }) => choice);
}
