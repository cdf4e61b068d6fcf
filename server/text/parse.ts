import { columnReader, isColumnFormat } from './columns.ts';
import { PieceDocument } from './document.ts';
import { JsonReader } from './jsonl.ts';
import { segmentsOf } from './segments.ts';
import { StandoffDocument } from './standoff.ts';
import type { Format, Sentence, Task, TextDocument } from './types.ts';

export interface ParseOptions {
  readonly format: Format;
  /** Default: part of speech for CoNLL-U and where no label looks like a span's (`O`, `B-PER`); else named entities. */
  readonly task?: Task;
  /** Task of columns in which no label tells it; default: named entities. */
  readonly undecided?: Task;
  /** Raw text: language of its words and sentences, as a BCP 47 tag; default `und`, the rules for all languages. */
  readonly language?: string;
  /** Raw text: the text of its brat annotation file; default: none. */
  readonly annotations?: string;
  /** Label of what no annotation covers, or null for undecided; default `O` where there are annotations. */
  readonly outside?: string | null;
}

/** Parses a text in a known format. Mistakes in it become findings; nothing is thrown for them. */
export function parseDocument(text: string, options: ParseOptions): TextDocument {
  const { format } = options;
  if (format === 'txt' || format === 'standoff') {
    const { annotations = '', language = 'und' } = options;
    const outside = options.outside === undefined ? (/^\ufeff?T/m.test(annotations) ? 'O' : null) : options.outside;
    return new StandoffDocument(format, language, text, annotations, outside ?? undefined);
  }
  const reader = isColumnFormat(format) ? columnReader(format) : new JsonReader(segmentsOf(options.language ?? 'und'));
  const undecided = isColumnFormat(format) ? options.undecided : undefined;
  return new PieceDocument(
    reader,
    (sentences) => options.task ?? taskOf(format, sentences) ?? undecided ?? 'ner',
    text,
  );
}

const SPAN_TAG = /^(?:O|[A-Z]-.*)$/;
/** How many labels are looked at. */
const SAMPLE = 1000;

/** Undefined where there is no label. */
function taskOf(format: Format, sentences: readonly Sentence[]): Task | undefined {
  if (format === 'conllu') return 'pos';
  let labels = 0;
  for (const { tokens } of sentences) {
    for (const { label } of tokens) {
      if (label === undefined) continue;
      if (SPAN_TAG.test(label)) return 'ner';
      if (++labels === SAMPLE) return 'pos';
    }
  }
  return labels > 0 ? 'pos' : undefined;
}
