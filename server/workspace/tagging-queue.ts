// Decides which sentences the model process tags next: those that are visible, then those around them, nearest first.
// It runs while something is left to tag; what changes (scrolling, a keystroke, a new model) starts the search afresh.
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc';
import type { Sentence, TextDocument } from '../text/types.ts';
import { type Suggestions, sentenceKey } from './suggestions.ts';
import { isUndecided } from './undecided.ts';

/** Tokens that go to the model process at once: few, so that scrolling does not wait for long. */
const CHUNK = 1000;

/** Longer sentences are not tagged: mostly files without blank lines, and memory grows with the length. */
export const LONGEST_SENTENCE = 2000;

/** UTF-16 units up to which all of a document is tagged, and tokens on either side of the visible lines otherwise. */
const SMALL_DOCUMENT = 2_000_000;
const NEIGHBOURHOOD = 20_000;

/** A document as the queue sees it. */
export interface Taggable {
  readonly text: TextDocument;
  /** Its model's answers; undefined while there is no model. */
  readonly suggestions: Suggestions | undefined;
}

/** Sends sentences to the model process. */
export type Tag = (
  suggestions: Suggestions,
  sentences: readonly (readonly string[])[],
  token: CancellationToken,
) => Promise<readonly Uint16Array[]>;

interface Batch<D> {
  readonly document: D;
  readonly suggestions: Suggestions;
  readonly sentences: readonly Sentence[];
  readonly visible: boolean;
}

/** What a person looks at in a document, and how far the search around it has come. */
interface Shown<D> {
  readonly document: D;
  first: number;
  end: number;
  /** Everything between the two has been tagged or skipped. */
  before: number;
  after: number;
}

/** A sentence that a person looks at outside of the document's own editor. */
export interface Looked<D> {
  readonly document: D;
  readonly index: number;
}

export interface TaggingEvents<D> {
  readonly tag: Tag;
  /** Sentences of a document have got suggestions; `visible`: some of those that a person looks at. */
  readonly tagged: (document: D, visible: boolean) => void;
  /** There is something to tag, or nothing any more. */
  readonly busy: (busy: boolean) => void;
  /** What the model process answers as an error; the queue then rests until something changes. */
  readonly failed: (error: unknown) => void;
}

export class TaggingQueue<D extends Taggable> {
  readonly #events: TaggingEvents<D>;
  /** Most recently shown first. */
  #documents: Shown<D>[] = [];
  /** By who shows them. */
  readonly #looked = new Map<string, readonly Looked<D>[]>();
  #inFlight: { readonly batch: Batch<D>; readonly source: CancellationTokenSource } | undefined;
  #running = false;
  #isWoken = false;

  constructor(events: TaggingEvents<D>) {
    this.#events = events;
  }

  /** Sentences [first, end) of a document are what a person looks at now. */
  show(document: D, first: number, end: number): void {
    this.#documents = this.#documents.filter((shown) => shown.document !== document);
    this.#documents.unshift({ document, first, end, before: first, after: end });
    this.wake();
  }

  /** A document was edited: `removed` sentences from `first` on became `inserted` ones. */
  edited(document: D, edit: { first: number; removed: number; inserted: number }): void {
    const shown = this.#documents.find((other) => other.document === document);
    if (shown === undefined) return;
    const shift = edit.inserted - edit.removed;
    if (edit.first < shown.first) shown.first = Math.max(edit.first, shown.first + shift);
    if (edit.first < shown.end) shown.end = Math.max(shown.first, shown.end + shift);
    startAfresh(shown);
    this.#search();
  }

  /** Single sentences that a person looks at, in a view of its own; those that it showed before count no more. */
  look(view: string, sentences: readonly Looked<D>[]): void {
    this.#looked.set(view, sentences);
    this.wake();
  }

  /** Whether sentences are being tagged. */
  get isBusy(): boolean {
    return this.#running || this.#isWoken;
  }

