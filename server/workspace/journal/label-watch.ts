// Sees changes of labels that no journal line explains: typed into the file, undone, redone, or by a quick fix.
import { isAnnotated, type Sentence, UNDECIDED } from '../../text/index.ts';
import type { OpenDocument } from '../documents.ts';
import { type DocumentJournal, sentenceHash } from './document-journal.ts';
import type { SentenceAddress } from './entry.ts';

type Tags = readonly (string | undefined)[];

export interface LabelChange {
  /** Index of the sentence. */
  readonly sentence: number;
  readonly before: Tags;
  readonly after: Tags;
  /** The sentence as it was. */
  readonly was: Sentence;
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
  #expected: Expected[] = [];

  constructor(document: OpenDocument, journal: DocumentJournal) {
    this.#document = document;
    this.#journal = journal;
    this.#known = [...document.text.sentences];
  }

  /** A line says that sentence `index` gets these tags. */
  expect(id: string, index: number, tags: Tags): void {
    const like = this.#document.text.sentences[index]!;
    const address = this.#journal.address(index);
    const expected = { id, address, like, tags: this.#asFile(tags), since: performance.now(), isApplied: false };
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

  /** The document has changed: is that what was expected? */
  changed(): void {
    for (const expected of this.#expected) if (!expected.isApplied) this.#check(expected);
  }

  /** Everything is known as it stands. */
  reset(): void {
    this.#known = [...this.#document.text.sentences];
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
    const changes = this.#changes(sentences);
    const late = performance.now() - patience;
    const lost = this.#expected.filter(({ isApplied, since }) => !isApplied && since <= late).map(({ id }) => id);
    this.#expected = this.#expected.filter(({ isApplied, since }) => !isApplied && since > late);
    this.#known = [...sentences];
    return { changes, lost };
  }

  /** The same for some sentences alone: what comes next in a line of theirs must come after it. */
  takeOf(wanted: ReadonlySet<number>): LabelChange[] {
    const { sentences } = this.#document.text;
    const changes = this.#changes(sentences).filter(({ sentence }) => wanted.has(sentence));
    for (const { sentence, was } of changes) this.#known[this.#known.indexOf(was)] = sentences[sentence]!;
    return changes;
  }

  /** These changes could not be written down: they are taken once more. */
  putBack(changes: readonly LabelChange[]): void {
    const { sentences } = this.#document.text;
    for (const { sentence, was } of changes) {
      const index = this.#known.indexOf(sentences[sentence]!);
      if (index >= 0) this.#known[index] = was;
    }
  }

  #changes(now: readonly Sentence[]): LabelChange[] {
    const [old, changes] = [this.#known, [] as LabelChange[]];
    const most = Math.min(old.length, now.length);
    let start = 0;
    while (start < most && old[start] === now[start]) start++;
    let same = 0;
    while (same < most - start && old[old.length - 1 - same] === now[now.length - 1 - same]) same++;
    const before = new Map<string, Sentence[]>();
    for (const sentence of old.slice(start, old.length - same)) {
      if (sentence.tokens.length === 0) continue;
      const hash = sentenceHash(sentence);
      const others = before.get(hash);
      if (others === undefined) before.set(hash, [sentence]);
      else others.push(sentence);
    }
    const applied = this.#expected.filter(({ isApplied }) => isApplied);
    for (let i = start; i < now.length - same; i++) {
      const sentence = now[i]!;
      const was = sentence.tokens.length === 0 ? undefined : before.get(sentenceHash(sentence))?.shift();
      // A sentence with other words is another one: its labels came with it.
      if (was === undefined || was === sentence) continue;
      const after = sentence.tokens.map(({ label }) => label);
      const last = applied.length === 0 ? undefined : this.#lastOf(applied, i);
      const tags = last?.tags ?? was.tokens.map(({ label }) => label);
      if (after.some((tag, t) => tag !== tags[t])) changes.push({ sentence: i, before: tags, after, was });
    }
    return changes;
  }

  #lastOf(applied: readonly Expected[], index: number): Expected | undefined {
    const { sentence, nth } = this.#journal.address(index);
    return applied.findLast(({ address }) => address.sentence === sentence && address.nth === nth);
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

  #asFile(tags: Tags): Tags {
    return isAnnotated(this.#document.text) ? tags.map((tag) => (tag === 'O' ? undefined : tag)) : tags;
  }
}

/** Tags as a journal line holds them. */
export function written(tags: Tags): string[] {
  return tags.map((tag) => tag ?? UNDECIDED);
}
