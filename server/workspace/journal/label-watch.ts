// Sees changes of labels that no journal line explains: typed into the file, undone, redone, or by a quick fix.
import { type Sentence, UNDECIDED } from '../../text/index.ts';
import type { OpenDocument } from '../documents.ts';
import { type DocumentJournal, sameWords, sentenceHash } from './document-journal.ts';
import { ends } from './ends.ts';
import type { SentenceAddress } from './entry.ts';

type Tags = readonly (string | undefined)[];

export interface LabelChange {
  readonly address: SentenceAddress;
  readonly sentence: Sentence;
  readonly before: Tags;
  readonly after: Tags;
  /** The sentence as it was. */
  readonly was: Sentence;
}

/** Sentences that an edit has put in the place of others: more than labels is different. */
export interface Rewording {
  /** All sentences as they were. */
  readonly before: readonly Sentence[];
  /** The first that is different, before and after. */
  readonly first: number;
  readonly gone: readonly Sentence[];
  readonly come: readonly Sentence[];
}

/** The sentences with some words, after one or more of them have come or gone. */
export interface Renumbering {
  readonly like: Sentence;
  /** How many there were. */
  readonly count: number;
  /** Where they stand now. */
  readonly now: readonly number[];
  /** Which of the old ones each of them is; undefined: a new one. */
  readonly from: readonly (number | undefined)[];
}

/** A sentence, and the one with its words that was known; undefined: its words are new. */
interface Match {
  readonly index: number;
  readonly was: Sentence | undefined;
}

/** An edit whose line is written and which the editor is to apply. */
interface Expected {
  readonly id: string;
  readonly address: SentenceAddress;
  readonly like: Sentence;
  readonly tags: Tags;
  /** Milliseconds. */
  readonly since: number;
  isApplied: boolean;
}

export class LabelWatch {
  readonly #document: OpenDocument;
  readonly #journal: DocumentJournal;
  #known: Sentence[];
  /** The sentences after the last change. */
  #last: readonly Sentence[];
  #expected: Expected[] = [];

  /** @param known the sentences whose labels need no line */
  constructor(document: OpenDocument, journal: DocumentJournal, known: readonly Sentence[]) {
    this.#document = document;
    this.#journal = journal;
    this.#last = [...document.text.sentences];
    this.#known = [...known];
  }

