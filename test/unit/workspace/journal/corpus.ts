// Small files in several scripts and formats, with sentences that occur twice.
import { parseDocument, type TextDocument } from '../../../../server/text/index.ts';

/** null: no entity; undefined: undecided. */
export const LABELS = ['PER', 'LOC', 'ORG', null, undefined] as const;

const ROWS = [
  ['አበበ', 'በሶ', 'በላ', '።'],
  ['ولد', 'محمد', 'في', 'القاهرة'],
  ['मुंबई', 'भारत', 'में', 'है'],
  ['上海', '很', '大'],
  ['😀', 'e\u0301t\u00e9', 'Ngũgĩ', 'wa', 'Thiong’o'],
];

export function corpus(): Map<string, TextDocument> {
  const columns = [...ROWS, ROWS[1]!].map((words) => words.map((word) => `${word} _\n`).join('')).join('\n');
  const bare = [...ROWS, ROWS[3]!].map((words) => words.map((word) => `${word}\n`).join('')).join('\n');
  const lines = ROWS.map((tokens) => `${JSON.stringify({ tokens, tags: tokens.map(() => '_') })}\n`).join('');
  return new Map([
    ['አማርኛ/a.conll', parseDocument(`${columns}\n`, { format: 'conll', task: 'ner' })],
    ['no labels yet.conll', parseDocument(`${bare}\n`, { format: 'conll', task: 'ner' })],
    ['b.jsonl', parseDocument(lines, { format: 'jsonl', task: 'ner' })],
  ]);
}

/** Random numbers from a seed, in [0, 1). */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
