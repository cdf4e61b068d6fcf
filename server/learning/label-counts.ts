// What stands in the documents that are to be labelled: how much is decided, by whom, and what waits.
import { setImmediate } from 'node:timers/promises';
import { labelsIn } from '../tags/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { type Decision, sentenceHash } from '../workspace/journal/index.ts';
import { LEARNING_DEFAULTS } from '../workspace/project-schema.ts';
import { isHeldOut } from './holdout.ts';

/** Sentences that have tokens, and their tokens. */
export interface Amount {
  sentences: number;
  tokens: number;
}

/** Labels are spans (NER) or tokens (POS). */
export interface OriginCounts {
  /** Given by people here. */
  human: number;
  /** They stood in the files. */
  file: number;
}

export interface AnnotatorCounts {
  /** That stand in the files now. */
  labels: number;
  /** Those of them that a model had suggested just so. */
  suggested: number;
  /** Sentences that this person marked last. */
  reviewed: number;
}

export interface LabelCounts {
  documents: number;
  readonly all: Amount;
  readonly reviewed: Amount;
  /** Tokens that have a tag, `O` too. */
  decided: number;
  /** Sentences in which something is decided. */
  touched: number;
  /** Kept for measuring; `labelled`: those in which something is decided. */
  readonly heldOut: { sentences: number; labelled: number };
  readonly labels: Map<string, OriginCounts>;
  readonly annotators: Map<string, AnnotatorCounts>;
  /** Sentences in which people disagree. */
  conflicts: number;
}

/** Milliseconds of counting between two looks at what else is to be done. */
const SLICE = 8;

export function noLabels(): LabelCounts {
  return {
    ...{ documents: 0, decided: 0, touched: 0, conflicts: 0 },
    all: { sentences: 0, tokens: 0 },
    reviewed: { sentences: 0, tokens: 0 },
    heldOut: { sentences: 0, labelled: 0 },
    labels: new Map(),
    annotators: new Map(),
  };
}

/**
 * Counts what stands in a document, and gives way to other work while it does.
 * @param share of the sentences that is kept for measuring, 0 to 1
 */
export async function countLabels(
  document: OpenDocument,
  share: number = LEARNING_DEFAULTS.holdout,
): Promise<LabelCounts> {
  const counts = { ...noLabels(), documents: 1 };
  let since = performance.now();
  for (let index = 0; index < document.text.sentences.length; index++) {
    countSentence(counts, document, index, share);
    if (performance.now() - since < SLICE) continue;
    await setImmediate();
    since = performance.now();
  }
  return counts;
}

/** Adds what was counted elsewhere. */
export function addCounts(sum: LabelCounts, more: LabelCounts): void {
  for (const name of ['documents', 'decided', 'touched', 'conflicts'] as const) sum[name] += more[name];
  for (const name of ['all', 'reviewed'] as const) add(sum[name], more[name]);
  add(sum.heldOut, more.heldOut);
  for (const [label, counts] of more.labels) add(ofLabel(sum, label), counts);
  for (const [name, counts] of more.annotators) add(ofAnnotator(sum, name), counts);
}

function add<K extends string>(sum: Record<K, number>, more: Readonly<Record<K, number>>): void {
  for (const key of Object.keys(more) as K[]) sum[key] += more[key];
}

function countSentence(counts: LabelCounts, document: OpenDocument, index: number, share: number): void {
  const sentence = document.text.sentences[index]!;
  const { tokens } = sentence;
  if (tokens.length === 0) return;
  const tags = document.tagsOf(index);
  const { reviewed, conflicts = [] } = document.journal?.decisions(index) ?? {};
  counts.all.sentences++;
  counts.all.tokens += tokens.length;
  const decided = tags.filter((tag) => tag !== undefined).length;
  counts.decided += decided;
  if (decided > 0) counts.touched++;
  if (isHeldOut(sentenceHash(sentence), share)) {
    counts.heldOut.sentences++;
    if (decided > 0) counts.heldOut.labelled++;
  }
  if (conflicts.length > 0) counts.conflicts++;
  if (reviewed !== undefined) {
    counts.reviewed.sentences++;
    counts.reviewed.tokens += tokens.length;
    ofAnnotator(counts, reviewed.by).reviewed++;
  }
  countOrigins(counts, document, tags, document.journal?.origins(index) ?? []);
}

function countOrigins(
  counts: LabelCounts,
  { task }: OpenDocument,
  tags: readonly (string | undefined)[],
  origins: readonly (Decision | undefined)[],
): void {
  for (const { start, end, label } of labelsIn(tags, task)) {
    const given = origins.slice(start, end).filter((decision) => decision !== undefined);
    const newest = given.reduce<Decision | undefined>((a, b) => (a && a.entry.at >= b.entry.at ? a : b), undefined);
    if (newest === undefined) {
      ofLabel(counts, label).file++;
      continue;
    }
    ofLabel(counts, label).human++;
    const { by, suggested = [] } = newest.entry;
    const person = ofAnnotator(counts, by);
    person.labels++;
    if (suggested.some((one) => one.start === start && one.end === end && one.label === label)) person.suggested++;
  }
}

function ofLabel({ labels }: LabelCounts, label: string): OriginCounts {
  let known = labels.get(label);
  if (known === undefined) {
    known = { human: 0, file: 0 };
    labels.set(label, known);
  }
  return known;
}

function ofAnnotator({ annotators }: LabelCounts, name: string): AnnotatorCounts {
  let known = annotators.get(name);
  if (known === undefined) {
    known = { labels: 0, suggested: 0, reviewed: 0 };
    annotators.set(name, known);
  }
  return known;
}