  /** A line says that sentence `index` gets these tags. */
  expect(id: string, index: number, tags: Tags): void {
    const like = this.#document.text.sentences[index]!;
    const address = this.#journal.address(index);
    const inFile = tags.map((tag) => this.#journal.asFile(tag));
    const expected = { id, address, like, tags: inFile, since: performance.now(), isApplied: false };
    this.#expected.push(expected);
    // What the file cannot say is there as soon as the journal says it.
    this.#check(expected);
  }

  /** Ids of lines whose edits are on their way. */
  get onTheWay(): string[] {
    return this.#expected.filter(({ isApplied }) => !isApplied).map(({ id }) => id);
  }

  /** These edits will not come. */
  drop(ids: ReadonlySet<string>): void {
    this.#expected = this.#expected.filter(({ id }) => !ids.has(id));
  }

  /** The document has changed: is that what was expected? @returns undefined where nothing but labels is different */
  changed(): Rewording | undefined {
    for (const expected of this.#expected) if (!expected.isApplied) this.#check(expected);
    const before = this.#last;
    const now = [...this.#document.text.sentences];
    this.#last = now;
    const { start, same } = ends(before, now, sameWords);
    const [gone, come] = [before.slice(start, before.length - same), now.slice(start, now.length - same)];
    return gone.length + come.length === 0 ? undefined : { before, first: start, gone, come };
  }

  /** Everything is known as it stands. */
  reset(): void {
    this.#last = [...this.#document.text.sentences];
    this.#known = [...this.#last];
    this.#expected = [];
  }

  /** Whether labels may have changed since they were last taken. */
  get mayHaveChanged(): boolean {
    const { sentences } = this.#document.text;
    return (
      this.#expected.length > 0 ||
      sentences.length !== this.#known.length ||
      sentences.some((sentence, i) => sentence !== this.#known[i])
    );
  }

  /**
   * The changes of labels that no line explains; from then on they are known.
   * @param patience milliseconds that an edit may be on its way
   * @returns `lost`: ids of lines whose edits have not come
   */
  take(patience: number): { changes: LabelChange[]; lost: string[] } {
    const { sentences } = this.#document.text;
    const changes = this.#changes(sentences, this.#matches(sentences), (index) => this.#journal.address(index));
    const late = performance.now() - patience;
    const lost = this.#expected.filter(({ isApplied, since }) => !isApplied && since <= late).map(({ id }) => id);
    this.#expected = this.#expected.filter(({ isApplied, since }) => !isApplied && since > late);
    this.#known = [...sentences];
    return { changes, lost };
  }

  /**
   * The same for some sentences alone: what comes next in a line of theirs must come after it. Those with new words are
   * known as they stand: what changes in them from then on did not come with them.
   */
  takeOf(wanted: ReadonlySet<number>): LabelChange[] {
    const { sentences } = this.#document.text;
    const matches = this.#matches(sentences).filter(({ index }) => wanted.has(index));
    return this.#take(sentences, matches, (index) => this.#journal.address(index));
  }

  /** The same for sentences that are no longer there: in the next pause nobody could look at them. */
  takeGone({ before, first, gone, come }: Rewording): LabelChange[] {
    const there = new Map<string, number>();
    const count = (sentence: Sentence, by: number) => {
      const left = there.get(sentenceHash(sentence)) ?? 0;
      there.set(sentenceHash(sentence), left + by);
      return left;
    };
    for (const sentence of come) count(sentence, 1);
    const isGone = gone.map((sentence) => count(sentence, -1) <= 0);
    const matches = this.#matches(before).filter(({ index, was }) => was !== undefined && isGone[index - first]);
    return this.#take(before, matches, (index) => this.#journal.addressOfGone(gone, index - first, first));
  }

  /** Sentences with the same words have other numbers now; the labels of new ones came with them. */
  shifted(all: readonly Renumbering[]): void {
    const before = this.#known;
    const places = this.#journal.alike(
      all.map(({ like }) => like),
      before,
    );
    for (const { like, count, now, from } of all) {
      const hash = sentenceHash(like);
      this.#expected = this.#expected.filter(({ address }) => address.sentence !== hash);
      const old = places.get(hash)!.map((index) => before[index]!);
      if (old.length !== count) continue;
      const gone = new Set(old);
      this.#known = this.#known.filter((sentence) => !gone.has(sentence));
      for (const [nth, index] of now.entries()) {
        const was = from[nth] === undefined ? this.#document.text.sentences[index]! : old[from[nth]]!;
        this.#known.splice(Math.min(index, this.#known.length), 0, was);
      }
    }
  }

  /** These changes could not be written down: they are taken once more. */
  putBack(changes: readonly LabelChange[]): void {
    for (const { sentence, was } of changes) {
      const index = this.#known.indexOf(sentence);
      if (index >= 0) this.#known[index] = was;
    }
  }

  #take(
    sentences: readonly Sentence[],
    matches: readonly Match[],
    addressOf: (index: number) => SentenceAddress,
  ): LabelChange[] {
    const changes = this.#changes(sentences, matches, addressOf);
    for (const { index, was } of matches) {
      const at = was === undefined ? Math.min(index, this.#known.length) : this.#known.indexOf(was);
      this.#known.splice(at, was === undefined ? 0 : 1, sentences[index]!);
    }
    // What comes after that is no longer compared with what was expected before.
    const isTaken = ({ address, isApplied }: Expected) =>
      isApplied && changes.some((change) => isSame(change.address, address));
    this.#expected = this.#expected.filter((expected) => !isTaken(expected));
    return changes;
  }

  /** The sentences that are not known as they stand. */
  #matches(now: readonly Sentence[]): Match[] {
    const old = this.#known;
    const { start, same } = ends(old, now, (a, b) => a === b);
    // The very same ones first: of those with the same words another one may have come or gone.
    const there = new Set(now.slice(start, now.length - same));
    const both = new Set(old.slice(start, old.length - same).filter((sentence) => there.has(sentence)));
    const before = new Map<string, Sentence[]>();
    for (const sentence of old.slice(start, old.length - same)) {
      if (sentence.tokens.length === 0 || both.has(sentence)) continue;
      const hash = sentenceHash(sentence);
      const others = before.get(hash);
      if (others === undefined) before.set(hash, [sentence]);
      else others.push(sentence);
    }
    const matches: Match[] = [];
    for (let index = start; index < now.length - same; index++) {
      const sentence = now[index]!;
      if (sentence.tokens.length === 0 || both.has(sentence)) continue;
      matches.push({ index, was: before.get(sentenceHash(sentence))?.shift() });
    }
    return matches;
  }

  #changes(
    sentences: readonly Sentence[],
    matches: readonly Match[],
    addressOf: (index: number) => SentenceAddress,
  ): LabelChange[] {
    const applied = this.#expected.filter(({ isApplied }) => isApplied);
    return matches.flatMap(({ index, was }) => {
      // A sentence with other words is another one: its labels came with it.
      if (was === undefined) return [];
      const sentence = sentences[index]!;
      const after = sentence.tokens.map(({ label }) => label);
      const address = addressOf(index);
      const last = applied.findLast((expected) => isSame(expected.address, address));
      const before = last?.tags ?? was.tokens.map(({ label }) => label);
      return after.some((tag, t) => tag !== before[t]) ? [{ address, sentence, before, after, was }] : [];
    });
  }

  #check(expected: Expected): void {
    const index = this.#journal.find(expected.address, expected.like);
    if (index === undefined) return;
    const sentence = this.#document.text.sentences[index]!;
    expected.isApplied = sentence.tokens.every(({ label }, t) => label === expected.tags[t]);
    // It is known from now on: undo may bring back the very sentence that was.
    const known = expected.isApplied ? this.#known.indexOf(expected.like) : -1;
    if (known >= 0) this.#known[known] = sentence;
  }
}

function isSame(a: SentenceAddress, b: SentenceAddress): boolean {
  return a.sentence === b.sentence && a.nth === b.nth;
}

/** Tags as a journal line holds them. */
export function written(tags: Tags): string[] {
  return tags.map((tag) => tag ?? UNDECIDED);
}
