// Edits that write labels into JSON lines.
import { runsOf, type TokenRun } from './alignment.ts';
import type { PieceDocument } from './document.ts';
import type { JsonRecord, JsonSentence } from './jsonl.ts';
import { type TextEdit, UNDECIDED } from './types.ts';

/**
 * See TextDocument.setLabels. A line without tags or spans gets them with its first label; one whose labels are rejected is
 * accepted with its new ones, which would not count otherwise.
 */
export function jsonLabelEdits(
  document: PieceDocument,
  sentence: number,
  start: number,
  labels: readonly (string | undefined)[],
): TextEdit[] {
  // A sentence with tokens has its record.
  const piece = document.sentences[sentence]! as JsonSentence;
  const { record } = piece;
  if (record === undefined) return [];
  const now = piece.tokens.map((token) => token.label);
  const wanted = now.map((label, at) => (at < start || at >= start + labels.length ? label : labels[at - start]));
  if (wanted.every((label, index) => label === now[index])) return [];
  const edits =
    record.spans === undefined
      ? tagEdits(record, piece.tokens, wanted)
      : spanEdits(record, record.spans, piece.source, wanted, { start, end: start + labels.length });
  if (record.rejected !== undefined) edits.push({ ...record.rejected, text: '"accept"' });
  const base = document.offsetOf(sentence);
  return edits.map((edit) => ({ start: base + edit.start, end: base + edit.end, text: edit.text }));
}

function tagEdits(
  record: JsonRecord,
  tokens: JsonSentence['tokens'],
  wanted: readonly (string | undefined)[],
): TextEdit[] {
  const tag = (label: string | undefined) => JSON.stringify(label ?? UNDECIDED);
  const all = () => `[${wanted.map(tag).join(', ')}]`;
  if (record.labels === undefined) return [{ start: record.close, end: record.close, text: `, "tags": ${all()}` }];
  if (tokens.some((token) => token.labelStart < 0)) return [{ ...record.labels, text: all() }];
  return tokens.flatMap(({ label, labelStart, labelEnd }, index) => {
    if (label === wanted[index]) return [];
    const text = tag(wanted[index]);
    // A null has no quotes to keep.
    return [{ start: labelStart, end: labelEnd, text: record.nulls.has(index) ? text : text.slice(1, -1) }];
  });
}

function spanEdits(
  record: JsonRecord,
  spans: NonNullable<JsonRecord['spans']>,
  source: string,
  wanted: readonly (string | undefined)[],
  changed: { readonly start: number; readonly end: number },
): TextEdit[] {
  const runs = [...runsOf(wanted), ...undecidedRuns(wanted)];
  // As texts: a long document has thousands of spans.
  const keyOf = ({ start, end, label }: TokenRun) => `${start} ${end} ${label}`;
  const wantedRuns = new Set(runs.map(keyOf));
  const shown = new Set(spans.flatMap(({ run }) => (run === undefined ? [] : keyOf(run))));
  const kept = spans.filter(({ run, touched }) => {
    if (run !== undefined) return wantedRuns.has(keyOf(run));
    // A span that could not be shown would come to light once the one above it goes.
    return touched.end <= changed.start || touched.start >= changed.end;
  });
  const added = runs.filter((run) => !shown.has(keyOf(run)));
  // The same spans in another scheme: characters have none, and hidden spans stay hidden.
  const gone = [...shown].some((key) => !wantedRuns.has(key));
  if (record.labels !== undefined && record.rejected === undefined && !gone && added.length === 0) return [];
  const elements = kept.map(({ place }) => source.slice(place.start, place.end));
  for (const { start, end, label } of added) {
    elements.push(element(record, record.codePoints[start]!.start, record.codePoints[end - 1]!.end, label));
  }
  const text = `[${elements.join(', ')}]`;
  if (record.labels === undefined) return [{ start: record.close, end: record.close, text: `, "entities": ${text}` }];
  return [{ ...record.labels, text }];
}

/** What nobody has decided: without a span of its own it would be `O`. */
function undecidedRuns(labels: readonly (string | undefined)[]): TokenRun[] {
  const runs: TokenRun[] = [];
  for (const [index, label] of labels.entries()) {
    if (label !== undefined) continue;
    const last = runs.at(-1);
    if (last?.end === index) runs[runs.length - 1] = { ...last, end: index + 1 };
    else runs.push({ start: index, end: index + 1, label: UNDECIDED });
  }
  return runs;
}

/** A span in the style of the others of its line. */
function element(record: JsonRecord, start: number, end: number, label: string): string {
  if (record.style === 'offsets') return JSON.stringify({ start_offset: start, end_offset: end, label });
  if (record.style === 'object') return JSON.stringify({ start, end, label });
  return JSON.stringify([start, end, label]);
}
