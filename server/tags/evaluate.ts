// Scores of predicted tags against gold ones, counted as conlleval counts them.
import type { Task } from '../text/types.ts';
import { labelOf, OUTSIDE } from './scheme.ts';
import { labelsIn, type Span } from './spans.ts';

/** Precision, recall and F1 in percent (0 to 100) with the counts that they come from. */
export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Spans (POS: tokens) in the gold standard, in the prediction, and right. */
  readonly gold: number;
  readonly predicted: number;
  readonly correct: number;
}

/** How often tokens of a gold label got which predicted label; `O` stands for no label. */
export interface Confusion {
  readonly labels: readonly string[];
  /** [gold][predicted] */
  readonly counts: readonly (readonly number[])[];
}

export interface Evaluation extends Score {
  readonly task: Task;
  /** Tokens whose tag is right, in percent. */
  readonly accuracy: number;
  /** By label; labels sorted. */
  readonly types: Readonly<Record<string, Score>>;
  readonly confusion: Confusion;
  readonly sentences: number;
  readonly tokens: number;
}

type Tags = readonly (string | undefined)[];

/** Counts of one label, or of all. */
class Tally {
  gold = 0;
  predicted = 0;
  correct = 0;

  /** Percentages in conlleval's own order of operations, so that every printed digit is the same. */
  score(): Score {
    const { gold, predicted, correct } = this;
    const precision = predicted > 0 ? (100 * correct) / predicted : 0;
    const recall = gold > 0 ? (100 * correct) / gold : 0;
    const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
    return { precision, recall, f1, gold, predicted, correct };
  }
}

/** A map that makes what it lacks. */
function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Conlleval runs without a locale: types stand in the order of their bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function confusionOf(counts: Map<string, Map<string, number>>): Confusion {
  const seen = new Set([...counts.keys(), ...[...counts.values()].flatMap((row) => [...row.keys()])]);
  const labels = [...seen].sort((a, b) => Number(b === OUTSIDE) - Number(a === OUTSIDE) || byBytes(a, b));
  return { labels, counts: labels.map((gold) => labels.map((guess) => counts.get(gold)?.get(guess) ?? 0)) };
}

/**
 * Scores sentences of predicted tags: exact spans for NER, tokens for POS. The two sides may be in different schemes as
 * far as spans go. Tokens that are undecided in gold are not counted, and neither are predicted spans that touch one.
 * @throws RangeError where the two sides differ in sentences or tokens.
 */
export function evaluate(gold: readonly Tags[], predicted: readonly Tags[], task: Task): Evaluation {
  if (gold.length !== predicted.length) {
    throw new RangeError(`${gold.length} gold sentences, but ${predicted.length} predicted ones`);
  }
  const all = new Tally();
  const types = new Map<string, Tally>();
  const confusion = new Map<string, Map<string, number>>();
  const name = (tag: string | undefined) => (task === 'pos' ? tag : labelOf(tag)) ?? OUTSIDE;
  let tokens = 0;
  let correctTokens = 0;
  gold.forEach((goldTags, index) => {
    const guessedTags = predicted[index] as Tags;
    if (guessedTags.length !== goldTags.length) {
      throw new RangeError(`sentence ${index}: ${goldTags.length} gold tags, but ${guessedTags.length} predicted ones`);
    }
    for (let i = 0; i < goldTags.length; i++) {
      if (goldTags[i] === undefined) continue;
      tokens++;
      if (goldTags[i] === (guessedTags[i] ?? (task === 'ner' ? OUTSIDE : undefined))) correctTokens++;
      const row = at(confusion, name(goldTags[i]), () => new Map<string, number>());
      row.set(name(guessedTags[i]), (row.get(name(guessedTags[i])) ?? 0) + 1);
    }
    const key = (span: Span) => `${span.start} ${span.end} ${span.label}`;
    const goldSpans = labelsIn(goldTags, task);
    const right = new Set(goldSpans.map(key));
    for (const span of goldSpans) {
      all.gold++;
      at(types, span.label, () => new Tally()).gold++;
    }
    for (const span of labelsIn(guessedTags, task)) {
      if (goldTags.slice(span.start, span.end).includes(undefined)) continue;
      const tally = at(types, span.label, () => new Tally());
      all.predicted++;
      tally.predicted++;
      if (!right.has(key(span))) continue;
      all.correct++;
      tally.correct++;
    }
  });
  const sorted = [...types].sort(([a], [b]) => byBytes(a, b));
  return {
    task,
    ...all.score(),
    accuracy: tokens > 0 ? (100 * correctTokens) / tokens : 0,
    types: Object.fromEntries(sorted.map(([label, tally]) => [label, tally.score()])),
    confusion: confusionOf(confusion),
    sentences: gold.length,
    tokens,
  };
}
