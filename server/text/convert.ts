// One format into another, with what the other cannot hold said in words.

import type { CharacterSpan, TokenRun } from './alignment.ts';
import { annotate } from './annotations.ts';
import { isColumnFormat } from './columns.ts';
import { applyEdits } from './document.ts';
import { Losses } from './losses.ts';
import { readingOf } from './reading.ts';
import { type Format, isAnnotated, type Sentence, type TextDocument, UNDECIDED } from './types.ts';
import { writeColumns } from './write-columns.ts';

type Tags = readonly (string | undefined)[];

/** What the room above knows of tag schemes. */
export interface ConvertOptions {
  /** The spans of one sentence's tags. */
  readonly spansOf: (tags: Tags) => readonly TokenRun[];
  /** The same tags in the scheme that is asked for; default: as they are. */
  readonly convertTags?: (tags: Tags) => Tags;
}

export interface Converted {
  readonly text: string;
  /** For raw text: the annotation file beside it. */
  readonly annotations: string | undefined;
  /** What `to` cannot hold, one line each, with counts. */
  readonly lost: readonly string[];
}

/** Converts a document. With the same format and tags, it is byte for byte the same; other tags change their cells alone. */
export function convertDocument(document: TextDocument, to: Format, options: ConvertOptions): Converted {
  const { convertTags = (tags: Tags) => tags, spansOf } = options;
  const raw = to === 'txt' || to === 'standoff';
  if (isAnnotated(document) && raw) return { text: document.text, annotations: document.annotations, lost: [] };
  const tagsOf = (sentence: Sentence) => {
    const tags = sentence.tokens.map((token) => token.label);
    return document.task === 'ner' ? convertTags(tags) : tags;
  };
  if (document.format === to) return { text: withTags(document, tagsOf), annotations: undefined, lost: [] };

  const losses = new Losses(document, to);
  if (raw) return { ...toRawText(document, (sentence) => spansOf(tagsOf(sentence))), lost: losses.list() };
  const text = isColumnFormat(to) ? writeColumns(document, to, tagsOf) : toJsonLines(document, tagsOf);
  return { text, annotations: undefined, lost: losses.list() };
}

/** The text with these tags in their cells. */
function withTags(document: TextDocument, tagsOf: (sentence: Sentence) => Tags): string {
  const edits = document.sentences.flatMap((sentence, index) => {
    const tags = tagsOf(sentence);
    const same = sentence.tokens.every((token, at) => token.label === tags[at]);
    return same ? [] : document.setLabels(index, 0, tags);
  });
  return applyEdits(document.text, edits);
}

/** One sentence a line, its words written together where the file says so. */
function toRawText(document: TextDocument, spansOf: (sentence: Sentence) => readonly TokenRun[]) {
  const lines: string[] = [];
  const spans: CharacterSpan[] = [];
  let offset = 0;
  for (const [index, sentence] of document.sentences.entries()) {
    if (sentence.tokens.length === 0) continue;
    const { text, tokens } = readingOf(document, index);
    if (document.task === 'ner') {
      for (const { start, end, label } of spansOf(sentence)) {
        const [from, to] = [offset + tokens[start]!.start, offset + tokens[end - 1]!.end];
        spans.push({ start: from, end: to, label: bratLabel(label) });
      }
    }
    lines.push(`${text}\n`);
    offset += text.length + 1;
  }
  const text = lines.join('');
  return { text, annotations: annotate(text, spans) };
}

/** In brat a blank ends a label. */
export function bratLabel(label: string): string {
  return label.replace(/\s/g, '_');
}

function toJsonLines(document: TextDocument, tagsOf: (sentence: Sentence) => Tags): string {
  const lines = document.sentences.map((sentence) => {
    if (sentence.tokens.length === 0) return '';
    const tokens = sentence.tokens.map((token) => token.form);
    return `${JSON.stringify({ tokens, tags: tagsOf(sentence).map((tag) => tag ?? UNDECIDED) })}\n`;
  });
  return lines.join('');
}
