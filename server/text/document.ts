// The document: pieces of text with their parsed sentences, offsets as prefix sums, and edits that reparse a few pieces.
import { endsWithLineEnd } from './lines.ts';
import type { Finding, Format, Sentence, Task, TextDocument, TextEdit } from './types.ts';

/** What a format gives the document. */
export interface Reader {
  readonly format: Format;
  /** See TextDocument.blanks. */
  readonly blanks: boolean;
  /**
   * Cuts whole lines into sentences; the concatenated sources are `text`. A cut depends on nothing but the two lines at
   * its sides, or on the line that it cuts.
   * @param atStart `text` starts the document, where a byte order mark may stand.
   */
  read(text: string, atStart: boolean): Sentence[];
  /** The reader for a document that consists of these pieces: itself, or another one where the layout has changed. */
  adapted(pieces: readonly Sentence[]): Reader;
  /** See TextDocument.setLabels. */
  setLabels(
    document: PieceDocument,
    sentence: number,
    start: number,
    labels: readonly (string | undefined)[],
  ): TextEdit[];
}

/** A run of sentences [first, last] with the edits inside it. */
interface Region {
  first: number;
  last: number;
  readonly edits: TextEdit[];
}

export class PieceDocument implements TextDocument {
  readonly task: Task;
  private reader: Reader;
  protected pieces: Sentence[];
  private joined: string | undefined;
  /** offsets[i] and lineStarts[i] hold for i < valid; the rest is summed up when it is asked for. */
  private readonly offsets: number[] = [0];
  private readonly lineStarts: number[] = [0];
  private valid = 1;

  constructor(reader: Reader, taskOf: (sentences: readonly Sentence[]) => Task, text: string) {
    this.pieces = reader.read(text, true);
    this.reader = reader.adapted(this.pieces);
    if (this.reader !== reader) this.pieces = this.reader.read(text, true);
    this.task = taskOf(this.pieces);
  }

  get format(): Format {
    return this.reader.format;
  }

  get blanks(): boolean {
    return this.reader.blanks;
  }

  get sentences(): readonly Sentence[] {
    return this.pieces;
  }

  get text(): string {
    this.joined ??= joinSources(this.pieces, 0, this.pieces.length);
    return this.joined;
  }

  offsetOf(index: number): number {
    this.sumTo(index);
    return this.offsets[index]!;
  }

  lineOf(index: number): number {
    this.sumTo(index);
    return this.lineStarts[index]!;
  }

  sentenceAt(offset: number): number {
    this.sumTo(this.pieces.length);
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.offsets[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }

  findings(): Finding[] {
    const found: Finding[] = [];
    for (const [index, piece] of this.pieces.entries()) {
      for (const finding of piece.findings) found.push(moved(finding, this.offsetOf(index)));
    }
    return found;
  }

  edit(edits: readonly TextEdit[]): { first: number; removed: number; inserted: number } {
    const before = this.pieces.length;
    const regions = this.regionsOf(edits);
    if (regions.length === 0) return { first: 0, removed: 0, inserted: 0 };
    const first = regions[0]!.first;
    const last = regions.at(-1)!.last;
    for (const region of regions.reverse()) this.reparse(region);
    this.joined = undefined;
    const adapted = this.reader.adapted(this.pieces);
    if (adapted !== this.reader) {
      this.reader = adapted;
      this.pieces = adapted.read(this.text, true);
      this.valid = 1;
      return { first: 0, removed: before, inserted: this.pieces.length };
    }
    const removed = last - first + 1;
    return { first, removed, inserted: removed + this.pieces.length - before };
  }

  setLabels(sentence: number, start: number, labels: readonly (string | undefined)[]): TextEdit[] {
    this.check(sentence, start, labels);
    return this.reader.setLabels(this, sentence, start, labels);
  }

  /** @throws RangeError for tokens that are not there, and for labels that the format could not hold. */
  protected check(sentence: number, start: number, labels: readonly (string | undefined)[]): void {
    const tokens = this.pieces[sentence]?.tokens.length ?? 0;
    if (start < 0 || start + labels.length > tokens) {
      throw new RangeError(`no tokens ${start} to ${start + labels.length} in sentence ${sentence}`);
    }
    const foreign = this.blanks ? /^\s*$|[\t\r\n]/ : /^$|\s/;
    const bad = labels.find((label) => label !== undefined && foreign.test(label));
    if (bad !== undefined) throw new RangeError(`"${bad}" is no label: it is empty or holds a blank`);
  }

  /** Extends the prefix sums so that they hold up to and including `index` (at most the number of pieces). */
  private sumTo(index: number): void {
    if (index < 0 || index > this.pieces.length) throw new RangeError(`no sentence ${index}`);
    for (; this.valid <= index; this.valid++) {
      const piece = this.pieces[this.valid - 1]!;
      this.offsets[this.valid] = this.offsets[this.valid - 1]! + piece.length;
      this.lineStarts[this.valid] = this.lineStarts[this.valid - 1]! + piece.lines;
    }
  }

  /** Groups edits by the sentences whose cuts they can move: those touched, and one run of whole lines on each side. */
  private regionsOf(edits: readonly TextEdit[]): Region[] {
    const regions: Region[] = [];
    for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
      const first = this.lineRunBefore(this.sentenceAt(edit.start));
      const last = this.lineRunAfter(this.sentenceAt(edit.end));
      const previous = regions.at(-1);
      if (previous !== undefined && first <= previous.last + 1) {
        previous.last = Math.max(previous.last, last);
        previous.edits.push(edit);
      } else {
        regions.push({ first, last, edits: [edit] });
      }
    }
    return regions;
  }

