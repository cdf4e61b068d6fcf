// How far annotators, people or models, agree on the labels of the same tokens.
import type { Task } from '../text/types.ts';
import { type Confusion, evaluate, type Score } from './evaluate.ts';
import { labelOf, OUTSIDE } from './scheme.ts';
import { labelsIn, type Span } from './spans.ts';

type Tags = readonly (string | undefined)[];
/** Of one annotator: the tags of each sentence. */
type Annotation = readonly Tags[];

/** Undefined where there is nothing to compare. */
export interface Measures {
  /** Cohen's kappa over tokens: 1 for the same labels everywhere, 0 for what chance would give; of several pairs their mean. */
  readonly kappa: number | undefined;
  /** Krippendorff's alpha over tokens, for labels without an order: as kappa, of all annotators at once. */
  readonly alpha: number | undefined;
  /** F1 of exact spans (parts of speech: of tokens) in percent, whoever is taken for right; of several pairs their mean. */
  readonly f1: number | undefined;
}

export interface Agreement extends Measures {
  /** By label: that label against all else. */
  readonly types: Readonly<Record<string, Measures>>;
  /** Tokens that at least two annotators have decided. */
  readonly tokens: number;
  /** Tokens of each pair of annotators, by the label of the one and of the other. */
  readonly pairs: readonly { readonly one: number; readonly other: number; readonly confusion: Confusion }[];
}

/** Tokens [start, end) of a sentence about which annotators differ. */
export interface Disagreement {
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
  /** What each annotator has there; none: `O`; undefined where he has decided nothing. */
  readonly spans: readonly (readonly Span[] | undefined)[];
}

/**
 * Cohen's kappa of two annotators over the tokens that both have decided (Cohen 1960). No tokens agree.
 * @throws RangeError where they differ in sentences or tokens
 */
export function kappa(one: Annotation, other: Annotation): number {
  const counts = [new Map<string, number>(), new Map<string, number>()] as const;
  let [tokens, same] = [0, 0];
  requireSameTokens([one, other]);
  one.forEach((tags, s) => {
    tags.forEach((tag, t) => {
      const opposite = other[s]![t];
      if (tag === undefined || opposite === undefined) return;
      add(counts[0], tag, 1);
      add(counts[1], opposite, 1);
      tokens++;
      if (tag === opposite) same++;
    });
  });
  if (same === tokens) return 1;
  let chance = 0;
  for (const [tag, count] of counts[0]) chance += (count / tokens) * ((counts[1].get(tag) ?? 0) / tokens);
  return (same / tokens - chance) / (1 - chance);
}

/**
 * Krippendorff's alpha for nominal data over the tokens that at least two annotators have decided (Krippendorff 2004, chapter
 * 11). No tokens agree.
 * @throws RangeError where annotators differ in sentences or tokens
 */
export function alpha(annotations: readonly Annotation[]): number {
  requireSameTokens(annotations);
  const totals = new Map<string, number>();
  let [values, apart] = [0, 0];
  annotations[0]?.forEach((tags, s) => {
    for (let t = 0; t < tags.length; t++) {
      const own = new Map<string, number>();
      for (const annotation of annotations) {
        const tag = annotation[s]![t];
        if (tag !== undefined) add(own, tag, 1);
      }
      const decided = [...own.values()].reduce((sum, count) => sum + count, 0);
      if (decided < 2) continue;
      values += decided;
      for (const [tag, count] of own) {
        add(totals, tag, count);
        apart += (count * (decided - count)) / (decided - 1);
      }
    }
  });
  if (apart === 0) return 1;
  let expected = 0;
  for (const count of totals.values()) expected += count * (values - count);
  return 1 - ((values - 1) * apart) / expected;
}

/**
 * All measures of two or more annotators. The schemes of their tags may differ. Pairs without a token that both have decided are
 * left out, and for a label those in which neither uses it.
 * @throws RangeError where they differ in sentences or tokens
 */
