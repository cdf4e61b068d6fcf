import { columnReader, isColumnFormat } from './columns.ts';
import { PieceDocument } from './document.ts';
import type { Format, Sentence, Task, TextDocument } from './types.ts';

export interface ParseOptions {
  readonly format: Format;
  /** Default: part of speech for CoNLL-U and where no label looks like a span's (`O`, `B-PER`); else named entities. */
  readonly task?: Task;
}

/** Parses a text in a known format. Mistakes in it become findings; nothing is thrown for them. */
export function parseDocument(text: string, options: ParseOptions): TextDocument {
  const { format } = options;
  if (!isColumnFormat(format)) throw new RangeError(`no reader for ${format}`);
  return new PieceDocument(columnReader(format), (sentences) => options.task ?? taskOf(format, sentences), text);
}

const SPAN_TAG = /^(?:O|[A-Z]-.*)$/;
/** How many labels are looked at. */
const SAMPLE = 1000;

function taskOf(format: Format, sentences: readonly Sentence[]): Task {
  if (format === 'conllu') return 'pos';
  let labels = 0;
  for (const { tokens } of sentences) {
    for (const { label } of tokens) {
      if (label === undefined) continue;
      if (SPAN_TAG.test(label)) return 'ner';
      if (++labels === SAMPLE) return 'pos';
    }
  }
  return labels > 0 ? 'pos' : 'ner';
}
