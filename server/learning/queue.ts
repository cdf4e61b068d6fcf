// What a person is asked for next: the open sentences of the pool, those first whose labels teach most, and between them, by
// chance, those that are kept for measuring.
import { type Choice, type Measures, rank } from './acquisition/index.ts';
import type { Asking } from './asking.ts';
import type { PoolSentence } from './pool.ts';

/** Sentences that are put in order with care, of each kind: the most uncertain ones, and others by chance. */
const SHORT_LIST = 200;
/** Items that are ready to be asked for. */
const READY = 200;

/** Sentences that are picked at a time from all that wait to be measured. */
const PICKED = 1000;

/** Models of earlier rounds that vote beside the present one; so many learn one after another in a round, each a little more. */
const COMMITTEE = 2;
const ROUND = 20;

/** Tokens that the uncertainty of a sentence is spread over beside its own: titles and datelines do not come before all else. */
const BRAKE = 8;

export interface QueueOptions {
  /** How the sentences of a file are asked for. */
  readonly askingOf: (uri: string) => Asking;
  readonly seed: number;
}

/** Something to ask for: tokens [start, end) of a sentence. */
export interface QueueItem {
  readonly sentence: PoolSentence;
  readonly start: number;
  readonly end: number;
  readonly reason: Choice['reason'];
}

