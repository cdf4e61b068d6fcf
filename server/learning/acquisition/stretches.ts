// The places of a sentence that a person may be asked about on their own.
import type { Candidate, Measures, Stretch } from './types.ts';

/** A token outside all spans is in doubt from this probability on that it belongs to one. */
const DOUBT = 0.1;

/**
 * The suggested spans and the runs of other tokens that may belong to one; for parts of speech, every token. Those with a
 * decided token are left out.
 */
export function doubts({ tags, spans, confidences }: Measures, decided: Candidate['decided']): Stretch[] {
  const isOpen = ({ start, end }: Stretch) => !decided?.slice(start, end).some(Boolean);
  if (!tags.includes('O') && spans.length === 0) {
    return tags.map((label, t) => ({ start: t, end: t + 1, label, score: confidences[t]! })).filter(isOpen);
  }
  const found: Stretch[] = spans.map(({ start, end, label, score }) => ({ start, end, label, score }));
  for (let t = 0; t < tags.length; t++) {
    if (!isDoubtful(t)) continue;
    const start = t;
    let score = 1;
    for (; t < tags.length && isDoubtful(t); t++) score = Math.min(score, confidences[t]!);
    found.push({ start, end: t, label: undefined, score });
  }
  return found.filter(isOpen).sort((a, b) => a.start - b.start);

  function isDoubtful(token: number): boolean {
    return tags[token] === 'O' && confidences[token]! <= 1 - DOUBT && decided?.[token] !== true;
  }
}

/** The place in tokens [start, end) that is most likely wrong. */
export function worst(stretches: readonly Stretch[], start: number, end: number): Stretch | undefined {
  const inside = stretches.filter((stretch) => stretch.start < end && start < stretch.end);
  return inside.length === 0 ? undefined : inside.reduce((a, b) => (b.score < a.score ? b : a));
}
