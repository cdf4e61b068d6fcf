// A sentence as a line of running text, whatever its format.
import type { JsonSentence } from './jsonl.ts';
import type { Format, Sentence, TextDocument } from './types.ts';

export interface Reading {
  /** Without line ends. */
  readonly text: string;
  /** Where its tokens stand in the text, in UTF-16 units. */
  readonly tokens: readonly { readonly start: number; readonly end: number }[];
}

/** What an editor takes for the end of a line, or warns of. */
const LINE_END = /[\n\r\u0085\u2028\u2029]/g;

/**
 * Raw text as it stands there. Words of columns and of JSON lines with a blank between them, unless the file says that there
 * is none: in the comment `# text = ...`, by `SpaceAfter=No` or by the "text" that they were found in.
 */
export function readingOf({ format, sentences }: TextDocument, index: number): Reading {
  const sentence = sentences[index]!;
  const { source, tokens } = sentence;
  if (format === 'txt' || format === 'standoff') {
    const start = source.length - source.trimStart().length;
    const text = source.trim().replace(LINE_END, ' ');
    return { text, tokens: tokens.map((token) => ({ start: token.start - start, end: token.end - start })) };
  }
  const isSpaced = format === 'jsonl' ? spacedAsPlaced(sentence as JsonSentence) : spacedInColumns(sentence, format);
  const places: { start: number; end: number }[] = [];
  let text = '';
  for (const [i, { form }] of tokens.entries()) {
    const start = text.length;
    text += form.replace(LINE_END, ' ');
    places.push({ start, end: text.length });
    if (isSpaced[i] && i + 1 < tokens.length) text += ' ';
  }
  return { text, tokens: places };
}

function spacedInColumns(sentence: Sentence, format: Format): boolean[] {
  return spacedAsText(sentence) ?? (format === 'conllu' ? spacedAsSaid(sentence) : sentence.tokens.map(() => true));
}

/** Behind which words of a "text" the next one does not follow at once; all where the line has no text. */
function spacedAsPlaced({ tokens, record }: JsonSentence): boolean[] {
  const places = record?.spans === undefined ? undefined : record.codePoints;
  return tokens.map((_, i) => places === undefined || places[i]!.end !== places[i + 1]?.start);
}

/** Behind which tokens a blank stands in the comment that holds the text; undefined where it does not hold just them. */
function spacedAsText({ comments, tokens }: Sentence): boolean[] | undefined {
  const text = comments
    .map((comment) => /^#\s*text\s*=\s*(.*)$/.exec(comment)?.[1])
    .find((found) => found !== undefined);
  if (text === undefined) return undefined;
  let at = 0;
  const spaced: boolean[] = [];
  for (const { form } of tokens) {
    if (!text.startsWith(form, at)) return undefined;
    at += form.length;
    const blanks = /^\s*/.exec(text.slice(at))![0].length;
    spaced.push(blanks > 0);
    at += blanks;
  }
  return at === text.length ? spaced : undefined;
}

/** Behind which tokens of a CoNLL-U sentence the column MISC does not forbid a blank; that of a range holds for its last. */
function spacedAsSaid({ source, tokens }: Sentence): boolean[] {
  const closed = new Set<string>();
  for (const [, first, last] of source.matchAll(/^(\d+)(?:-(\d+))?\t.*\bSpaceAfter=No\b/gm)) closed.add(last ?? first!);
  return tokens.map(({ start }) => {
    const row = source.lastIndexOf('\n', start) + 1;
    return !closed.has(source.slice(row, source.indexOf('\t', row)));
  });
}
