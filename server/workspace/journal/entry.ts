// The lines of a journal: one JSON object each, what somebody did to the labels of one sentence or to a whole file.
import { z } from 'zod';

/** Of the lines that are written here. Lines of a newer version are left out with a message, and kept. */
export const JOURNAL_VERSION = 1;

/**
 * What a person does to the labels of a sentence. `typed`: in the text itself, by undo, redo or a quick fix. `settle`: a
 * choice between labels that others gave. `carried`: labels follow where words are split or joined, and where sentences
 * with the same words come or go.
 */
const LABEL_ACTIONS = [
  'label',
  'accept',
  'reject',
  'bulk',
  'typed',
  'review',
  'unreview',
  'settle',
  'carried',
] as const;
export type LabelAction = (typeof LABEL_ACTIONS)[number];

const common = {
  v: z.literal(JOURNAL_VERSION),
  /** Unique among all lines of all journals: a line that git has copied counts once. */
  id: z.string().min(1),
  /** ISO 8601 in UTC with milliseconds: the order of the lines is that of these texts. */
  at: z.iso.datetime({ precision: 3 }),
  /** The annotator's name as he gave it. */
  by: z.string(),
  /** The program that wrote it, see run.ts. */
  run: z.string().optional(),
};

/** Path relative to the workspace folder, with `/`. */
const file = z.string().min(1);

const span = z.object({ start: z.number(), end: z.number(), label: z.string() });

const suggested = span.extend({ model: z.string(), probability: z.number() });

const labels = z.object({
  ...common,
  action: z.enum(LABEL_ACTIONS),
  file,
  /** `contentHash` of its words. */
  sentence: z.string(),
  /** Which of the sentences with these words in the file, from 0. */
  nth: z.number().int().min(0),
  /** Its first word, for people, and so that a long text need not be cut into words to find it. */
  word: z.string().optional(),
  /**
   * First token whose tag changes; `before` and `after` hold the tags from there on, `_` where nobody has decided. Tokens
   * that are the same in both are not spoken of, but in `settle` and `carried`.
   */
  start: z.number().int().min(0),
  before: z.array(z.string()),
  after: z.array(z.string()),
  /** The spans (POS: the tokens) that went and came: the old and the new labels. */
  old: z.array(span).optional(),
  new: z.array(span).optional(),
  /** What a model had suggested for these tokens, with its version, as `ner/3`. */
  suggested: z.array(suggested).optional(),
  /** The same for all lines of one bulk action. */
  group: z.string().optional(),
  /**
   * In `carried`, where a sentence with the same words has come or gone: another one has this address now. Older lines do not
   * speak of it, and this one says whether it is reviewed.
   */
  reviewed: z.boolean().optional(),
});

const mark = z.object({
  ...common,
  /** The file on the disk: as it was when labelling began, or as it was saved. */
  action: z.enum(['opened', 'saved']),
  file,
  /** `contentHash` of the text (and of the annotations beside it). */
  content: z.string(),
  /** Ids of older lines that are not in the file: they were on their way to it when it was saved. */
  except: z.array(z.string()).optional(),
});

const structure = z.object({
  ...common,
  action: z.literal('structure'),
  file,
  /** Address of the first sentence that it replaces. */
  sentence: z.string(),
  nth: z.number().int().min(0),
  /** The text of the sentences before and after. */
  source: z.string(),
  text: z.string(),
  group: z.string().optional(),
});

const dropped = z.object({
  ...common,
  action: z.literal('dropped'),
  /** Lines whose edit was never applied: they count for nothing. */
  ids: z.array(z.string()),
});

const renamed = z.object({
  ...common,
  action: z.literal('renamed'),
  /**
   * A file or a folder; older lines about it, or about files in it, are about `to` from now on, and older ones about `to`
   * about nothing.
   */
  from: file,
  to: file,
});

const entry = z.discriminatedUnion('action', [labels, mark, structure, dropped, renamed]);

export type LabelEntry = z.infer<typeof labels>;
export type MarkEntry = z.infer<typeof mark>;
export type StructureEntry = z.infer<typeof structure>;
export type RenamedEntry = z.infer<typeof renamed>;
export type JournalEntry = z.infer<typeof entry>;
export type SuggestedSpan = z.infer<typeof suggested>;

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A line before it is written: the journal adds who, when and its id. */
export type EntryDraft = Without<JournalEntry, keyof typeof common>;

/** Where a sentence stands. It survives edits elsewhere; another sentence with the same words has another `nth`. */
export interface SentenceAddress {
  readonly file: string;
  readonly sentence: string;
  readonly nth: number;
}

export function isLabelEntry(entry: JournalEntry): entry is LabelEntry {
  return 'after' in entry;
}

/** Whether the file did not hold a line of its annotator yet when the mark was made. */
export function isAfter(entry: JournalEntry, mark: MarkEntry | undefined): boolean {
  return mark === undefined || entry.at > mark.at || (mark.except?.includes(entry.id) ?? false);
}

/** What is wrong with a line, and what to do. */
export interface LineProblem {
  readonly what: string;
  readonly remedy: string;
}

const CONFLICT_MARKER = /^(?:<{7}|\|{7}|={7}|>{7})(?: |\r?$)/;

/** Reads a line; blank ones are nothing. */
export function parseLine(line: string): JournalEntry | LineProblem | undefined {
  if (line.trim() === '') return undefined;
  if (CONFLICT_MARKER.test(line)) {
    const remedy = 'the lines of both sides are used; delete the marker';
    return { what: 'git has left a conflict marker', remedy };
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const remedy = 'the others are used; delete it, or restore the file from a copy';
    return { what: 'the line is cut off or damaged', remedy };
  }
  const read = entry.safeParse(value);
  if (read.success) return read.data;
  const version = z.object({ v: z.number().min(JOURNAL_VERSION + 1) }).safeParse(value);
  if (version.success) {
    const what = `the line was written by a newer Crosstag (version ${version.data.v} of the journal)`;
    return { what, remedy: 'it is left out and kept; update Crosstag' };
  }
  const [issue] = read.error.issues;
  const what = `the line is none of a journal (${issue?.path.join('.') || 'action'}: ${issue?.message})`;
  return { what, remedy: 'the others are used; delete it, or restore the file from a copy' };
}
