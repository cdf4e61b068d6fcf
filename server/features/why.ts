// Why a sentence was chosen, in a few words for people.
import type { Choice } from '../learning/acquisition/index.ts';

/** What the measures are called, and how their values are written. */
const MEASURES: Readonly<Record<string, (value: number) => string>> = {
  least: (value) => `best labels ${percent(value)} sure`,
  mnlp: (value) => `${percent(Math.exp(value))} sure per word`,
  entropy: (value) => `entropy ${value.toFixed(2)}`,
  span: (value) => `least certain ${percent(value)}`,
  f1: (value) => `expected score ${percent(value)}`,
  committee: (value) => `models disagree ${value.toFixed(2)}`,
};

export function whyOf({ by, value, doubt }: Choice['reason'], words: readonly string[]): string {
  const measure = MEASURES[by]?.(value);
  if (measure === undefined) return 'by chance';
  if (doubt === undefined) return measure;
  // Isolated, so that words of any direction stay where they are said (U+2068 ... U+2069).
  const place = `\u2068${words.slice(doubt.start, doubt.end).join(' ')}\u2069`;
  return `${measure}: ${place} ${doubt.label ?? 'O'} ${percent(doubt.score)}?`;
}

function percent(probability: number): string {
  return `${Math.floor(probability * 100)}%`;
}