export class ReviewQueue {
  readonly #options: QueueOptions;
  readonly #files = new Map<string, readonly PoolSentence[]>();
  #version = 0;
  /** Sentences that are to be measured next. */
  #picked: PoolSentence[] = [];
  /** Nothing waits to be measured, and nothing has changed since. */
  #isMeasured = false;
  #order: readonly QueueItem[] | undefined;
  /** Something has changed since the order was made. */
  #isStale = true;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** The sentences of a file, instead of those known before; measures of the same words are taken over. */
  put(uri: string, sentences: readonly PoolSentence[]): void {
    const before = new Map(this.#files.get(uri)?.map((sentence) => [sentence.hash, sentence]));
    for (const sentence of before.size > 0 ? sentences : []) {
      const known = before.get(sentence.hash);
      if (known === undefined) continue;
      sentence.measures = known.measures;
      sentence.votes = known.votes;
      sentence.worth = known.worth;
      sentence.version = known.version;
    }
    this.#files.set(uri, sentences);
    this.#picked = [];
    this.#isMeasured = false;
    this.#isStale = true;
  }

  drop(uri: string): void {
    if (this.#files.delete(uri)) this.#isStale = true;
  }

  /** Another model answers from now on: everything is to be measured anew, the most uncertain first. */
  renew(): void {
    this.#version++;
    this.#picked = [];
    this.#isMeasured = false;
    this.#isStale = true;
  }

  /** Labels have changed. */
  touch(): void {
    this.#isMeasured = false;
    this.#isStale = true;
  }

  /** Files whose sentences are known. */
  get files(): Iterable<string> {
    return this.#files.keys();
  }

  sentencesOf(uri: string): readonly PoolSentence[] {
    return this.#files.get(uri) ?? [];
  }

  /** The sentences that people have decided something of, those apart that are kept for measuring. */
  *taught(): Generator<PoolSentence> {
    for (const sentences of this.#files.values()) {
      for (const sentence of sentences) if (sentence.human && !sentence.heldOut) yield sentence;
    }
  }

  /** How many sentences wait for a person, and of how many the present model has said what it thinks. */
  count(): { files: number; open: number; measured: number } {
    let open = 0;
    let measured = 0;
    for (const sentence of this.#open()) {
      open++;
      if (sentence.version === this.#version) measured++;
    }
    return { files: this.#files.size, open, measured };
  }

  /**
   * The next sentences to measure, all of one file, about `tokens` tokens: the most uncertain of those measured before by
   * another model, then new ones. None: everything is measured.
   * @param isAmong whether a file has a model that can measure it; where it has got one again, `renew` says so
   */
  toMeasure(tokens: number, isAmong: (uri: string) => boolean): PoolSentence[] {
    const waits = (one: PoolSentence) =>
      one.version !== this.#version && !one.heldOut && one.isOpen && isAmong(one.uri);
    let at = this.#picked.findIndex(waits);
    if (at < 0) {
      // Each key asks, and must not walk through a hundred thousand sentences.
      if (this.#isMeasured) return [];
      const waiting: PoolSentence[] = [];
      for (const sentence of this.#open(isAmong)) if (waits(sentence)) waiting.push(sentence);
      const measured = mostUncertain(waiting, PICKED).sort((a, b) => b.worth! - a.worth!);
      this.#picked = measured.length > 0 ? measured : waiting.slice(0, PICKED);
      this.#isMeasured = waiting.length === 0;
      at = 0;
    }
    const batch: PoolSentence[] = [];
    let size = 0;
    for (; at < this.#picked.length && size < tokens; at++) {
      const sentence = this.#picked[at]!;
      if (batch.length > 0 && sentence.uri !== batch[0]!.uri) break;
      if (!waits(sentence)) continue;
      batch.push(sentence);
      size += sentence.tokens;
    }
    return batch;
  }

  /** What the present model says of sentences. */
  measured(sentences: readonly PoolSentence[], measures: readonly Measures[]): void {
    for (const [i, sentence] of sentences.entries()) {
      if (this.#options.askingOf(sentence.uri).strategy === 'committee') this.#keepVote(sentence, measures[i]!);
      sentence.measures = measures[i]!;
      sentence.worth = uncertainty(sentence, measures[i]!);
      sentence.version = this.#version;
    }
    this.#isStale = true;
  }

  /** Keeps what the present model says of a sentence as its vote, where it is a round younger than the newest vote. */
  #keepVote(sentence: PoolSentence, { tags }: Measures): void {
    const { votes } = sentence;
    const last = votes.at(-1);
    if (last !== undefined && this.#version - last.version < ROUND) return;
    // The newest may be the present model's own.
    sentence.votes = [...votes, { version: this.#version, tags }].slice(-COMMITTEE - 1);
  }

  /** Makes the order anew where something has changed, so that `next` need not. */
  prepare(): void {
    if (!this.#isStale && this.#order !== undefined) return;
    this.#order = this.#ordered();
    this.#isStale = false;
  }

  /**
   * The next items, those left out that `isTaken` says are there already: at once, in the order that was made last, as long
   * as that has enough of them.
   */
  next(count: number, isTaken: (sentence: PoolSentence) => boolean): QueueItem[] {
    const open = ({ sentence }: QueueItem) => sentence.isOpen && !isTaken(sentence);
    const ready = this.#order?.filter(open).slice(0, count) ?? [];
    if (ready.length === count) return ready;
    this.prepare();
    return this.#order!.filter(open).slice(0, count);
  }

  *#open(isAmong: (uri: string) => boolean = () => true): Generator<PoolSentence> {
    for (const [uri, sentences] of this.#files) {
      if (!isAmong(uri)) continue;
      for (const sentence of sentences) if (sentence.isOpen) yield sentence;
    }
  }

  /** What is asked for in another way has an order of its own: of several one item each in turn. */
  #ordered(): QueueItem[] {
    const alike = new Map<string, { readonly asking: Asking; readonly uris: Set<string> }>();
    for (const uri of this.#files.keys()) {
      const asking = this.#options.askingOf(uri);
      const key = JSON.stringify(asking);
      const known = alike.get(key);
      if (known === undefined) alike.set(key, { asking, uris: new Set([uri]) });
      else known.uris.add(uri);
    }
    return inTurn(
      Array.from(alike.values(), ({ asking, uris }) => this.#orderedAlike(asking, uris)),
      READY,
    );
  }

  #orderedAlike({ holdout, strategy, unit }: Asking, uris: ReadonlySet<string>): QueueItem[] {
    const { seed } = this.#options;
    const kept: PoolSentence[] = [];
    const others: PoolSentence[] = [];
    for (const sentence of this.#open((uri) => uris.has(uri))) (sentence.heldOut ? kept : others).push(sentence);
    const short = this.#shortList(others);
    const candidates = short.map((sentence) => ({
      ...{ words: sentence.words, measures: sentence.measures, votes: votesOf(sentence) },
      ...(sentence.tags !== undefined && { decided: sentence.tags.map((tag) => tag !== undefined) }),
    }));
    const best = rank(candidates, { strategy, unit, seed }).map(({ candidate, start, end, reason }): QueueItem => {
      return { sentence: short[candidate]!, start, end, reason };
    });
    return mixed(firstOfEach(best), firstByChance(kept, READY).map(byChance), holdout);
  }

  /** The most uncertain sentences, and as many by chance. The others' measures are let go: they fill the memory. */
  #shortList(sentences: readonly PoolSentence[]): PoolSentence[] {
    const chosen = new Set(mostUncertain(sentences, SHORT_LIST));
    for (const sentence of sentences) if (!chosen.has(sentence)) sentence.measures = undefined;
    return [...new Set([...chosen, ...firstByChance(sentences, SHORT_LIST)])];
  }
}

/** What models of earlier rounds than the one that has measured it last say of a sentence. */
function votesOf({ votes, version }: PoolSentence): (readonly string[])[] {
  return votes
    .filter((vote) => vote.version !== version)
    .map(({ tags }) => tags)
    .slice(-COMMITTEE);
}

/** The sentences that are most uncertain, in the order that they have; those that were never measured are left out. */
function mostUncertain(sentences: readonly PoolSentence[], count: number): PoolSentence[] {
  const measured = sentences.filter(({ worth }) => worth !== undefined);
  if (measured.length <= count) return measured;
  const worths = new Float64Array(measured.length);
  for (let i = 0; i < worths.length; i++) worths[i] = measured[i]!.worth!;
  const least = worths.sort().at(-count)!;
  let equal = count - measured.filter(({ worth }) => worth! > least).length;
  return measured.filter(({ worth }) => worth! > least || (worth === least && equal-- > 0));
}

/** The first sentences in the order of chance. */
function firstByChance(sentences: readonly PoolSentence[], count: number): PoolSentence[] {
  // Among the lowest of evenly spread numbers, twice as many as are wanted, hardly ever too few are found.
  const share = (2 * count + 50) / Math.max(1, sentences.length);
  const low = sentences.filter(({ chance }) => chance < share * 2 ** 32);
  const found = low.length >= count || share >= 1 ? low : [...sentences];
  return found.sort((a, b) => a.chance - b.chance).slice(0, count);
}

/** Entropy of what is undecided, with a brake on short sentences: whatever the strategy, its best are among the first. */
function uncertainty({ tags }: PoolSentence, { entropies }: Measures): number {
  let sum = 0;
  let open = 0;
  for (const [t, entropy] of entropies.entries()) {
    if (tags?.[t] !== undefined) continue;
    sum += entropy;
    open++;
  }
  return sum / (open + BRAKE);
}

/** A sentence is shown once, for the best of what is asked in it. */
function firstOfEach(items: readonly QueueItem[]): QueueItem[] {
  const seen = new Set<PoolSentence>();
  return items.filter(({ sentence }) => !seen.has(sentence) && seen.add(sentence));
}

function byChance(sentence: PoolSentence): QueueItem {
  return { sentence, start: 0, end: sentence.tokens, reason: { by: 'random', value: 0, doubt: undefined } };
}

/** Both lists in their order, `share` of the items from the second as long as there are both. */
function mixed(best: readonly QueueItem[], kept: readonly QueueItem[], share: number): QueueItem[] {
  const items: QueueItem[] = [];
  let taken = 0;
  for (const item of best) {
    items.push(item);
    if (taken < kept.length && (taken + 1) / (items.length + 1) <= share) items.push(kept[taken++]!);
  }
  return [...items, ...kept.slice(taken)];
}

/** The first of each list, then the second of each, and so on. */
function inTurn(lists: readonly (readonly QueueItem[])[], most: number): QueueItem[] {
  const items: QueueItem[] = [];
  const longest = Math.min(most, Math.max(0, ...lists.map(({ length }) => length)));
  for (let i = 0; i < longest; i++) for (const list of lists) if (list[i] !== undefined) items.push(list[i]!);
  return items.slice(0, most);
}
