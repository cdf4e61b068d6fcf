// What stands in the documents that are to be labelled: how much is decided, by whom, and what waits.
import { setImmediate } from 'node:timers/promises';
import { spansOf } from '../tags/index.ts';
import { contentHash } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import type { Decision, SentenceDecisions } from '../workspace/journal/index.ts';
import { HOLDOUT_SHARE, isHeldOut } from './holdout.ts';

/** What the journal says of the sentences of a document (workspace/journal). */
export interface DocumentDecisions {
  decisions(index: number): SentenceDecisions | undefined;
  /** By token: who gave it the tag that it has. */
  origins(index: number): readonly (Decision | undefined)[];
  /** The tags with the `O` that a raw text cannot hold. */
  withOutside(index: number, tags: readonly (string | undefined)[]): (string | undefined)[];
}

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

/**
 * Counts what stands in the documents, and gives way to other work while it does.
 * @param share of the sentences that is kept for measuring, 0 to 1
 */
export async function countLabels(
  documents: Iterable<{ readonly document: OpenDocument; readonly journal?: DocumentDecisions | undefined }>,
  share: number = HOLDOUT_SHARE,
): Promise<LabelCounts> {
  const counts: LabelCounts = {
    documents: 0,
    all: { sentences: 0, tokens: 0 },
    reviewed: { sentences: 0, tokens: 0 },
    ...{ decided: 0, touched: 0, conflicts: 0 },
    heldOut: { sentences: 0, labelled: 0 },
    labels: new Map(),
    annotators: new Map(),
  };
  let since = performance.now();
  for (const { document, journal } of documents) {
    counts.documents++;
    for (let index = 0; index < document.text.sentences.length; index++) {
      countSentence(counts, document, journal, index, share);
      if (performance.now() - since < SLICE) continue;
      await setImmediate();
      since = performance.now();
    }
  }
  return counts;
}

function countSentence(
  counts: LabelCounts,
  document: OpenDocument,
  journal: DocumentDecisions | undefined,
  index: number,
  share: number,
): void {
  // The text may have become shorter meanwhile.
  const { tokens = [] } = document.text.sentences[index] ?? {};
  if (tokens.length === 0) return;
  const own = document.tagsOf(index);
  const tags = journal?.withOutside(index, own) ?? own;
  const { reviewed, conflicts = [] } = journal?.decisions(index) ?? {};
  counts.all.sentences++;
  counts.all.tokens += tokens.length;
  const decided = tags.filter((tag) => tag !== undefined).length;
  counts.decided += decided;
  if (decided > 0) counts.touched++;
  if (isHeldOut(contentHash(tokens.map(({ form }) => form)), share)) {
    counts.heldOut.sentences++;
    if (decided > 0) counts.heldOut.labelled++;
  }
  if (conflicts.length > 0) counts.conflicts++;
  if (reviewed !== undefined) {
    counts.reviewed.sentences++;
    counts.reviewed.tokens += tokens.length;
    annotator(counts, reviewed.by).reviewed++;
  }
  countOrigins(counts, document, own, journal?.origins(index) ?? []);
}

function countOrigins(
  counts: LabelCounts,
  { task }: OpenDocument,
  tags: readonly (string | undefined)[],
  origins: readonly (Decision | undefined)[],
): void {
  const labels =
    task === 'ner'
      ? spansOf(tags)
      : tags.flatMap((label, start) => (label === undefined ? [] : [{ start, end: start + 1, label }]));
  for (const { start, end, label } of labels) {
    const given = origins.slice(start, end).filter((decision) => decision !== undefined);
    const newest = given.reduce<Decision | undefined>((a, b) => (a && a.entry.at >= b.entry.at ? a : b), undefined);
    let ofLabel = counts.labels.get(label);
    if (ofLabel === undefined) {
      ofLabel = { human: 0, file: 0 };
      counts.labels.set(label, ofLabel);
    }
    if (newest === undefined) {
      ofLabel.file++;
      continue;
    }
    ofLabel.human++;
    const { by, suggested = [] } = newest.entry;
    const person = annotator(counts, by);
    person.labels++;
    if (suggested.some((one) => one.start === start && one.end === end && one.label === label)) person.suggested++;
  }
}

function annotator({ annotators }: LabelCounts, name: string): AnnotatorCounts {
  let known = annotators.get(name);
  if (known === undefined) {
    known = { labels: 0, suggested: 0, reviewed: 0 };
    annotators.set(name, known);
  }
  return known;
}
