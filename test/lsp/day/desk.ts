// The annotator's desk: each file in an editor beside what it must hold, with the editor's own undo and redo.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { Journal, type JournalEntry } from '../../../server/workspace/journal/index.ts';
import type { ClientOptions } from '../client.ts';
import { Editor } from '../editor.ts';
import type { Annotator } from './annotator.ts';
import { changed, isOpened, type LabelledFile, type Sentence } from './file.ts';
import { give } from './labels.ts';
import type { SmallDisk } from './machine.ts';

/** Milliseconds after which what was typed, undone or split is in the journal, with those of a busy machine. */
const WRITTEN = 1500;

/** A step that undo takes back: sentences from `index` on were others, and so was the text of the document. */
interface Step {
  readonly uri: string;
  readonly index: number;
  readonly before: readonly Sentence[];
  readonly after: readonly Sentence[];
  readonly text: { readonly before: string; readonly after: string };
  /** No line was written for it before, but in the next pause. */
  readonly isTyped: boolean;
}

interface Steps {
  readonly done: Step[];
  readonly undone: Step[];
  /** What the file was when it was saved. */
  saved: readonly Sentence[];
}

export class Desk {
  readonly files: readonly LabelledFile[];
  editor!: Editor;
  readonly #options: Omit<ClientOptions, 'applyEdit'>;
  readonly #uris = new Map<LabelledFile, string>();
  readonly #steps = new Map<LabelledFile, Steps>();
  readonly #heard: string[] = [];
  /** Until when something may wait to be written into the journal. */
  #waiting = 0;

  constructor(files: readonly LabelledFile[], options: Omit<ClientOptions, 'applyEdit'>) {
    this.files = files;
    this.#options = options;
    for (const file of files) this.#steps.set(file, { done: [], undone: [], saved: file.sentences });
  }

