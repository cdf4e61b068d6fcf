// The best questions one after another, where each is worth less the more of what it is about has been asked before.
import type { Question } from './questions.ts';

/** What a question is worth when all that it is about has been asked for. */
const STALE = 0.25;

/**
 * Greedy choice. Worth only falls while questions are chosen, so a question whose worth was computed anew and still leads
 * is the best of all: few are computed anew. Of equal ones the earlier comes first.
 */
export function* diverse(
  questions: readonly Question[],
  topicOf: (question: Question) => readonly string[],
): Generator<Question> {
  const heap = new Heap(
    questions.map((question, order) => ({ question, order, worth: question.worth, topic: undefined })),
  );
  const asked = new Set<string>();
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const { question, topic = topicOf(question) } = top;
    const fresh = topic.filter((word) => !asked.has(word)).length / topic.length;
    const worth = question.worth * (STALE + (1 - STALE) * fresh);
    if (worth < top.worth) {
      heap.push({ ...top, topic, worth });
      continue;
    }
    for (const word of topic) asked.add(word);
    yield question;
  }
}

interface Entry {
  readonly question: Question;
  readonly order: number;
  readonly worth: number;
  /** Made when it is first needed. */
  readonly topic: readonly string[] | undefined;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.worth > b.worth || (a.worth === b.worth && a.order < b.order);
}

/** A binary heap, the best entry at the top. */
class Heap {
  readonly #entries: Entry[];

  constructor(entries: Entry[]) {
    this.#entries = entries.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  push(entry: Entry): void {
    const entries = this.#entries;
    let at = entries.push(entry) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(entry, entries[above]!); above = (at - 1) >> 1) {
      entries[at] = entries[above]!;
      at = above;
    }
    entries[at] = entry;
  }

  pop(): Entry | undefined {
    const entries = this.#entries;
    const [top] = entries;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= entries.length) break;
      if (below + 1 < entries.length && isBefore(entries[below + 1]!, entries[below]!)) below++;
      if (isBefore(last, entries[below]!)) break;
      entries[at] = entries[below]!;
      at = below;
    }
    entries[at] = last;
    return top;
  }
}
