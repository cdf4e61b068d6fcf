// What labels would be worth: an annotator who answers from gold, the quick learner, and a strategy that chooses.
import {
  type Adaptation,
  AdaptedTagger,
  type LabelledSentence,
  type Tagger,
  trainAdaptation,
} from '../../tagger/index.ts';
import { evaluate } from '../../tags/index.ts';
import { Random } from '../../tensor/index.ts';
import type { Task } from '../../text/types.ts';
import { type Candidate, measure, rank, type Strategy, type Unit } from '../acquisition/index.ts';
import { Annotator } from './annotator.ts';

export interface SimulationOptions {
  readonly task: Task;
  /** Labelled sentences that are taken for unlabelled ones until they are asked for. Tags in the model's scheme. */
  readonly pool: readonly LabelledSentence[];
  /** What every round is scored on. */
  readonly test: readonly LabelledSentence[];
  /** The model to start from; without it learning starts from nothing. */
  readonly base?: Tagger | undefined;
  readonly language?: string | undefined;
  readonly strategy: Strategy;
  readonly unit: Unit;
  /** Tokens that are asked for in the first round. */
  readonly batch: number;
  /** How many times as many in each further round as in the one before; default 1. */
  readonly growth?: number;
  readonly rounds: number;
  readonly seed: number;
  /** Sentences, drawn anew in every round, among which the strategy chooses; default 2,000. */
  readonly candidates?: number;
  readonly signal?: AbortSignal;
}

/** The state after a round; round 0 is that before the first label. */
export interface Round {
  readonly round: number;
  /** Tokens that the annotator has decided so far. */
  readonly tokens: number;
  /** Sentences with a decided token. */
  readonly sentences: number;
  /** On the test sentences: F1 (names) or accuracy (parts of speech), 0 to 100. */
  readonly score: number;
  /** What choosing and learning took, without the scoring. */
  readonly seconds: number;
}

const CANDIDATES = 2000;

/** Models of the rounds before whose votes count for `committee`. */
const COMMITTEE = 2;

/** Plays one run; the same options give the same rounds. @throws the signal's reason when it is aborted */
export async function* simulate(options: SimulationOptions): AsyncGenerator<Round> {
  const { task, base, language, batch, growth = 1, rounds, pool, signal } = options;
  const annotator = new Annotator(pool);
  const learning = { task, base, ...(language !== undefined && { language }), ...(signal && { signal }) };
  const taggers: Tagger[] = [];
  let learnt: Adaptation | undefined;
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    if (round > 0) {
      const before = annotator.tokens;
      const goal = before + Math.round(batch * growth ** (round - 1));
      while (annotator.tokens < goal) {
        const asked = await ask(options, annotator, taggers, round, goal - annotator.tokens);
        if (asked === 0) break;
      }
      if (annotator.tokens === before) return;
      learnt = await trainAdaptation(annotator.labelled(), { ...learning, start: learnt });
    } else if (base) learnt = await trainAdaptation([], learning);
    if (learnt) {
      taggers.unshift(new AdaptedTagger(base, learnt));
      taggers.length = Math.min(taggers.length, COMMITTEE + 1);
    }
    const seconds = (performance.now() - began) / 1000;
    const score = taggers[0] ? await scoreOn(options, taggers[0]) : 0;
    yield { round, tokens: annotator.tokens, sentences: annotator.sentences, score, seconds };
  }
}

/** Asks for the best of some sentences. @returns how many tokens were decided */
async function ask(
  { pool, strategy, unit, seed, candidates: most = CANDIDATES, language, signal }: SimulationOptions,
  annotator: Annotator,
  [tagger, ...earlier]: readonly Tagger[],
  round: number,
  budget: number,
): Promise<number> {
  const open = pool.map((_, i) => i).filter((i) => !isDone(pool[i]!, annotator.decided(i)));
  const random = new Random(seed, `candidates ${round} ${annotator.tokens}`);
  const drawn = strategy === 'random' ? open : random.shuffle(open).slice(0, most);
  const words = drawn.map((i) => pool[i]!.words);
  const options = { ...(language !== undefined && { language }), ...(signal && { signal }) };
  const tagged = tagger && strategy !== 'random' ? await tagger.tag(words, { ...options, marginals: true }) : undefined;
  const votes: (readonly (readonly string[])[])[] = [];
  if (strategy === 'committee') {
    for (const member of earlier) votes.push((await member.tag(words, options)).map(({ tags }) => tags));
  }
  const candidates: Candidate[] = drawn.map((i, k) => {
    const decided = annotator.decided(i);
    return {
      words: words[k]!,
      measures: tagged && measure(tagged[k]!, tagger!.tags),
      ...(votes.length > 0 && { votes: votes.map((member) => member[k]!) }),
      ...(decided && { decided }),
    };
  });
  const before = annotator.tokens;
  for (const choice of rank(candidates, { strategy, unit, budget, seed })) {
    if (annotator.tokens - before >= budget) break;
    annotator.answer(drawn[choice.candidate]!, choice);
  }
  return annotator.tokens - before;
}

function isDone({ tags }: LabelledSentence, decided: readonly boolean[] | undefined): boolean {
  return tags.every((tag, t) => tag === undefined || decided?.[t] === true);
}

async function scoreOn({ test, task, language, signal }: SimulationOptions, tagger: Tagger): Promise<number> {
  const options = { ...(language !== undefined && { language }), ...(signal && { signal }) };
  const tagged = await tagger.tag(
    test.map(({ words }) => words),
    options,
  );
  const { f1, accuracy } = evaluate(
    test.map(({ tags }) => tags),
    tagged.map(({ tags }) => tags),
    task,
  );
  return task === 'ner' ? f1 : accuracy;
}