  forget(document: D): void {
    this.#documents = this.#documents.filter((shown) => shown.document !== document);
    for (const [view, sentences] of this.#looked) {
      this.#looked.set(
        view,
        sentences.filter((looked) => looked.document !== document),
      );
    }
  }

  /** Something may be left to tag, anywhere. */
  wake(): void {
    for (const shown of this.#documents) startAfresh(shown);
    this.#search();
  }

  /** Looks for what to tag, as soon as all changes of a notification are made: an editor sends thousands in one. */
  #search(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      if (!this.#running) void this.#run();
      else if (this.#inFlight?.batch.visible === false && this.#visibleBatch() !== undefined)
        this.#inFlight.source.cancel();
    });
  }

  async #run(): Promise<void> {
    let next = this.#next();
    if (next === undefined) return;
    this.#running = true;
    this.#events.busy(true);
    try {
      for (; next !== undefined; next = this.#next()) await this.#send(next);
      this.#events.busy(false);
    } catch (error) {
      this.#events.failed(error);
    } finally {
      this.#running = false;
    }
  }

  async #send(batch: Batch<D>): Promise<void> {
    const source = new CancellationTokenSource();
    this.#inFlight = { batch, source };
    const { document, suggestions, sentences } = batch;
    const { model } = suggestions;
    let isTagged = false;
    try {
      const words = sentences.map((sentence) => sentence.tokens.map((token) => token.form));
      const answers = await this.#events.tag(suggestions, words, source.token);
      // It may have learnt meanwhile: then it is asked again.
      if (suggestions.model !== model) return;
      for (const [i, sentence] of sentences.entries()) suggestions.put(sentence, answers[i]!);
      isTagged = true;
      this.#tell(batch);
    } catch (error) {
      if (!source.token.isCancellationRequested) throw error;
    } finally {
      // The search is past these sentences by now.
      const shown = this.#documents.find((other) => other.document === document);
      if (!isTagged && shown !== undefined) startAfresh(shown);
      this.#inFlight = undefined;
      source.dispose();
    }
  }

  /** Other documents may hold the same sentences, and a person may have scrolled since the batch was sent. */
  #tell({ document, suggestions, sentences }: Batch<D>): void {
    const tagged = new Set(sentences.map(sentenceKey));
    for (const shown of [...this.#documents]) {
      if (shown.document.suggestions !== suggestions) continue;
      const looked = shown.document.text.sentences.slice(shown.first, shown.end);
      const visible = looked.some((sentence) => tagged.has(sentenceKey(sentence)));
      if (visible || shown.document === document) this.#events.tagged(shown.document, visible);
    }
    const looked = [...this.#looked.values()].flat();
    const seen = new Set(looked.filter((one) => isAmong(one, tagged)).map((one) => one.document));
    for (const one of seen) if (one.suggestions === suggestions) this.#events.tagged(one, true);
  }

  #next(): Batch<D> | undefined {
    return this.#visibleBatch() ?? this.#backgroundBatch();
  }

  #lookedBatch(): Batch<D> | undefined {
    for (const sentences of this.#looked.values()) {
      const wanted = sentences.find(({ document, index }) => isWanted(document, index));
      if (wanted === undefined) continue;
      const batch = new BatchBuilder(wanted.document);
      for (const { document, index } of sentences) if (document === wanted.document && !batch.full) batch.add(index);
      return batch.build(true);
    }
    return undefined;
  }

  /** Visible sentences are tagged even where everything is decided: hovering shows what the model thinks of them. */
  #visibleBatch(): Batch<D> | undefined {
    for (const { document, first, end } of this.#documents) {
      const batch = new BatchBuilder(document);
      for (let i = first; i < Math.min(end, document.text.sentences.length) && !batch.full; i++) batch.add(i);
      if (!batch.empty) return batch.build(true);
    }
    return this.#lookedBatch();
  }

  #backgroundBatch(): Batch<D> | undefined {
    for (const shown of this.#documents) {
      const batch = new BatchBuilder(shown.document);
      const { sentences } = shown.document.text;
      const reach = reachOf(shown);
      while (!batch.full && (shown.after < reach.end || shown.before > reach.first)) {
        const forward =
          shown.after < reach.end &&
          (shown.after - shown.end <= shown.first - shown.before || shown.before <= reach.first);
        const index = forward ? shown.after++ : --shown.before;
        if (isUndecided(sentences[index]!)) batch.add(index);
      }
      if (!batch.empty) return batch.build(false);
    }
    return undefined;
  }
}

/** The search goes out from the visible sentences once more. */
function startAfresh(shown: Shown<unknown>): void {
  shown.before = shown.first;
  shown.after = shown.end;
}

/** The undecided ones of sentences [first, end) of a document that have no answer yet, in batches for the model process. */
export function* undecidedBatches(
  document: Taggable,
  first = 0,
  end = document.text.sentences.length,
): Generator<readonly Sentence[]> {
  const { sentences } = document.text;
  for (let at = first; at < end; ) {
    const batch = new BatchBuilder(document);
    for (; at < end && !batch.full; at++) if (isUndecided(sentences[at]!)) batch.add(at);
    if (!batch.empty) yield batch.build(false).sentences;
    if (document.suggestions === undefined) return;
  }
}

/** Collects the sentences of a document that still want an answer. */
class BatchBuilder<D extends Taggable> {
  readonly #document: D;
  readonly #sentences: Sentence[] = [];
  #tokens = 0;

  constructor(document: D) {
    this.#document = document;
  }

  get empty(): boolean {
    return this.#sentences.length === 0;
  }

  get full(): boolean {
    return this.#tokens >= CHUNK || this.#document.suggestions === undefined;
  }

  add(index: number): void {
    if (!isWanted(this.#document, index)) return;
    const sentence = this.#document.text.sentences[index]!;
    this.#sentences.push(sentence);
    this.#tokens += sentence.tokens.length;
  }

  build(visible: boolean): Batch<D> {
    const suggestions = this.#document.suggestions!;
    return { document: this.#document, suggestions, sentences: this.#sentences, visible };
  }
}

function isAmong({ document, index }: Looked<Taggable>, keys: ReadonlySet<number>): boolean {
  const sentence = document.text.sentences[index];
  return sentence !== undefined && keys.has(sentenceKey(sentence));
}

/** Whether a sentence can be tagged and has no answer yet. */
function isWanted({ text, suggestions }: Taggable, index: number): boolean {
  const sentence = text.sentences[index];
  const length = sentence?.tokens.length ?? 0;
  return sentence !== undefined && length > 0 && length <= LONGEST_SENTENCE && suggestions?.has(sentence) === false;
}

/** Sentences [first, end) of a document that are tagged unasked: all of a small one, else those near the visible lines. */
function reachOf({ document, first, end }: Shown<Taggable>): { first: number; end: number } {
  const { sentences } = document.text;
  const reach = { first, end: Math.min(end, sentences.length) };
  const most = document.text.offsetOf(sentences.length) <= SMALL_DOCUMENT ? Number.POSITIVE_INFINITY : NEIGHBOURHOOD;
  for (let tokens = 0; reach.first > 0 && tokens < most; reach.first--)
    tokens += sentences[reach.first - 1]!.tokens.length;
  for (let tokens = 0; reach.end < sentences.length && tokens < most; reach.end++)
    tokens += sentences[reach.end]!.tokens.length;
  return reach;
}
