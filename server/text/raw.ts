// Raw text: paragraphs at line ends, sentences and tokens inside them.
import { characterFinding } from './characters.ts';
import type { Reader } from './document.ts';
import { BYTE_ORDER_MARK, countLineEnds, detached, isBlank, lineEnd, nextLine } from './lines.ts';
import type { Segments } from './segments.ts';
import type { Finding, Sentence, TextEdit, Token } from './types.ts';

const NONE: readonly never[] = Object.freeze([]);

export class RawReader implements Reader {
  readonly format: 'txt' | 'standoff';
  readonly blanks = false;
  private readonly segments: Segments;

  constructor(format: 'txt' | 'standoff', segments: Segments) {
    this.format = format;
    this.segments = segments;
  }

  read(text: string, atStart: boolean): Sentence[] {
    const pieces: Sentence[] = [];
    let start = 0;
    const skip = atStart && text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    let at = skip;
    while (at < text.length) {
      const end = lineEnd(text, at);
      if (!isBlank(text, at, end)) {
        // Blank lines belong to the sentence before them; those at the start of a file stand alone.
        if (at > Math.max(start, skip)) {
          pieces.push(this.piece(text.slice(start, at), start === 0 && atStart));
          start = at;
        }
        for (const cut of this.segments.cuts(text.slice(at, end))) {
          pieces.push(this.piece(text.slice(start, at + cut), start === 0 && atStart));
          start = at + cut;
        }
      }
      at = nextLine(text, end);
    }
    if (start < text.length) pieces.push(this.piece(text.slice(start), start === 0 && atStart));
    return pieces;
  }

  adapted(): Reader {
    return this;
  }

  setLabels(): TextEdit[] {
    throw new TypeError('the labels of raw text stand in its annotations');
  }

  private piece(text: string, atStart: boolean): Sentence {
    const source = detached(text);
    const skip = atStart && source.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    return new RawSentence(source, skip, this.segments);
  }
}

/** A sentence of raw text. Its tokens are cut when they are first asked for: that takes most of the time. */
class RawSentence implements Sentence {
  readonly source: string;
  readonly length: number;
  readonly lines: number;
  readonly comments: readonly string[] = NONE;
  readonly unlabelled = true;
  readonly findings: readonly Finding[];
  private readonly start: number;
  private readonly end: number;
  private readonly segments: Segments;
  private cut: readonly Token[] | undefined;

  constructor(source: string, start: number, segments: Segments) {
    this.source = source;
    this.length = source.length;
    this.lines = countLineEnds(source);
    this.start = start;
    this.end = lineEnd(source, start);
    this.segments = segments;
    const finding = characterFinding(source, start, this.end);
    this.findings = finding === undefined ? NONE : [finding];
  }

  get tokens(): readonly Token[] {
    this.cut ??= this.segments.tokens(this.source, this.start, this.end);
    return this.cut;
  }
}
