// The journal of a workspace folder: what every annotator has decided, in `.crosstag/journal/<annotator>.jsonl`.
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../text/index.ts';
import { disk } from '../disk.ts';
import { journalFileName } from './annotator.ts';
import { Appender } from './appender.ts';
import type { SentenceDecisions } from './decisions.ts';
import { type EntryDraft, JOURNAL_VERSION, type JournalEntry, type MarkEntry, type SentenceAddress } from './entry.ts';
import { JournalIndex } from './journal-index.ts';
import { goesOn, type ReadPosition, readEntries, START } from './read.ts';
import { RUN } from './run.ts';

export function journalFolder(workspace: string): string {
  return join(workspace, '.crosstag', 'journal');
}

export interface JournalOptions {
  /** A line that cannot be used, or a file that cannot be read; each once. */
  readonly problem: (problem: InputError) => void;
}

/** Milliseconds: a line from further in the future comes from a wrong clock, which ours does not follow. */
const DAY = 86_400_000;

export class Journal {
  readonly folder: string;
  readonly #options: JournalOptions;
  readonly #appenders = new Map<string, Appender>();
  readonly #appending = new Set<Promise<unknown>>();
  /** Lines that are being written. */
  readonly #waiting = new Set<JournalEntry>();
  readonly #reported = new Set<string>();
  #positions = new Map<string, ReadPosition>();
  #index = new JournalIndex();
  /** Lines that may be on the disk although their caller was told that they are not. */
  #refused: string[] = [];
  /** Milliseconds since 1970: no line gets an earlier time than the one before it, even where a clock is set back. */
  #last = 0;
  #reading: Promise<unknown> = Promise.resolve();

  /** @param workspace the workspace folder */
  constructor(workspace: string, options: JournalOptions) {
    this.folder = journalFolder(workspace);
    this.#options = options;
  }

  /**
   * Reads what has been written since, by whomever. Gives way to other work every few milliseconds.
   * @returns whether anything is different now
   */
  refresh(): Promise<boolean> {
    const reading = this.#reading.then(() => this.#readAll());
    this.#reading = reading.catch(() => {});
    return reading;
  }

  /**
   * Writes lines of an annotator and syncs them to the disk; after that they count.
   * @param wanted the lines, or what makes them as soon as it is their turn
   * @throws InputError where that fails: then they count for nothing
   */
  async append(
    annotator: string,
    wanted: readonly EntryDraft[] | (() => readonly EntryDraft[]),
  ): Promise<JournalEntry[]> {
    await this.#reading;
    const drafts = typeof wanted === 'function' ? wanted() : wanted;
    const refused = this.#refused.splice(0);
    const taken = refused.length === 0 ? [] : [this.#made(annotator, { action: 'dropped', ids: refused })];
    const made = drafts.map((draft) => this.#made(annotator, draft));
    const lines = [...taken, ...made].map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const appending = this.#appenderOf(annotator).append(lines);
    this.#appending.add(appending);
    for (const entry of made) this.#waiting.add(entry);
    try {
      await appending;
    } catch (error) {
      this.#refused = [...this.#refused, ...refused, ...made.map(({ id }) => id)];
      throw error;
    } finally {
      this.#appending.delete(appending);
      for (const entry of made) this.#waiting.delete(entry);
    }
    for (const entry of [...taken, ...made]) this.#index.take(entry);
    return made;
  }

  /** Lines that are being written, and count as soon as they are. */
  waiting(): JournalEntry[] {
    return [...this.#waiting];
  }

  /** The time of the newest line; later ones have a later one. */
  get time(): string {
    return new Date(this.#last).toISOString();
  }

  /** What is decided of a sentence; undefined where nothing is. */
  sentence(address: SentenceAddress): SentenceDecisions | undefined {
    return this.#index.sentence(address);
  }

  /** Whether there are lines about labels at all. */
  get hasLabels(): boolean {
    return this.#index.hasLabels;
  }

  /** Whether there are lines about labels in this file; `sentence`: of a sentence with these words. */
  has(file: string, sentence?: string): boolean {
    return this.#index.has(file, sentence);
  }

  /** Whether a sentence that begins with this text may be one that lines of the file speak of. */
  mayKnow(file: string, text: string): boolean {
    return this.#index.mayKnow(file, text);
  }

  /** The sentences of a file that lines speak of, with what is decided. */
  sentences(file: string): Iterable<{ address: SentenceAddress; decisions: SentenceDecisions }> {
    return this.#index.sentences(file);
  }

  /** The newest mark of an annotator on a file. */
  mark(file: string, annotator: string): MarkEntry | undefined {
    return this.#index.mark(file, annotator);
  }

  /** The files that lines speak of, relative to the workspace folder. */
  files(): string[] {
    return this.#index.files();
  }

  /** Files with lines about labels that held this content when somebody last marked them (`MarkEntry`). */
  filesWith(content: string): string[] {
    return this.#index.filesWith(content);
  }

  /** All lines that count, those of each annotator in their order. */
  entries(): JournalEntry[] {
    return this.#index.entries();
  }

  /** Waits for what is being written. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#appending);
  }

  #made(annotator: string, draft: EntryDraft): JournalEntry {
    this.#last = Math.max(Date.now(), this.#last + 1);
    const id = randomBytes(9).toString('base64url');
    return { v: JOURNAL_VERSION, id, at: new Date(this.#last).toISOString(), by: annotator, run: RUN, ...draft };
  }

  #appenderOf(annotator: string): Appender {
    const path = join(this.folder, journalFileName(annotator));
    let appender = this.#appenders.get(path);
    if (appender === undefined) {
      appender = new Appender(path);
      this.#appenders.set(path, appender);
    }
    return appender;
  }

  async #readAll(): Promise<boolean> {
    const before = this.#index;
    const { size } = before;
    if (await this.#isReplaced()) {
      // A branch was switched, or somebody has edited the files: what they said before counts no more.
      await this.settled();
      this.#appenders.clear();
      const [index, positions] = [new JournalIndex(), new Map<string, ReadPosition>()];
      await this.#readInto(index, positions);
      this.#index = index;
      this.#positions = positions;
      return true;
    }
    await this.#readInto(before, this.#positions);
    return before.size > size;
  }

  async #isReplaced(): Promise<boolean> {
    for (const [path, position] of this.#positions) if (!(await goesOn(path, position))) return true;
    for (const { path, size } of this.#appenders.values()) {
      if (((await stat(path).catch(() => undefined))?.size ?? 0) < size) return true;
    }
    return false;
  }

  async #readInto(index: JournalIndex, positions: Map<string, ReadPosition>): Promise<void> {
    const take = (entry: JournalEntry) => {
      index.take(entry);
      const at = Date.parse(entry.at);
      if (at < Date.now() + DAY) this.#last = Math.max(this.#last, at);
    };
    for (const name of [...(await disk.list(this.folder))].sort()) {
      if (!name.endsWith('.jsonl')) continue;
      const path = join(this.folder, name);
      try {
        const from = positions.get(path) ?? START;
        positions.set(path, await readEntries(path, from, take, (problem) => this.#report(problem)));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.#report(error);
      }
    }
  }

  #report(problem: InputError): void {
    if (this.#reported.has(problem.message)) return;
    this.#reported.add(problem.message);
    this.#options.problem(problem);
  }
}
