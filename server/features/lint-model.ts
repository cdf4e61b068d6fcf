// Labels that a model contradicts: likely errors, where it is sure. Only where it has answered; nothing waits for it.
import { differing, labelOf, labelsIn, relabel, type Scheme } from '../tags/index.ts';
import type { Sentence } from '../text/types.ts';
import { type SentenceFinding, tagsOfSentence } from './lint-tags.ts';

export const CONTRADICTS = 'model.contradicts';

/** The model gives a label of the file at most this probability ... */
const UNLIKELY = 0.05;

/** ... and another at least this one. */
const SURE = 0.9;

/** A label of tokens [start, end); null: no entity. */
interface Said {
  readonly start: number;
  readonly end: number;
  readonly label: string | null;
}

/** What a model says of a sentence. */
export interface ModelAnswer {
  /** Name and version, as `ner/3`. */
  readonly model: string;
  /** Its tags, with how they are written. */
  readonly tags: readonly string[];
  readonly scheme: Scheme;
  /** Probability of tag `tag` at a token, 0 to 1. */
  readonly probability: (token: number, tag: number) => number;
  /** The spans that it finds most probable (NER). */
  readonly spans: readonly { readonly start: number; readonly end: number; readonly label: string }[];
}

/** Says what a model has answered. */
export interface ModelAnswers {
  /** Another object once the answer is another one; undefined where there is none. */
  keyOf(sentence: Sentence): object | undefined;
  answer(sentence: Sentence): ModelAnswer | undefined;
}

/**
 * Labels that the model is sure are others, and words without a label that it is sure have one.
 * @param scheme how the file writes its tags
 */
export function contradictions(sentence: Sentence, scheme: Scheme, answer: ModelAnswer): SentenceFinding[] {
  const tags = tagsOfSentence(sentence);
  // A model for names says nothing of parts of speech.
  if ((scheme === 'pos') !== (answer.scheme === 'pos')) return [];
  const probabilities = tags.map((_, token) => probabilitiesAt(token, answer));
  const found: SentenceFinding[] = [];
  for (const said of labelsIn(tags, scheme)) {
    const best = contradicted(said, probabilities);
    if (best === undefined) continue;
    const after = repaired(tags, said, best, scheme, answer);
    found.push(finding(sentence, tags, after, said, best, answer.model));
  }
  for (const { start, end, label } of answer.spans) {
    const isOutside = tags.slice(start, end).every((tag) => tag === 'O');
    const isSure = probabilities
      .slice(start, end)
      .every((of) => (of.get(label) ?? 0) >= SURE && (of.get(null) ?? 0) <= UNLIKELY);
    if (!isOutside || !isSure) continue;
    const said = { start, end, label: null };
    found.push(finding(sentence, tags, relabel(tags, start, end, label, scheme), said, label, answer.model));
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Probability of each label at a token: that of all its tags together. */
function probabilitiesAt(token: number, { tags, scheme, probability }: ModelAnswer): Map<string | null, number> {
  const all = new Map<string | null, number>();
  for (const [index, tag] of tags.entries()) {
    const label = labelOf(tag, scheme) ?? null;
    all.set(label, (all.get(label) ?? 0) + probability(token, index));
  }
  return all;
}

/** The label that the model gives instead at one of the tokens at least; undefined where it does not contradict. */
function contradicted(
  { start, end, label }: Said,
  probabilities: readonly ReadonlyMap<string | null, number>[],
): string | null | undefined {
  for (const of of probabilities.slice(start, end)) {
    if ((of.get(label) ?? 0) > UNLIKELY) continue;
    for (const [other, probability] of of) if (other !== label && probability >= SURE) return other;
  }
  return undefined;
}

/** The tags as the model says them, at the tokens of a label and of the model's spans that touch it. */
function repaired(
  tags: readonly (string | undefined)[],
  { start, end }: Said,
  best: string | null,
  scheme: Scheme,
  { spans }: ModelAnswer,
): (string | undefined)[] {
  if (scheme === 'pos') return tags.toSpliced(start, 1, best!);
  let after = relabel(tags, start, end, null, scheme);
  for (const span of spans) {
    if (span.start < end && span.end > start) after = relabel(after, span.start, span.end, span.label, scheme);
  }
  return after;
}

function finding(
  sentence: Sentence,
  before: readonly (string | undefined)[],
  after: readonly (string | undefined)[],
  { start, end, label }: Said,
  best: string | null,
  model: string,
): SentenceFinding {
  const words = sentence.tokens.slice(start, end);
  const text = words.map(({ form }) => form).join(' ');
  const is = label === null ? 'has no label' : `is ${label}`;
  const says = best === null ? 'no entity' : best;
  const changed = differing(before, after);
  return {
    code: CONTRADICTS,
    severity: 'information',
    message: `“${text}” ${is} here, and model ${model} is sure that it is ${says}; relabel it, or mark it as right`,
    start: words[0]!.start,
    end: words.at(-1)!.end,
    ...(changed !== undefined && {
      repair: {
        title: `Relabel as model ${model} says (${says})`,
        token: changed.start,
        labels: after.slice(changed.start, changed.end),
      },
    }),
  };
}
