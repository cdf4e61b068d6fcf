// Raw text: paragraphs at line ends, sentences and tokens inside them.
import { characterFinding } from './characters.ts';
import type { Reader } from './document.ts';
import { BYTE_ORDER_MARK, countLineEnds, detached, isBlank, lineEnd, nextLine } from './lines.ts';
import type { Segments } from './segments.ts';
import type { Finding, Sentence, TextEdit } from './types.ts';

const NONE: readonly never[] = Object.freeze([]);

export class RawReader implements Reader {
  readonly format: 'txt' | 'standoff';
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
    const end = lineEnd(source, skip);
    const finding: Finding | undefined = characterFinding(source, skip, end);
    return {
      source,
      tokens: this.segments.tokens(source, skip, end),
      length: source.length,
      lines: countLineEnds(source),
      comments: NONE,
      findings: finding === undefined ? NONE : [finding],
    };
  }
}
