// What the lines of all journals of a folder say, by file and sentence.
import { byTime, type SentenceDecisions, sumUp } from './decisions.ts';
import {
  isLabelEntry,
  type JournalEntry,
  type LabelEntry,
  type MarkEntry,
  type RenamedEntry,
  type SentenceAddress,
} from './entry.ts';

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

/** The lines with the names that files have now. */
interface Placed {
  readonly entries: JournalEntry[];
  readonly files: Map<string, FileRecord>;
}

export class JournalIndex {
  readonly #ids = new Set<string>();
  readonly #dropped = new Set<string>();
  /** As they were written. */
  readonly #lines: JournalEntry[] = [];
  /** In the order in which it was done. */
  #renames: readonly RenamedEntry[] = [];
  /** What annotators began to label, with the times. */
  readonly #opened = new Map<string, string[]>();
  /** Undefined where files were renamed since it was made. */
  #placed: Placed | undefined = { entries: [], files: new Map() };
  #hasLabels = false;

  /** Number of lines. */
  get size(): number {
    return this.#ids.size;
  }

  /** Takes a line that was read or written; one that is known (git has copied it) changes nothing. */
  take(entry: JournalEntry): void {
    if (this.#ids.has(entry.id)) return;
    this.#ids.add(entry.id);
    this.#lines.push(entry);
    if (isLabelEntry(entry)) this.#hasLabels = true;
    if (entry.action === 'opened') this.#takeOpened(entry);
    if (entry.action === 'renamed') {
      this.#renames = [...this.#renames, entry].sort(byTime);
      this.#placed = undefined;
    } else if (this.#placed !== undefined) this.#place(entry, this.#placed);
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

  /** Files with lines about labels that held this content when somebody last marked them (`MarkEntry`). */
  filesWith(content: string): string[] {
    const had = ({ hashes, marks }: FileRecord) =>
      hashes.size > 0 && [...marks.values()].some((mark) => mark.content === content);
    return [...this.#files].flatMap(([file, record]) => (had(record) ? [file] : []));
  }

  /**
   * All lines that count, those of each annotator in their order, with the names that files have now; without those about
   * files in whose place another one was renamed.
   */
  entries(): JournalEntry[] {
    return this.#upToDate().entries.filter(({ id }) => !this.#dropped.has(id));
  }

  get #files(): ReadonlyMap<string, FileRecord> {
    return this.#upToDate().files;
  }

  #upToDate(): Placed {
    if (this.#placed === undefined) {
      const placed: Placed = { entries: [], files: new Map() };
      for (const line of this.#lines) this.#place(line, placed);
      this.#placed = placed;
    }
    return this.#placed;
  }

  #place(line: JournalEntry, { entries, files }: Placed): void {
    const entry = this.#renames.length > 0 && 'file' in line ? this.#named(line) : line;
    if (entry === undefined) return;
    entries.push(entry);
    if (isLabelEntry(entry)) takeLabels(entry, recordOf(files, entry.file));
    else if (entry.action === 'opened' || entry.action === 'saved') {
      const { marks } = recordOf(files, entry.file);
      const newest = marks.get(entry.by);
      if (newest === undefined || newest.at <= entry.at) marks.set(entry.by, entry);
    } else if (entry.action === 'dropped') {
      for (const id of entry.ids) this.#dropped.add(id);
      for (const { sentences } of files.values()) {
        for (const record of sentences.values()) record.decisions = undefined;
      }
    }
  }

  #takeOpened({ file, by, at }: MarkEntry): void {
    const key = openedKey(file, by);
    this.#opened.set(key, [...(this.#opened.get(key) ?? []), at]);
    // Other lines may be about another file than it seemed.
    if (this.#renames.some(({ from }) => isIn(file, from))) this.#placed = undefined;
  }

  /** A line with the name that its file has now; undefined: another file was renamed to it and has taken its place. */
  #named<E extends JournalEntry & { readonly file: string }>(line: E): E | undefined {
    let name = line.file;
    for (const rename of this.#renames) {
      const { at, from, to } = rename;
      if (at > line.at) {
        if (isIn(name, from)) name = to + name.slice(from.length);
        else if (isIn(name, to) && !this.#isRepeated(rename, name)) return undefined;
      } else if (isIn(line.file, to)) name = line.file;
      // Whoever works on a branch may not know yet that it was renamed; whoever does opens a new file.
      else if (isIn(name, from) && (name !== line.file || !this.#hasOpened(line, at)))
        name = to + name.slice(from.length);
    }
    return name === line.file ? line : { ...line, file: name };
  }

  /** Whether the annotator of a line has begun to label its file between `since` and the line. */
  #hasOpened({ file, by, at }: { readonly file: string; readonly by: string; readonly at: string }, since: string) {
    return this.#opened.get(openedKey(file, by))?.some((time) => time > since && time <= at) ?? false;
  }

  /**
   * Whether the file came to its name by that very rename before: on two branches, or once alone and once with its folder. The
   * second time nothing comes in its place.
   */
  #isRepeated({ id, at, by, from, to }: RenamedEntry, name: string): boolean {
    const before = this.#renames.slice(
      0,
      this.#renames.findIndex((other) => other.id === id),
    );
    const isNew = (file: string, since: string) => this.#hasOpened({ file, by, at }, since);
    const first = before.findLast((other) => other.from === from || other.to === from);
    if (first?.from === from && first.to === to && !isNew(from, first.at)) return true;
    return before.some((other) => {
      const isPart = isIn(other.from, from) && to + other.from.slice(from.length) === other.to;
      const isWhole = isIn(from, other.from) && other.to + from.slice(other.from.length) === to;
      return (isPart || isWhole) && isIn(name, other.to) && !isNew(isPart ? other.from : from, other.at);
    });
  }

  #sumUp(record: SentenceRecord): SentenceDecisions | undefined {
    if (!record.isSorted) record.entries.sort(byTime);
    record.isSorted = true;
    record.decisions ??= sumUp(record.entries.filter(({ id }) => !this.#dropped.has(id)));
    const { decisions } = record;
    return decisions.tokens.length === 0 && decisions.reviewed === undefined ? undefined : decisions;
  }
}

function openedKey(file: string, annotator: string): string {
  return `${annotator}\n${file}`;
}

/** Whether `name` is this file or folder, or in it. */
function isIn(name: string, folder: string): boolean {
  return name === folder || name.startsWith(`${folder}/`);
}

function recordOf(files: Map<string, FileRecord>, file: string): FileRecord {
  let record = files.get(file);
  if (record === undefined) {
    record = { sentences: new Map(), hashes: new Set(), words: new Set(), marks: new Map() };
    files.set(file, record);
  }
  return record;
}

function takeLabels(entry: LabelEntry, { sentences, hashes, words }: FileRecord): void {
  const { file, sentence, nth } = entry;
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
