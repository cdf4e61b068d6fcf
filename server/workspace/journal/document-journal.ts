// What the journal says of an open document: who labelled it, and which sentences are reviewed.
import { OUTSIDE } from '../../tags/index.ts';
import { contentHash, isAnnotated, type Sentence, type TextDocument } from '../../text/index.ts';
import type { OpenDocument, SentenceEdit } from '../documents.ts';
import { sentenceKey } from '../suggestions.ts';
import { type Decision, rawTags, type SentenceDecisions } from './decisions.ts';
import type { LabelEntry, SentenceAddress } from './entry.ts';
import type { Journal } from './journal.ts';

const hashes = new WeakMap<Sentence, string>();

/** `contentHash` of the words of a sentence. */
export function sentenceHash(sentence: Sentence): string {
  let hash = hashes.get(sentence);
  if (hash === undefined) {
    hash = contentHash(sentence.tokens.map(({ form }) => form));
    hashes.set(sentence, hash);
  }
  return hash;
}

/** The same text has the same words, and need not be cut for that. */
export function sameWords(a: Sentence, b: Sentence): boolean {
  return a === b || a.source === b.source || a.source.trim() === b.source.trim() || sentenceHash(a) === sentenceHash(b);
}

/** The addresses of the sentences of a file, which are asked for in their order, by `contentHash` of their words. */
export function addressesIn(file: string): (hash: string) => SentenceAddress {
  const seen = new Map<string, number>();
  return (sentence) => {
    const nth = seen.get(sentence) ?? 0;
    seen.set(sentence, nth + 1);
    return { file, sentence, nth };
  };
}

export class DocumentJournal {
  readonly journal: Journal;
  /** Path in the workspace folder, with `/`. */
  readonly file: string;
  /** Sentences about whose labels the journal and the file, or two annotators, did not agree when that was last looked at. */
  flagged: readonly { readonly address: SentenceAddress; readonly like: Sentence }[] = [];
  readonly #document: OpenDocument;
  /** The text that `#keys` belongs to. */
  #text: TextDocument | undefined;
  /** By sentence: the same for sentences with the same words (and hardly ever for others). */
  #keys: (string | number)[] = [];
  /** Key -> sentences. */
  #index: Map<string | number, number[]> | undefined;
  #nths: Uint32Array | undefined;

  constructor(document: OpenDocument, journal: Journal, file: string) {
    this.#document = document;
    this.journal = journal;
    this.file = file;
  }