  private lineRunBefore(index: number): number {
    const start = this.startOfLine(Math.max(index, 0));
    return start === 0 ? 0 : this.startOfLine(start - 1);
  }

  private lineRunAfter(index: number): number {
    const end = this.endOfLine(Math.max(index, 0));
    return Math.min(this.endOfLine(end + 1), this.pieces.length - 1);
  }

  private startOfLine(index: number): number {
    let at = index;
    while (at > 0 && !endsWithLineEnd(this.pieces[at - 1]!.source)) at--;
    return at;
  }

  private endOfLine(index: number): number {
    let at = index;
    while (at < this.pieces.length - 1 && !endsWithLineEnd(this.pieces[at]!.source)) at++;
    return at;
  }

  private reparse(region: Region): void {
    const base = this.offsetOf(region.first);
    const old = joinSources(this.pieces, region.first, region.last + 1);
    const parsed = this.reader.read(applyEdits(old, region.edits, base), region.first === 0);
    this.pieces = replaced(this.pieces, region.first, region.last + 1 - region.first, parsed);
    this.valid = Math.min(this.valid, region.first + 1);
  }
}

/** Applies edits that do not overlap; their offsets count from `base`, all in the text before the edits. */
export function applyEdits(text: string, edits: readonly TextEdit[], base = 0): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const start = edit.start - base;
    const end = edit.end - base;
    if (start < at || end < start || end > text.length) {
      throw new RangeError(`edits overlap or lie outside the text: [${edit.start}, ${edit.end})`);
    }
    parts.push(text.slice(at, start), edit.text);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** A finding with its offsets, and those of its fix, moved by `offset`. */
export function moved(finding: Finding, offset: number): Finding {
  const { fix } = finding;
  return {
    ...finding,
    start: finding.start + offset,
    end: finding.end + offset,
    ...(fix && {
      fix: { ...fix, edits: fix.edits.map((e) => ({ ...e, start: e.start + offset, end: e.end + offset })) },
    }),
  };
}

function joinSources(pieces: readonly Sentence[], first: number, end: number): string {
  const sources: string[] = [];
  for (let index = first; index < end; index++) sources.push(pieces[index]!.source);
  return sources.join('');
}

/** Replaces in place where few pieces come in; a splice with a hundred thousand arguments overflows the stack. */
export function replaced(pieces: Sentence[], first: number, count: number, inserted: readonly Sentence[]): Sentence[] {
  if (inserted.length > 10_000) return pieces.slice(0, first).concat(inserted, pieces.slice(first + count));
  pieces.splice(first, count, ...inserted);
  return pieces;
}
