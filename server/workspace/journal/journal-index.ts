// What the lines of all journals of a folder say, by file and sentence.
import { byTime, type SentenceDecisions, sumUp } from './decisions.ts';
import { isLabelEntry, type JournalEntry, type LabelEntry, type MarkEntry, type SentenceAddress } from './entry.ts';

/** What is known of one address. */
interface SentenceRecord extends SentenceAddress {
  readonly entries: LabelEntry[];
  isSorted: boolean;
  decisions: SentenceDecisions | undefined;
}

interface FileRecord {
  /** By `sentence/nth`. */
  readonly sentences: Map<string, SentenceRecord>;
  readonly hashes: Set<string>;
  /** First words of its sentences; undefined among them: any. */
  readonly words: Set<string | undefined>;
  /** Annotator -> his newest mark. */
  readonly marks: Map<string, MarkEntry>;
}

export class JournalIndex {
  readonly #ids = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #entries: JournalEntry[] = [];
  readonly #files = new Map<string, FileRecord>();
  #hasLabels = false;

  /** Number of lines. */
  get size(): number {
    return this.#ids.size;
  }

  /** Takes a line that was read or written; one that is known (git has copied it) changes nothing. */
  take(entry: JournalEntry): void {
    if (this.#ids.has(entry.id)) return;
    this.#ids.add(entry.id);
    this.#entries.push(entry);
    if (isLabelEntry(entry)) this.#takeLabels(entry);
    else if (entry.action === 'opened' || entry.action === 'saved') {
      const { marks } = this.#file(entry.file);
      const newest = marks.get(entry.by);
      if (newest === undefined || newest.at <= entry.at) marks.set(entry.by, entry);
    } else if (entry.action === 'dropped') {
      for (const id of entry.ids) this.#dropped.add(id);
      for (const { sentences } of this.#files.values()) {
        for (const record of sentences.values()) record.decisions = undefined;
      }
    }
  }

  /** What is decided of a sentence; undefined where nothing is. */
  sentence({ file, sentence, nth }: SentenceAddress): SentenceDecisions | undefined {
    const record = this.#files.get(file)?.sentences.get(`${sentence}/${nth}`);
    return record && this.#sumUp(record);
  }

  /** Whether there are lines about labels at all. */
  get hasLabels(): boolean {
    return this.#hasLabels;
  }

  /** Whether there are lines about labels in this file; `sentence`: of a sentence with these words. */
  has(file: string, sentence?: string): boolean {
    const hashes = this.#files.get(file)?.hashes;
    return hashes !== undefined && (sentence === undefined ? hashes.size > 0 : hashes.has(sentence));
  }

  /** Whether a sentence that begins with this text may be one that lines of the file speak of. */
  mayKnow(file: string, text: string): boolean {
    const words = this.#files.get(file)?.words;
    if (words === undefined || words.has(undefined)) return words !== undefined;
    const run = /^\s*(\S*)/.exec(text)![1]!;
    for (let end = 1; end <= run.length; end++) if (words.has(run.slice(0, end))) return true;
    return false;
  }

  /** The sentences of a file that lines speak of, with what is decided. */
  *sentences(file: string): Generator<{ address: SentenceAddress; decisions: SentenceDecisions }> {
    for (const record of this.#files.get(file)?.sentences.values() ?? []) {
      const decisions = this.#sumUp(record);
      if (decisions !== undefined) yield { address: record, decisions };
    }
  }

  /** The newest mark of an annotator on a file. */
  mark(file: string, annotator: string): MarkEntry | undefined {
    return this.#files.get(file)?.marks.get(annotator);
  }

  files(): string[] {
    return [...this.#files.keys()];
  }

  /** All lines that count, those of each annotator in their order. */
  entries(): JournalEntry[] {
    return this.#entries.filter(({ id }) => !this.#dropped.has(id));
  }

  annotators(): string[] {
    return [...new Set(this.#entries.map(({ by }) => by))].sort();
  }

  #file(file: string): FileRecord {
    let record = this.#files.get(file);
    if (record === undefined) {
      record = { sentences: new Map(), hashes: new Set(), words: new Set(), marks: new Map() };
      this.#files.set(file, record);
    }
    return record;
  }

  #takeLabels(entry: LabelEntry): void {
    const { file, sentence, nth } = entry;
    const { sentences, hashes, words } = this.#file(file);
    this.#hasLabels = true;
    hashes.add(sentence);
    words.add(entry.word);
    const key = `${sentence}/${nth}`;
    let record = sentences.get(key);
    if (record === undefined) {
      record = { file, sentence, nth, entries: [], isSorted: true, decisions: undefined };
      sentences.set(key, record);
    }
    const newest = record.entries.at(-1);
    if (newest !== undefined && byTime(newest, entry) > 0) record.isSorted = false;
    record.entries.push(entry);
    record.decisions = undefined;
  }

  #sumUp(record: SentenceRecord): SentenceDecisions | undefined {
    if (!record.isSorted) record.entries.sort(byTime);
    record.isSorted = true;
    record.decisions ??= sumUp(record.entries.filter(({ id }) => !this.#dropped.has(id)));
    const { decisions } = record;
    return decisions.tokens.length === 0 && decisions.reviewed === undefined ? undefined : decisions;
  }
}
