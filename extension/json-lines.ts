// JSON lines are ours where they hold sentences; a log, or texts with a label as a whole, are somebody else's.
import type * as vscode from 'vscode';

export const JSON_LINES = 'jsonl';

/** Lines at the start that are looked at, and characters of a line above which it is no sentence. */
const LINES = 100;
const LONGEST = 1_000_000;

/** As in server/text/jsonl.ts, which reads them. */
const WORDS = ['tokens', 'words'];
const TAGS = ['tags', 'labels', 'ner_tags', 'pos_tags', 'upos'];
const SPANS = ['entities', 'label', 'labels', 'spans'];

/** As they were found when they were opened: what is sent to the server once must go on being sent. */
const found = new WeakMap<vscode.TextDocument, boolean>();

/** Whether a document is JSON lines of which none of the first is a sentence, as it was when it was opened. */
export function isForeign(document: vscode.TextDocument): boolean {
  if (document.languageId !== JSON_LINES) return false;
  let foreign = found.get(document);
  if (foreign === undefined) {
    foreign = !holdsSentence(document);
    found.set(document, foreign);
  }
  return foreign;
}

function holdsSentence(document: vscode.TextDocument): boolean {
  for (let line = 0; line < Math.min(LINES, document.lineCount); line++) {
    if (isSentence(document.lineAt(line).text)) return true;
  }
  return false;
}

export function isSentence(line: string): boolean {
  if (line.length > LONGEST || line.trim() === '') return false;
  let value: unknown;
  try {
    value = JSON.parse(line.replace(/^\ufeff/, ''));
  } catch {
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  const object = new Map<string, unknown>(Object.entries(value));
  const listOf = (keys: readonly string[], isElement: (element: unknown) => boolean) => {
    const list = object.get(keys.find((key) => object.has(key)) ?? '');
    return list === undefined || (Array.isArray(list) && list.every(isElement));
  };
  const hasWords = WORDS.some((key) => object.has(key)) && listOf(WORDS, (word) => typeof word === 'string');
  if (hasWords) return listOf(TAGS, (tag) => tag === null || typeof tag === 'string');
  return typeof object.get('text') === 'string' && listOf(SPANS, isSpan);
}

function isSpan(span: unknown): boolean {
  if (typeof span !== 'object' || span === null) return false;
  return Array.isArray(span)
    ? span.length === 3 && typeof span[0] === 'number'
    : 'start' in span || 'start_offset' in span;
}
