// A file as the annotator knows it: the words and labels that must stand in it, and which of them are hers.
import type { Range } from 'vscode-languageserver-protocol';
import { at } from '../client.ts';
import type { Tags } from './labels.ts';

export interface Sentence {
  /** Lines before the tokens. */
  readonly comments: readonly string[];
  /** The cells of each token but for its label. */
  rows: readonly (readonly string[])[];
  tags: Tags;
  /** By token: whether the journal holds a line that gave it the tag that it has. */
  human: readonly boolean[];
  reviewed: boolean;
  /** Which sentence of the original file it is; undefined where words were split or joined. */
  readonly origin: number | undefined;
  /** The tags that it had when somebody typed into its words. */
  readonly typed?: Tags;
  /** Lines of the journal about whether it is reviewed, since the file was saved; with tags that changed or without. */
  reviews: readonly { readonly reviewed: boolean; readonly changed: boolean }[];
}

/** How the format writes a token. */
export interface Layout {
  readonly languageId: string;
  readonly task: 'ner' | 'pos';
  /** Cells of the word and of the label; no label cell: brat. */
  readonly word: number;
  readonly label: number | undefined;
  readonly separator: string;
}

export const CONLL: Layout = { languageId: 'conll', task: 'ner', word: 0, label: 1, separator: ' ' };
export const UNER: Layout = { languageId: 'conll', task: 'ner', word: 1, label: 2, separator: '\t' };
export const CONLLU: Layout = { languageId: 'conllu', task: 'pos', word: 1, label: 3, separator: '\t' };
/** Raw text: each sentence is a paragraph, with blanks between its words. */
export const RAW: Layout = { languageId: 'plaintext', task: 'ner', word: 0, label: undefined, separator: ' ' };

export class LabelledFile {
  readonly name: string;
  readonly layout: Layout;
  sentences: Sentence[];
  readonly original: readonly Sentence[];

  constructor(name: string, layout: Layout, sentences: readonly Pick<Sentence, 'comments' | 'rows' | 'tags'>[]) {
    this.name = name;
    this.layout = layout;
    this.sentences = sentences.map((sentence, origin) => ({
      ...sentence,
      ...{ human: sentence.tags.map(() => false), reviewed: false, origin, reviews: [] },
    }));
    this.original = [...this.sentences];
  }

  get isRaw(): boolean {
    return this.layout.label === undefined;
  }

  words({ rows }: Sentence): string[] {
    return rows.map((row) => row[this.layout.word]!);
  }

  text(sentences: readonly Sentence[] = this.sentences): string {
    return sentences.map((sentence) => `${this.#lines(sentence).join('\n')}\n\n`).join('');
  }

  /** The annotations of raw text, in the order of the text. */
  annotations(): string[] {
    const found: string[] = [];
    let offset = 0;
    for (const sentence of this.sentences) {
      const words = this.words(sentence);
      const starts = words.map((_, i) => offset + words.slice(0, i).join(' ').length + (i > 0 ? 1 : 0));
      for (let start = 0; start < words.length; start++) {
        if (!sentence.tags[start]!.startsWith('B-')) continue;
        let end = start + 1;
        while (sentence.tags[end]?.startsWith('I-')) end++;
        const [from, to] = [starts[start]!, starts[end - 1]! + words[end - 1]!.length];
        found.push(`${sentence.tags[start]!.slice(2)} ${from} ${to}\t${words.slice(start, end).join(' ')}`);
      }
      offset += words.join(' ').length + 2;
    }
    return found;
  }

  /** From the first to the last of tokens [start, end). */
  range(index: number, start: number, end: number): Range {
    const sentence = this.sentences[index]!;
    let line = this.sentences.slice(0, index).reduce((sum, one) => sum + this.#lines(one).length + 1, 0);
    if (this.isRaw) {
      const words = this.words(sentence);
      const from = words.slice(0, start).join(' ').length + (start > 0 ? 1 : 0);
      return { start: at(line, from), end: at(line, from + words.slice(start, end).join(' ').length) };
    }
    line += sentence.comments.length;
    const column = this.#column(sentence, start);
    const last = this.#column(sentence, end - 1) + sentence.rows[end - 1]![this.layout.word]!.length;
    return { start: at(line + start, column), end: at(line + end - 1, last) };
  }

  /** Where the label of a token stands in columns. */
  cell(index: number, token: number): Range {
    const { start } = this.range(index, token, token + 1);
    const { rows, tags } = this.sentences[index]!;
    const before = rows[token]!.slice(0, this.layout.label).join(this.layout.separator).length + 1;
    return { start: at(start.line, before), end: at(start.line, before + tags[token]!.length) };
  }

  /** The token that begins at a place. */
  find(range: Range): { index: number; token: number } {
    for (const [index, { rows }] of this.sentences.entries()) {
      for (let token = 0; token < rows.length; token++) {
        const { start } = this.range(index, token, token + 1);
        if (start.line > range.start.line) break;
        if (start.line === range.start.line && start.character === range.start.character) return { index, token };
      }
    }
    throw new Error(`no token of ${this.name} begins at ${JSON.stringify(range.start)}`);
  }

  /** How many sentences have the same words. */
  twins(sentence: Sentence): number {
    const key = this.words(sentence).join('\n');
    return this.sentences.filter((other) => this.words(other).join('\n') === key).length;
  }

  #column({ rows }: Sentence, token: number): number {
    return rows[token]!.slice(0, this.layout.word).reduce((sum, cell) => sum + cell.length + 1, 0);
  }

  #lines({ comments, rows, tags }: Sentence): string[] {
    const { label, separator } = this.layout;
    if (label === undefined) return [rows.map((row) => row[0]!).join(' ')];
    return [...comments, ...rows.map((row, i) => row.toSpliced(label, 0, tags[i]!).join(separator))];
  }
}

/** A sentence with other tags: those that change are the annotator's. Where one is undecided again it is open. */
export function changed(sentence: Sentence, tags: Tags, more: Partial<Sentence> = {}): Sentence {
  const human = sentence.human.map((own, i) => own || tags[i] !== sentence.tags[i]);
  return { ...sentence, tags, human, reviewed: sentence.reviewed && !isOpened(sentence.tags, tags), ...more };
}

export function isOpened(before: Tags, after: Tags): boolean {
  return after.some((tag, i) => tag === '_' && before[i] !== '_');
}
