// The sentences of the project's documents, as much of each as choosing the next one asks for.
import { setImmediate as pause } from 'node:timers/promises';
import { contentHash, type Sentence } from '../text/index.ts';
import { OpenDocument } from '../workspace/documents.ts';
import { sentenceHash } from '../workspace/journal/index.ts';
import type { Settings } from '../workspace/settings.ts';
import { LONGEST_SENTENCE } from '../workspace/tagging-queue.ts';
import type { Measures } from './acquisition/index.ts';
import { isHeldOut } from './holdout.ts';

/** Characters that are parsed at a time, a few milliseconds of work: what people ask for meanwhile is answered between. */
const SLICE = 16_000;
/** Sentences that are looked at between two pauses where the text is parsed already. */
const RUN = 200;
/** Sentences that are numbered between two pauses. */
const NUMBERED = 5000;

const LINE = /\n/g;
const PARAGRAPH = /\n\r?\n/g;

type Tags = readonly (string | undefined)[];

export class PoolSentence {
  /** URI of its file. */
  readonly uri: string;
  readonly hash: string;
  /** Which of the sentences with this hash in its file it is, from 0. */
  nth = 0;
  readonly tokens: number;
  /** Index at which it stands among the sentences of its file, those without tokens counted. */
  near = 0;
  /** Where chance puts it, 0 to 2^32: its words decide. */
  readonly chance: number;
  /** Kept for measuring: shown by chance, never chosen. */
  readonly heldOut: boolean;
  /** Somebody is done with it, whatever stands in it. */
  reviewed = false;
  /** Somebody has decided some of it here: it is learnt from. */
  human = false;
  /** When somebody has last decided some of it here, ISO 8601; empty: never. */
  decided = '';
  /** Its tags, undefined where nobody has decided; undefined as a whole where nothing is decided. */
  tags: Tags | undefined;
  measures: Measures | undefined;
  /** For a committee: tags by models of several rounds, the oldest first, with their versions. */
  votes: readonly { readonly version: number; readonly tags: readonly string[] }[] = [];
  /** Uncertainty by the last measure, which outlives the measures themselves; undefined: it has never been measured. */
  worth: number | undefined;
  /** Model version that has measured it. */
  version = -1;
  readonly #text: string;

  /** @param holdout share of the sentences that is kept for measuring */
  constructor(
    uri: string,
    words: readonly string[],
    tags: Tags | undefined,
    holdout: number,
    hash: string = contentHash(words),
  ) {
    this.uri = uri;
    this.hash = hash;
    this.tokens = words.length;
    this.chance = Number.parseInt(this.hash.slice(0, 8), 16);
    this.heldOut = isHeldOut(this.hash, holdout);
    this.tags = tags;
    // One flat string: a hundred thousand sentences keep no parsed files alive.
    this.#text = words.join('\n');
  }

  get words(): string[] {
    return this.#text.split('\n');
  }

  get isOpen(): boolean {
    return !this.reviewed && (this.tags === undefined || this.tags.includes(undefined));
  }
}

/** Adds a sentence, unless it has no tokens or is too long to be tagged. */
function add(
  read: PoolSentence[],
  { uri, tags, sentence, near }: { uri: string; tags: Tags; sentence: Sentence; near: number },
  holdout: number,
): void {
  const { tokens } = sentence;
  if (tokens.length === 0 || tokens.length > LONGEST_SENTENCE) return;
  const words = tokens.map(({ form }) => form);
  const added = new PoolSentence(uri, words, unlessEmpty(tags), holdout, sentenceHash(sentence));
  added.near = near;
  read.push(added);
}

/** Undefined where no tag is decided. */
export function unlessEmpty(tags: Tags): Tags | undefined {
  return tags.some((tag) => tag !== undefined) ? tags : undefined;
}

/**
 * The sentences of a document that is open in the editor; other work goes on between.
 * @returns undefined where an edit meanwhile makes it necessary to begin again
 */
export async function readOpen(document: OpenDocument, holdout: number): Promise<PoolSentence[] | undefined> {
  const { uri, version, text } = document;
  const isAsBefore = () => document.version === version && document.text === text;
  const read: PoolSentence[] = [];
  for (let near = 0; near < text.sentences.length; near++) {
    if (near % RUN === RUN - 1) await pause();
    if (!isAsBefore()) return undefined;
    add(read, { uri, tags: document.tagsOf(near), sentence: text.sentences[near]!, near }, holdout);
  }
  const sentences = await numbered(read);
  return isAsBefore() ? sentences : undefined;
}

export interface PoolFile {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
}

/**
 * The sentences of a file, parsed in slices with pauses between. The labels of raw text stand elsewhere: here it has none.
 * @returns them, and the document of the first slice with a label, which tells the task, or else of the first one
 */
export async function readFile(
  { uri, languageId, text }: PoolFile,
  settings: Settings,
  holdout: number,
): Promise<{ sentences: PoolSentence[]; sample: OpenDocument }> {
  const read: PoolSentence[] = [];
  let sample: OpenDocument | undefined;
  let isLabelled = false;
  const part = (start: number, end: number) => ({ uri, languageId, version: 0, text: text.slice(start, end) });
  const { format } = new OpenDocument(part(0, endOfSlice(text, 0, LINE)), settings).text;
  const separator = format === 'txt' || format === 'jsonl' ? LINE : PARAGRAPH;
  let near = 0;
  for (let start = 0; start < text.length || sample === undefined; ) {
    const end = endOfSlice(text, start, separator);
    const slice = new OpenDocument(part(start, end), { ...settings, format });
    if (sample === undefined || !isLabelled) {
      isLabelled = slice.text.sentences.some(({ tokens }) => tokens.some(({ label }) => label !== undefined));
      if (sample === undefined || isLabelled) sample = slice;
    }
    for (const sentence of slice.text.sentences) {
      const tags = sentence.tokens.map(({ label }) => label);
      add(read, { uri, tags, sentence, near: near++ }, holdout);
    }
    start = Math.max(end, start + 1);
    await pause();
  }
  return { sentences: await numbered(read), sample };
}

/** Behind the first end of a paragraph, or of a line, from `SLICE` characters on. */
function endOfSlice(text: string, start: number, separator: RegExp): number {
  separator.lastIndex = start + SLICE;
  return separator.exec(text) === null ? text.length : separator.lastIndex;
}

/** Counts the sentences of a file that have the same words. */
async function numbered(sentences: PoolSentence[]): Promise<PoolSentence[]> {
  const counts = new Map<string, number>();
  for (const [i, sentence] of sentences.entries()) {
    if (i % NUMBERED === NUMBERED - 1) await pause();
    sentence.nth = counts.get(sentence.hash) ?? 0;
    counts.set(sentence.hash, sentence.nth + 1);
  }
  return sentences;
}