  /** Takes over an edit of the text. */
  edited({ first, removed, inserted }: SentenceEdit): void {
    if (this.#text !== this.#document.text) return;
    const { sentences } = this.#text;
    const keys = sentences.slice(first, first + inserted).map((sentence) => this.#keyOf(sentence));
    // New labels, and the same words.
    if (inserted === removed && keys.every((key, i) => key === this.#keys[first + i])) return;
    this.#keys = this.#keys.slice(0, first).concat(keys, this.#keys.slice(first + removed));
    this.#index = undefined;
  }

  address(index: number): SentenceAddress {
    const { sentences } = this.#document.text;
    this.#bringUpToDate();
    this.#nths ??= this.#countAll();
    return { file: this.file, sentence: sentenceHash(sentences[index]!), nth: this.#nths[index]! };
  }

  /** The address of `gone[i]`: these sentences stood before sentence `first` until they were removed or got other words. */
  addressOfGone(gone: readonly Sentence[], i: number, first: number): SentenceAddress {
    const like = gone[i]!;
    this.#bringUpToDate();
    const others = this.#index!.get(this.#keyOf(like))?.filter((index) => index < first) ?? [];
    const before = [...others.map((index) => this.#document.text.sentences[index]!), ...gone.slice(0, i)];
    const nth = before.filter((other) => sameWords(other, like)).length;
    return { file: this.file, sentence: sentenceHash(like), nth };
  }

  /** Where the sentence with this address stands now, which has the words of `like`; undefined where it is gone. */
  find({ nth }: SentenceAddress, like: Sentence): number | undefined {
    this.#bringUpToDate();
    let left = nth;
    for (const index of this.#index!.get(this.#keyOf(like)) ?? []) {
      if (sameWords(this.#document.text.sentences[index]!, like) && left-- === 0) return index;
    }
    return undefined;
  }

  /** By `sentenceHash`: where those stand among `sentences` that have the words of one of `likes`. */
  alike(likes: readonly Sentence[], sentences: readonly Sentence[]): Map<string, number[]> {
    // Typing asks for none with each key, and must not read the whole file for that.
    if (likes.length === 0) return new Map();
    const keys = new Set(likes.map((like) => this.#keyOf(like)));
    const found = new Map(likes.map((like): [string, number[]] => [sentenceHash(like), []]));
    for (const [index, sentence] of sentences.entries()) {
      if (keys.has(this.#keyOf(sentence))) found.get(sentenceHash(sentence))?.push(index);
    }
    return found;
  }

  /** What is decided of a sentence; undefined where nothing is. */
  decisions(index: number): SentenceDecisions | undefined {
    if (!this.journal.has(this.file)) return undefined;
    const sentence = this.#document.text.sentences[index]!;
    if (!this.journal.has(this.file, sentenceHash(sentence))) return undefined;
    return this.journal.sentence(this.address(index));
  }

  /** By token: who gave it the tag that it has; undefined where that stood in the file. */
  origins(index: number): (Decision | undefined)[] {
    const { tokens = [] } = this.decisions(index) ?? {};
    if (tokens.length === 0) return [];
    const tags = this.#document.tagsOf(index);
    return tags.map((tag, token) =>
      tokens[token] !== undefined && tokens[token].tag === tag ? tokens[token] : undefined,
    );
  }

  /** A tag as the file can say it: brat has no `O`. */
  asFile(tag: string | undefined): string | undefined {
    return isAnnotated(this.#document.text) && tag === OUTSIDE ? undefined : tag;
  }

  /** Whether the file has the tag that was decided of a token, as far as it can say so. */
  holds(index: number, token: number, { tag }: Decision): boolean {
    return this.#document.text.sentences[index]!.tokens[token]?.label === this.asFile(tag);
  }

  /** The line that marked a sentence as reviewed. */
  reviewed(index: number): LabelEntry | undefined {
    return this.decisions(index)?.reviewed;
  }

  /** The tags of a raw text: its annotations cannot say `O`, and the journal does. */
  withOutside(index: number, tags: readonly (string | undefined)[]): (string | undefined)[] {
    return rawTags(tags, this.decisions(index));
  }

  /** By sentence: which of those with its words it is. Those that share a key have hardly ever more than one set of words. */
  #countAll(): Uint32Array {
    const { sentences } = this.#document.text;
    const nths = new Uint32Array(sentences.length);
    for (const same of this.#index!.values()) {
      const seen: { readonly like: Sentence; count: number }[] = [];
      for (const index of same) {
        let known = seen.find(({ like }) => sameWords(like, sentences[index]!));
        if (known === undefined) {
          known = { like: sentences[index]!, count: 0 };
          seen.push(known);
        }
        nths[index] = known.count++;
      }
    }
    return nths;
  }

  #bringUpToDate(): void {
    const { text } = this.#document;
    if (this.#text !== text) {
      this.#text = text;
      this.#keys = text.sentences.map((sentence) => this.#keyOf(sentence));
      this.#index = undefined;
    }
    if (this.#index !== undefined) return;
    this.#nths = undefined;
    this.#index = new Map();
    for (const [i, key] of this.#keys.entries()) {
      const same = this.#index.get(key);
      if (same === undefined) this.#index.set(key, [i]);
      else same.push(i);
    }
  }

  /** Raw text is not cut into words for this: what differs in blanks alone gets the same key. */
  #keyOf(sentence: Sentence): string | number {
    return isAnnotated(this.#document.text) ? sentence.source.replace(/\s+/g, '') : sentenceKey(sentence);
  }
}
