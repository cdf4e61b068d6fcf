// Sentences with the same words are told apart by their order: where one of them comes or goes, the others get other
// numbers, and what was decided of them follows.
import type { Sentence } from './text/index.ts';
import type { OpenDocument } from './workspace/documents.ts';
import {
  type DocumentJournal,
  type EntryDraft,
  opensAgain,
  type Renumbering,
  type Rewording,
  type SentenceAddress,
  sentenceHash,
  written,
} from './workspace/journal/index.ts';

/** What is decided of a sentence. */
interface Known {
  /** As lines hold them; null where nobody here has decided. */
  readonly tags: readonly (string | null)[];
  readonly reviewed: boolean;
}

type LabelDraft = Extract<EntryDraft, { readonly after: unknown }>;

const NOTHING: Known = { tags: [], reviewed: false };

/** Sentences with the same words, of which one or more have come or gone. */
export interface Shift extends Renumbering {
  readonly drafts: readonly EntryDraft[];
}

export class JournalShifts {
  readonly #document: OpenDocument;
  readonly #journal: DocumentJournal;
  /** What was decided of sentences that are gone, by their words and labels: undo brings them back. */
  readonly #gone = new Map<string, Known>();
  /** What lines say that are still being written, by address. */
  readonly #coming = new Map<string, Known>();

  constructor(document: OpenDocument, journal: DocumentJournal) {
    this.#document = document;
    this.#journal = journal;
  }

  /** @param typed what is to be written first */
  of({ before, gone, come }: Rewording, typed: readonly EntryDraft[]): Shift[] {
    const { journal, file } = this.#journal;
    if (!journal.has(file)) return [];
    const more = new Map<string, { readonly like: Sentence; count: number }>();
    const count = (sentence: Sentence, by: number) => {
      if (sentence.tokens.length === 0) return;
      const hash = sentenceHash(sentence);
      const known = more.get(hash);
      if (known === undefined) more.set(hash, { like: sentence, count: by });
      else known.count += by;
    };
    for (const sentence of come) count(sentence, 1);
    for (const sentence of gone) count(sentence, -1);
    const known = [...more].filter(([hash, { count }]) => count !== 0 && journal.has(file, hash));
    if (known.length === 0) return [];
    const likes = known.map(([, { like }]) => like);
    const old = this.#journal.alike(likes, before);
    const now = this.#journal.alike(likes, this.#document.text.sentences);
    return known.flatMap(([hash, { like }]) => {
      const were = old.get(hash)!.map((index) => before[index]!);
      return this.#shift(like, were, now.get(hash)!, typed);
    });
  }

  /** The lines of these shifts are written. */
  written(shifts: readonly Shift[]): void {
    for (const { drafts } of shifts) for (const draft of drafts) this.#coming.delete(keyOf(draft as LabelDraft));
  }

  #shift(like: Sentence, old: readonly Sentence[], now: readonly number[], typed: readonly EntryDraft[]): Shift[] {
    const { sentences } = this.#document.text;
    const place = { file: this.#journal.file, sentence: sentenceHash(like) };
    const known = Array.from({ length: Math.max(old.length, now.length) }, (_, nth) =>
      this.#known({ ...place, nth }, typed),
    );
    const left = new Set(old.keys());
    const use = (nth: number | undefined) => (nth !== undefined && left.delete(nth) ? nth : undefined);
    // The very same ones first, whatever stands between them; then those that look the same.
    const places = new Map(old.map((sentence, nth) => [sentence, nth]));
    const from = now.map((index) => use(places.get(sentences[index]!)));
    const looks = now.map((index) => looksOf(sentences[index]!));
    const same = new Map<string, number[]>();
    for (const nth of left) {
      const others = same.get(looksOf(old[nth]!));
      if (others === undefined) same.set(looksOf(old[nth]!), [nth]);
      else others.push(nth);
    }
    for (const nth of now.keys()) from[nth] ??= use(same.get(looks[nth]!)?.shift());
    const back = now.map((_, nth) => (from[nth] === undefined ? this.#gone.get(looks[nth]!) : undefined));
    for (const nth of now.keys()) if (back[nth] === undefined) from[nth] ??= use(left.values().next().value);
    const drafts = now.flatMap((_, nth) => {
      const was = from[nth] === undefined ? back[nth] : known[from[nth]];
      return this.#drafts({ ...place, nth }, like, known[nth]!, was ?? (nth < old.length ? NOTHING : known[nth]!));
    });
    if (drafts.length === 0) return [];
    for (const nth of left) this.#gone.set(looksOf(old[nth]!), known[nth]!);
    // What comes in the place of the last ones is not what stood there.
    const rest = known.slice(now.length).flatMap((one, i) => {
      return this.#drafts({ ...place, nth: now.length + i }, like, one, NOTHING);
    });
    return [{ like, count: old.length, now, from, drafts: [...drafts, ...rest] }];
  }

  #known(address: SentenceAddress, typed: readonly EntryDraft[]): Known {
    const coming = this.#coming.get(keyOf(address));
    const decisions = coming === undefined ? this.#journal.journal.sentence(address) : undefined;
    const tokens = decisions?.tokens ?? [];
    const tags = coming?.tags ?? tokens.map((one) => (one === undefined ? null : written([one.tag])[0]!));
    let known: Known = coming ?? { tags, reviewed: decisions?.reviewed !== undefined };
    for (const draft of typed) {
      if ('after' in draft && keyOf(draft) === keyOf(address)) known = withTyped(known, draft);
    }
    return known;
  }

  /** What is said of an address from now on, where that is something else than before. */
  #drafts(address: SentenceAddress, like: Sentence, before: Known, { tags, reviewed }: Known): EntryDraft[] {
    if (says(before) === says({ tags, reviewed })) return [];
    this.#coming.set(keyOf(address), { tags, reviewed });
    const draft = (start: number, some: readonly string[]): LabelDraft => {
      const place = { ...address, word: like.tokens[0]!.form };
      return { action: 'carried', ...place, start, before: [...some], after: [...some] };
    };
    const runs = runsOf(tags).map(([start, some]) => draft(start, some));
    const [first = draft(0, []), ...rest] = runs;
    return [{ ...first, reviewed }, ...rest];
  }
}

function keyOf({ sentence, nth }: Pick<SentenceAddress, 'sentence' | 'nth'>): string {
  return `${sentence}/${nth}`;
}

/** The words and the labels of a sentence. */
function looksOf(sentence: Sentence): string {
  return `${sentenceHash(sentence)} ${written(sentence.tokens.map(({ label }) => label)).join(' ')}`;
}

function says({ tags, reviewed }: Known): string {
  return JSON.stringify([tags.slice(0, tags.findLastIndex((tag) => tag !== null) + 1), reviewed]);
}

function withTyped({ tags, reviewed }: Known, draft: LabelDraft): Known {
  const { start, before, after } = draft;
  const now = [...tags];
  for (const [i, tag] of after.entries()) if (tag !== before[i]) now[start + i] = tag;
  return { tags: Array.from(now, (tag) => tag ?? null), reviewed: reviewed && !opensAgain(draft) };
}

/** Tokens side by side that somebody has decided. */
function runsOf(tags: readonly (string | null)[]): [start: number, tags: string[]][] {
  const runs: [number, string[]][] = [];
  for (const [token, tag] of tags.entries()) {
    if (tag === null) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1].length === token) last[1].push(tag);
    else runs.push([token, [tag]]);
  }
  return runs;
}
