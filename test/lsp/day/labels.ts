// What tags become under a person's hands, written down a second time: nothing here is the server's own code.

/** Tags of a sentence, `_` where nobody has decided. */
export type Tags = readonly string[];

export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** BIO: an `I-` that continues nothing starts a span. */
export function spansIn(tags: Tags): Span[] {
  const spans: { start: number; end: number; label: string }[] = [];
  for (const [i, tag] of tags.entries()) {
    if (!/^[BI]-/.test(tag)) continue;
    const last = spans.at(-1);
    const label = tag.slice(2);
    if (tag[0] === 'I' && last?.end === i && last.label === label) last.end = i + 1;
    else spans.push({ start: i, end: i + 1, label });
  }
  return spans;
}

/** The tags after tokens [start, end) got a label: null `O`, `_` undecided. What is left of a span that is cut stays one. */
export function give(tags: Tags, start: number, end: number, label: string | null, task: 'ner' | 'pos'): string[] {
  const out = [...tags];
  for (let t = start; t < end; t++) {
    if (task === 'pos') out[t] = label ?? '_';
    else if (label === null) out[t] = 'O';
    else out[t] = label === '_' ? '_' : `${t === start ? 'B' : 'I'}-${label}`;
  }
  if (task === 'ner' && label !== '_' && out[end]?.startsWith('I-')) out[end] = `B-${out[end].slice(2)}`;
  return out;
}

/** Every span starts with a `B-`. */
export function opened(tags: Tags): string[] {
  const starts = new Set(spansIn(tags).map(({ start }) => start));
  return tags.map((tag, i) => (starts.has(i) ? tag.replace(/^I-/, 'B-') : tag));
}

/** Token `at` became two. */
export function splitAt(tags: Tags, at: number): string[] {
  const tag = tags[at]!;
  return [...tags.slice(0, at), tag, tag.replace(/^B-/, 'I-'), ...tags.slice(at + 1)];
}

/** Tokens `at` and `at + 1` became one, which is of the first span that they touch; another one keeps the rest of it. */
export function joinedAt(tags: Tags, at: number): string[] {
  const [a, b] = [tags[at]!, tags[at + 1]!];
  const after = tags.slice(at + 2);
  const isSpan = (tag: string) => tag !== 'O' && tag !== '_';
  if (!isSpan(a) && !isSpan(b)) return [...tags.slice(0, at), a === 'O' && b === 'O' ? 'O' : '_', ...after];
  const isCut = isSpan(a) && b.startsWith('B-') && after[0]?.startsWith('I-');
  if (isCut) after[0] = after[0]!.replace(/^I-/, 'B-');
  return [...tags.slice(0, at), isSpan(a) ? a : b, ...after];
}

/** The sentence ends before token `at`. */
export function cutAt(tags: Tags, at: number): [string[], string[]] {
  const rest = tags.slice(at);
  return [tags.slice(0, at), [rest[0]!.replace(/^I-/, 'B-'), ...rest.slice(1)]];
}