  /** Starts the server, and opens all files as the disk has them. */
  async start(): Promise<void> {
    this.editor = await Editor.start(this.#options);
    this.#uris.clear();
    for (const file of this.files) await this.open(file);
  }

  async open(file: LabelledFile): Promise<void> {
    this.#uris.set(file, await this.editor.open(file.name, file.layout.languageId));
    this.#forget(file);
  }

  uri(file: LabelledFile): string {
    return this.#uris.get(file)!;
  }

  /** The document that the labels of a file stand in. */
  labelled(file: LabelledFile): string {
    return file.isRaw ? this.uri(file).replace(/\.txt$/, '.ann') : this.uri(file);
  }

  /** What stands in the editor is what must stand there. */
  check(file: LabelledFile): void {
    if (this.problem(file) === undefined) return;
    const [now, wanted] = file.isRaw
      ? [this.#annotations(file).join('\n'), file.annotations().sort().join('\n')]
      : [this.editor.text(this.uri(file)), file.text()];
    expect(now, file.name).toBe(wanted);
  }

  problem(file: LabelledFile): string | undefined {
    const [now, wanted] = [this.editor.text(this.uri(file)), file.text()];
    if (now !== wanted) return `${file.name} has another text`;
    if (!file.isRaw || this.#annotations(file).join('\n') === file.annotations().sort().join('\n')) return undefined;
    return `${file.name} has other annotations`;
  }

  #annotations(file: LabelledFile): string[] {
    const lines = this.#textOf(this.labelled(file)).split('\n').filter(Boolean);
    return lines.map((line) => line.replace(/^T\d+\t/, '')).sort();
  }

  #textOf(uri: string): string {
    if (this.editor.has(uri)) return this.editor.text(uri);
    const path = fileURLToPath(uri);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /**
   * Does something that gives sentences from `index` on other tags or words.
   * @param after what they must be then; undefined: as they were
   */
  async step(
    file: LabelledFile,
    index: number,
    count: number,
    after: readonly Sentence[],
    work: () => Promise<unknown>,
    isTyped = false,
  ): Promise<void> {
    const uri = this.labelled(file);
    const before = file.sentences.slice(index, index + count);
    const old = this.#textOf(uri);
    await work();
    file.sentences = file.sentences.toSpliced(index, count, ...after);
    this.check(file);
    // What was typed is written down in a pause, and this was none.
    if (performance.now() < this.#waiting) this.typed();
    const text = { before: old, after: this.#textOf(uri) };
    const steps = this.#steps.get(file)!;
    // Brat cannot say `O`: undo does not bring one back.
    if (file.isRaw && before.some(({ tags }, i) => tags.some((tag, t) => isOutside(tag, after[i]?.tags[t])))) {
      this.#forget(file);
      return;
    }
    if (text.before === text.after) return;
    steps.done.push({ uri, index, before, after, text, isTyped });
    if (isTyped) this.typed();
    steps.undone.length = 0;
  }

  /** @returns whether there was something to undo or to redo */
  async back(file: LabelledFile, what: 'undo' | 'redo'): Promise<boolean> {
    const { done, undone } = this.#steps.get(file)!;
    const step = (what === 'undo' ? done : undone).pop();
    if (step === undefined) return false;
    // What is typed and taken back in one pause was never there.
    if (step.isTyped) await this.written();
    (what === 'undo' ? undone : done).push(step);
    const [now, wanted] = what === 'undo' ? [step.after, step.before] : [step.before, step.after];
    const text = what === 'undo' ? step.text.before : step.text.after;
    await this.editor.become(step.uri, text);
    const there = file.sentences.slice(step.index, step.index + now.length);
    file.sentences = file.sentences.toSpliced(
      step.index,
      now.length,
      ...wanted.map((one, i) => retagged(there[i]!, one, file.isRaw)),
    );
    this.check(file);
    this.typed();
    // A review that is undone and redone in one breath was never undone.
    const isOpen = there.some(({ reviewed }, i) => reviewed && !file.sentences[step.index + i]?.reviewed);
    if (isOpen) await this.written();
    // Words that were typed are the editor's: no journal brings them back.
    if (step.after.some((after, i) => after.typed !== step.before[i]?.typed)) await this.save(file);
    return true;
  }

  async save(file: LabelledFile): Promise<void> {
    const uri = this.labelled(file);
    if (this.editor.has(uri)) await this.editor.save(uri);
    file.sentences = file.sentences.map((sentence) => ({ ...sentence, reviews: [] }));
    this.#steps.get(file)!.saved = file.sentences;
  }

  async close(file: LabelledFile): Promise<void> {
    if (file.isRaw && this.editor.has(this.labelled(file))) await this.editor.close(this.labelled(file));
    await this.editor.close(this.uri(file));
    this.#forget(file);
  }

  /** Closes a file in columns without saving it: labels since then are not wanted. What is no label stays. */
  async discard(file: LabelledFile): Promise<void> {
    const { saved } = this.#steps.get(file)!;
    const reviews = new Map(file.sentences.map((sentence) => [this.#key(file, sentence), sentence.reviews]));
    await this.written();
    await this.close(file);
    file.sentences = saved.map((sentence) => {
      const kept = reviews.get(this.#key(file, sentence))?.filter(({ changed }) => !changed) ?? [];
      return { ...sentence, reviewed: kept.at(-1)?.reviewed ?? sentence.reviewed, reviews: kept };
    });
    this.typed();
    await this.written();
    await this.open(file);
  }

  #key(file: LabelledFile, sentence: Sentence): string {
    return `${sentence.origin} ${file.words(sentence).join(' ')}`;
  }

  /** The desk is empty: nothing can be undone any more. */
  #forget(file: LabelledFile): void {
    const steps = this.#steps.get(file)!;
    steps.done.length = 0;
    steps.undone.length = 0;
  }

  /** Something changed that no line is written for before. */
  typed(): void {
    this.#waiting = performance.now() + WRITTEN;
  }

  /** Waits until everything is in the journal. */
  async written(): Promise<void> {
    await wait(Math.max(0, this.#waiting - performance.now()));
  }

  /**
   * The machine dies, in the middle of a label if there is an annotator, and what was in the editor with it. After the next start
   * everything that was acknowledged is back, and the last label too if its line was written.
   */
  async crash(annotator?: Annotator): Promise<void> {
    await this.written();
    const lines = (await this.#lines()).length;
    const file = this.files[annotator?.pick(this.files.length) ?? 0]!;
    const index = annotator?.pick(file.sentences.length) ?? 0;
    const sentence = file.sentences[index]!;
    const label = sentence.tags[0] === 'B-LOC' ? 'PER' : 'LOC';
    let isAcknowledged = false;
    if (annotator !== undefined) {
      const params = { uri: this.uri(file), range: file.range(index, 0, 1), label };
      this.editor.client.request('crosstag/relabel', params).then(
        () => {
          isAcknowledged = true;
        },
        () => {},
      );
      await wait(annotator.pick(8));
    }
    const mustBeThere = isAcknowledged;
    this.#hear();
    await this.editor.kill();
    // What was typed before may come late on a busy machine: it is another sentence, or another label.
    const [word] = file.words(sentence);
    const isThere = (await this.#lines())
      .slice(lines)
      .some((line) => line.action === 'label' && line.file === file.name && line.start === 0 && line.word === word);
    if (mustBeThere) expect(isThere).toBe(true);
    if (isThere) {
      const given = changed(sentence, give(sentence.tags, 0, 1, label, file.layout.task));
      file.sentences = file.sentences.toSpliced(index, 1, given);
    }
    await this.start();
    await this.settled();
  }

  /** What is in the journal. */
  async #lines(): Promise<JournalEntry[]> {
    const journal = new Journal(this.#options.folder, { problem: () => {} });
    await journal.refresh();
    return journal.entries();
  }

  /** Waits until the editor shows what it must. */
  async settled(): Promise<void> {
    await expect
      .poll(() => this.#problems(), { timeout: 20_000, interval: 50 })
      .toBe(undefined)
      .catch(() => {});
    for (const file of this.files) this.check(file);
  }

  #problems(): string | undefined {
    return this.files.map((file) => this.problem(file)).find((problem) => problem !== undefined);
  }

  /** Saves a file, closes it, and opens it again. */
  async reopen(file: LabelledFile): Promise<void> {
    await this.written();
    await this.save(file);
    await this.close(file);
    await this.open(file);
  }

  /** The disk is full: labels are refused, and nothing else happens. Then there is room again. */
  async fullDisk(disk: SmallDisk, annotator: Annotator): Promise<void> {
    await this.written();
    await disk.fill();
    const [file] = this.files as [LabelledFile];
    let refusals = 0;
    for (let n = 0; refusals < 3; n++) {
      const before = file.sentences;
      try {
        await annotator.relabel(file, annotator.pick(before.length));
        // There was room for a line left.
        expect(n).toBeLessThan(100);
      } catch (error) {
        expect(String(error)).toContain('the disk is full; the label was not set; make room and do it again');
        refusals++;
        this.check(file);
      }
    }
    await disk.makeRoom();
  }

  /** What the server has told the user, beside what it must tell of processes that die and a full disk. */
  get complaints(): string[] {
    this.#hear();
    const isExpected =
      /; they are back, and undo takes|the disk is full|process died \(SIGKILL, perhaps for lack of memory\)|the line is cut off or damaged; the others are used/;
    return this.#heard.filter((message) => !isExpected.test(message));
  }

  #hear(): void {
    this.#heard.push(...this.editor.messages);
  }
}

function isOutside(before: string, after: string | undefined): boolean {
  return before !== after && (before === 'O' || after === 'O');
}

/** A sentence gets the tags of one with the same words: what changes is the annotator's own. Other words are another one. */
function retagged(now: Sentence, wanted: Sentence, isRaw: boolean): Sentence {
  const isSame =
    now !== undefined && now.rows.length === wanted.rows.length && now.rows.every((row, i) => row === wanted.rows[i]);
  if (!isSame) return wanted;
  const human = now.human.map((own, i) => own || now.tags[i] !== wanted.tags[i]);
  // Without a label, a word of a reviewed raw text is no entity.
  const reviewed = now.reviewed && (isRaw || !isOpened(now.tags, wanted.tags));
  return { ...wanted, human, reviewed, reviews: now.reviews };
}
