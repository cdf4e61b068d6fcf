// The journal over the original files gives the labels as they are now.
import { differing } from '../../tags/index.ts';
import { isAnnotated, type TextDocument } from '../../text/index.ts';
import { byTime, type Conflict, sumUp } from './decisions.ts';
import { sentenceHash } from './document-journal.ts';
import {
  isLabelEntry,
  type JournalEntry,
  type LabelEntry,
  type SentenceAddress,
  type StructureEntry,
} from './entry.ts';
import { written } from './label-watch.ts';

export interface Replayed {
  /** Lines about sentences that are not in the documents: their words have changed, or their file is not there. */
  readonly missing: readonly JournalEntry[];
  /** What annotators gave without knowing of each other. The document keeps its own tags there. */
  readonly conflicts: readonly (Conflict & { readonly address: SentenceAddress })[];
}

/**
 * Gives documents the labels that the lines say. Doing it twice is as doing it once: a line sets tags, whatever they were.
 * @param documents by their path in the workspace folder; they are changed
 * @param entries of all annotators, those that were dropped left out (`Journal.entries`)
 */
export function replay(documents: ReadonlyMap<string, TextDocument>, entries: Iterable<JournalEntry>): Replayed {
  const missing: JournalEntry[] = [];
  const conflicts: (Conflict & { address: SentenceAddress })[] = [];
  const byFile = new Map<string, (LabelEntry | StructureEntry)[]>();
  for (const entry of entries) {
    if (!isLabelEntry(entry) && entry.action !== 'structure') continue;
    const list = byFile.get(entry.file);
    if (list === undefined) byFile.set(entry.file, [entry]);
    else list.push(entry);
  }
  for (const [file, list] of byFile) {
    const document = documents.get(file);
    if (document === undefined) {
      for (const entry of list) missing.push(entry); // a call with a hundred thousand arguments overflows the stack
      continue;
    }
    let labels: LabelEntry[] = [];
    const flush = () => {
      setLabels(document, labels, missing, conflicts);
      labels = [];
    };
    for (const entry of list.sort(byTime)) {
      if (isLabelEntry(entry)) labels.push(entry);
      else {
        flush();
        if (!restructure(document, entry)) missing.push(entry);
      }
    }
    flush();
  }
  return { missing, conflicts };
}

/** The sentences of a document by their words, in order. */
function indexOf(document: TextDocument): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [i, sentence] of document.sentences.entries()) {
    if (sentence.tokens.length === 0) continue;
    const hash = sentenceHash(sentence);
    const same = index.get(hash);
    if (same === undefined) index.set(hash, [i]);
    else same.push(i);
  }
  return index;
}

function setLabels(
  document: TextDocument,
  entries: readonly LabelEntry[],
  missing: JournalEntry[],
  conflicts: (Conflict & { address: SentenceAddress })[],
): void {
  const index = indexOf(document);
  const bySentence = new Map<string, LabelEntry[]>();
  for (const entry of entries) {
    const key = `${entry.sentence}/${entry.nth}`;
    const list = bySentence.get(key);
    if (list === undefined) bySentence.set(key, [entry]);
    else list.push(entry);
  }
  for (const list of bySentence.values()) {
    const { file, sentence, nth } = list[0]!;
    const at = index.get(sentence)?.[nth];
    const decisions = sumUp(list);
    // It moved, and has another address in later lines.
    if (at === undefined && decisions.tokens.length === 0 && list.some(({ reviewed }) => reviewed !== undefined))
      continue;
    if (at === undefined || decisions.tokens.length > document.sentences[at]!.tokens.length) {
      missing.push(...list);
      continue;
    }
    const tags = document.sentences[at]!.tokens.map(({ label }) => label);
    for (const [token, decision] of decisions.tokens.entries()) if (decision !== undefined) tags[token] = decision.tag;
    for (const conflict of decisions.conflicts) {
      conflicts.push({ ...conflict, address: { file, sentence, nth } });
      for (let t = conflict.start; t < conflict.end; t++) tags[t] = document.sentences[at]!.tokens[t]!.label;
    }
    write(document, at, tags);
  }
}

function write(document: TextDocument, sentence: number, tags: readonly (string | undefined)[]): void {
  const before = document.sentences[sentence]!.tokens.map(({ label }) => label);
  const range = differing(written(before), written(tags));
  if (range === undefined) return;
  const edits = document.setLabels(sentence, range.start, tags.slice(range.start, range.end));
  if (isAnnotated(document)) document.editAnnotations(edits);
  else document.edit(edits);
}

/** @returns false where the text is no longer what it was */
function restructure(document: TextDocument, { sentence, nth, source, text }: StructureEntry): boolean {
  const at = indexOf(document).get(sentence)?.[nth];
  if (at === undefined) return false;
  const start = document.offsetOf(at);
  if (!document.text.startsWith(source, start)) return false;
  document.edit([{ start, end: start + source.length, text }]);
  return true;
}