export function agreement(annotations: readonly Annotation[], task: Task): Agreement {
  requireSameTokens(annotations);
  const labels = annotations.map((annotation) => annotation.map((tags) => labelsOf(tags, task)));
  const pairs = annotations.flatMap((first, one) =>
    annotations.slice(one + 1).flatMap((second, i) => {
      const evaluation = evaluate(inBoth(first, second), inBoth(second, first), task);
      return evaluation.tokens === 0 ? [] : [{ one, other: one + 1 + i, evaluation }];
    }),
  );
  const measures = (seen: readonly Annotation[], used: typeof pairs, scores: readonly (Score | undefined)[]) => ({
    kappa: mean(used.map(({ one, other }) => kappa(seen[one]!, seen[other]!))),
    alpha: used.length > 0 ? alpha(seen) : undefined,
    f1: mean(scores.flatMap((score) => (score && score.gold + score.predicted > 0 ? score.f1 : []))),
  });
  const ofType = (type: string) => {
    const seen = labels.map((annotation) => annotation.map((all) => all.map((label) => label && oneOf(label, type))));
    const used = pairs.filter(({ evaluation }) => type in evaluation.types);
    return measures(
      seen,
      used,
      used.map(({ evaluation }) => evaluation.types[type]),
    );
  };
  const types = new Set(pairs.flatMap(({ evaluation }) => Object.keys(evaluation.types)));
  return {
    ...measures(
      labels,
      pairs,
      pairs.map(({ evaluation }) => evaluation),
    ),
    types: Object.fromEntries([...types].sort().map((type) => [type, ofType(type)])),
    tokens: decidedTokens(annotations),
    pairs: pairs.map(({ one, other, evaluation }) => ({ one, other, confusion: evaluation.confusion })),
  };
}

/** Where annotators differ, in the order of the text. Of spans that overlap all belong to one disagreement. */
export function disagreements(annotations: readonly Annotation[], task: Task): Disagreement[] {
  requireSameTokens(annotations);
  return (annotations[0] ?? []).flatMap((first, sentence) => {
    const all = annotations.map((annotation) => marked(annotation[sentence]!, task));
    const inDispute = first.map((_, t) => {
      const seen = all.flatMap(({ tags, spanAt }) => (tags[t] === undefined ? [] : [nameOf(spanAt[t])]));
      return new Set(seen).size > 1;
    });
    const found: Disagreement[] = [];
    for (let start = inDispute.indexOf(true); start >= 0; start = inDispute.indexOf(true, found.at(-1)!.end)) {
      let end = start + 1;
      while (all.some(({ spanAt }) => spanAt[end] !== undefined && spanAt[end]!.start < end)) end++;
      found.push({ sentence, start, end, spans: all.map((one) => within(one, start, end)) });
    }
    return found;
  });
}

interface Marked {
  readonly tags: Tags;
  /** The span of each token; undefined outside of all. */
  readonly spanAt: readonly (Span | undefined)[];
}

function marked(tags: Tags, task: Task): Marked {
  const spanAt: (Span | undefined)[] = Array(tags.length).fill(undefined);
  for (const span of labelsIn(tags, task)) spanAt.fill(span, span.start, span.end);
  return { tags, spanAt };
}

function within({ tags, spanAt }: Marked, start: number, end: number): readonly Span[] | undefined {
  if (tags.slice(start, end).every((tag) => tag === undefined)) return undefined;
  return [...new Set(spanAt.slice(start, end))].filter((span) => span !== undefined);
}

function requireSameTokens(annotations: readonly Annotation[]): void {
  const [first = [], ...others] = annotations;
  for (const other of others) {
    if (other.length !== first.length) throw new RangeError('two annotators, two numbers of sentences');
    const at = first.findIndex((tags, s) => tags.length !== other[s]!.length);
    if (at >= 0) throw new RangeError(`sentence ${at} has two lengths`);
  }
}

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

function mean(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** The tags of one annotator where the other has decided too. */
function inBoth(one: Annotation, other: Annotation): Tags[] {
  return one.map((tags, s) => tags.map((tag, t) => (other[s]![t] === undefined ? undefined : tag)));
}

/** Labels without the prefixes of a scheme. */
function labelsOf(tags: Tags, task: Task): Tags {
  if (task === 'pos') return tags;
  return tags.map((tag) => (tag === undefined ? undefined : (labelOf(tag) ?? OUTSIDE)));
}

const oneOf = (label: string, type: string) => (label === type ? type : OUTSIDE);

function decidedTokens(annotations: readonly Annotation[]): number {
  const decided = (s: number, t: number) => annotations.filter((annotation) => annotation[s]![t] !== undefined).length;
  return (annotations[0] ?? []).reduce((sum, tags, s) => sum + tags.filter((_, t) => decided(s, t) >= 2).length, 0);
}

const nameOf = (span: Span | undefined) => (span === undefined ? OUTSIDE : `${span.start} ${span.end} ${span.label}`);
