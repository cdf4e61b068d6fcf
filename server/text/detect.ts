// Which format a file has, from its name and from its first lines.
import { BYTE_ORDER_MARK } from './lines.ts';
import { type Format, InputError } from './types.ts';

const EXTENSIONS: Record<string, Format> = {
  conll2003: 'conll2003',
  conll2002: 'conll2002',
  conll: 'conll',
  bio: 'conll',
  iob: 'conll',
  iob1: 'conll',
  iob2: 'uner',
  uner: 'uner',
  conllu: 'conllu',
  ann: 'standoff',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** How much of a file is looked at. */
const SAMPLE = 16_384;

/** The format that a file name alone names, `.gz` aside; undefined where the content has to decide. */
export function formatOfExtension(path: string): Format | undefined {
  const name = path.replace(/\.gz$/i, '');
  return EXTENSIONS[/\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];
}

/**
 * The format of a file: its content where that is plain, since `.conll`, `.iob2` and `.txt` are used for several formats;
 * else its extension; else raw text.
 */
export function detectFormat(path: string, text: string): Format {
  const named = formatOfExtension(path);
  if (named === 'standoff' || named === 'jsonl' || named === 'conllu') return named;
  const lines = sampleLines(text);
  const seen = formatOfLines(lines);
  if (seen !== undefined) return seen;
  if (named !== undefined) return lines.length > 0 && named === 'uner' ? 'conll' : named;
  return 'txt';
}

const JSON_ARRAY = /^\ufeff?\s*\[\s*\{\s*"[^"\n]*"\s*:/;

/**
 * For work on what a file says: a JSON array of objects (an export of Label Studio) would pass for raw text.
 * @param format as it was detected; where a person has said that it is raw text, it is
 * @throws InputError where it is one
 */
export function refuseJsonArray(format: Format, text: string, path: string): void {
  if ((format !== 'txt' && format !== 'jsonl') || !JSON_ARRAY.test(text)) return;
  throw new InputError('the file is a JSON array', "write one object a line: jq -c '.[]' IN > OUT.jsonl", { path });
}

function sampleLines(text: string): string[] {
  const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  const lines = text.slice(start, start + SAMPLE).split(/\r\n|\n|\r/);
  // The last line may be cut in its middle.
  if (text.length > start + SAMPLE) lines.pop();
  return lines.filter((line) => line.trim() !== '');
}

function formatOfLines(lines: readonly string[]): Format | undefined {
  if (lines.length === 0) return undefined;
  if (lines.every((line) => /^\s*\{.*\}\s*$/.test(line))) return 'jsonl';
  const rows = lines.filter((line) => !line.startsWith('#'));
  const tabbed = rows.map((line) => line.split('\t'));
  if (mostly(tabbed, (cells) => cells.length === 10 && /^\d+([-.]\d+)?$/.test(cells[0]!))) return 'conllu';
  if (mostly(tabbed, (cells) => cells.length === 5 && /^\d+([-.]\d+)?$/.test(cells[0]!))) return 'uner';
  const tokens = lines
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('-DOCSTART-'))
    .map((line) => (line.includes('\t') ? line.split('\t') : line.split(/\s+/)));
  const width = tokens[0]?.length;
  if (width === undefined) return 'conll2003';
  if (!mostly(tokens, (cells) => cells.length === width)) return undefined;
  const labels = tokens.map((cells) => cells.at(-1)!.trim());
  const entities = mostly(labels, isSpanTag);
  if (width === 4 && entities) return 'conll2003';
  if (width === 3 && entities) return 'conll2002';
  if (width >= 2 && (entities || (width === 2 && arePartsOfSpeech(labels)))) return 'conll';
  return undefined;
}

const isSpanTag = (label: string) => /^(O|_|[BIESLUM]-.+)$/.test(label);

/** Tags of parts of speech are short and hold no small letters: `NOUN`, `NN`, `.`; most are words, not numbers or signs. */
function arePartsOfSpeech(labels: readonly string[]): boolean {
  const named = labels.filter((label) => /^\p{Lu}/u.test(label));
  return named.length >= 0.5 * labels.length && mostly(labels, (label) => /^[^\p{Ll}\p{Lo}\s]{1,12}$/u.test(label));
}

function mostly<T>(items: readonly T[], holds: (item: T) => boolean): boolean {
  return items.length > 0 && items.filter(holds).length >= 0.9 * items.length;
}
