// What is to be written of labels that changed without a request of ours.
import { OUTSIDE } from './tags/index.ts';
import { isAnnotated } from './text/index.ts';
import type { OpenDocument } from './workspace/documents.ts';
import {
  type DocumentJournal,
  type EntryDraft,
  type LabelAction,
  type LabelChange,
  labelDraft,
} from './workspace/journal/index.ts';

type Tags = readonly (string | undefined)[];

/** What follows the words of sentences that are split or joined. */
export interface Carried {
  /** The first sentence, and all tags from there on, sentence by sentence. */
  readonly first: number;
  readonly tags: readonly Tags[];
  /** Somebody gave one of their labels here. */
  readonly isHuman: boolean;
  readonly isReviewed: boolean;
}

/** Sentence `index`, as lines name it. */
export function placeOf({ text }: OpenDocument, journal: DocumentJournal, index: number) {
  return { address: journal.address(index), sentence: text.sentences[index]! };
}

/** Labels were typed, undone or redone. */
export function typedDrafts(
  document: OpenDocument,
  journal: DocumentJournal,
  changes: readonly LabelChange[],
): EntryDraft[] {
  return changes.flatMap(({ address, sentence, before, after }) => {
    const { tokens: known = [], reviewed } = journal.journal.sentence(address) ?? {};
    // Another window, a bulk action or the session that died has written it down already.
    const isKnown = (tag: string | undefined, t: number) =>
      known[t] !== undefined && journal.asFile(known[t].tag) === tag;
    if (after.every((tag, t) => tag === before[t] || isKnown(tag, t))) return [];
    // Without a label, a word of a reviewed raw text is no entity, which its annotations cannot say.
    const isOutside = reviewed !== undefined && isAnnotated(document.text);
    const meant = (tags: Tags) => (isOutside ? tags.map((tag) => tag ?? OUTSIDE) : tags);
    return [labelDraft(document, 'typed', { address, sentence }, meant(before), meant(after))];
  });
}

/** Words were split or joined: their labels are still whose they were. */
export function carriedDrafts(
  document: OpenDocument,
  journal: DocumentJournal,
  { first, tags, isHuman, isReviewed }: Carried,
): EntryDraft[] {
  return tags.flatMap((wanted, i): EntryDraft[] => {
    const index = first + i;
    const { length } = document.text.sentences[index]?.tokens ?? [];
    const now = length === wanted.length ? document.tagsOf(index) : [];
    // Another edit came in between.
    if (length === 0 || now.some((tag, t) => tag !== wanted[t])) return [];
    const draft = (action: LabelAction, tokens?: { start: number; end: number }) =>
      labelDraft(document, action, placeOf(document, journal, index), now, now, tokens && { tokens });
    return [
      ...(isHuman ? [draft('carried', { start: 0, end: length })] : []),
      ...(isReviewed ? [draft('review')] : []),
    ];
  });
}
