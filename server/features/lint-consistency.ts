// The same string with different labels, and strings that were labelled elsewhere and missed here. The index knows the
// strings of the whole file and is kept up to date sentence by sentence.
import { labelsIn, type Scheme, tagsOf } from '../tags/index.ts';
import type { Sentence } from '../text/types.ts';
import { type SentenceFinding, tagsOfSentence } from './lint-tags.ts';

/** A label is suspect where another label of the same string is this many times as frequent. */
const OUTNUMBERED = { span: 4, token: 50 };

/** A string that was labelled at least so often, and more often than not, is missed where it is not. */
const KNOWN = 2;

/** A string that is labelled somewhere in the file. */
interface LabelledString {
  readonly words: readonly string[];
  readonly labels: Map<string, number>;
  labelled: number;
  /** How often it stands outside all spans; counted from the pass on in which it became known. */
  outside: number;
  /** That pass, counted from 1; 0 while it is not known. */
  pass: number;
}

/** Tokens [start, end) of a sentence that are such a string. */
interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly label: string | undefined;
  readonly string: LabelledString;
}

/** What the index holds of one sentence. */
export interface IndexedSentence {
  readonly labelled: readonly Occurrence[];
  outside: readonly Occurrence[];
  /** The last pass whose strings were looked for here. */
  pass: number;
}

const NONE: readonly never[] = Object.freeze([]);

const LETTER = /\p{L}/u;

export class ConsistencyIndex {
  readonly #scheme: Scheme;
  readonly #strings = new Map<string, LabelledString>();
  /** Strings that have become known, by their first word. */
  readonly #known = new Map<string, LabelledString[]>();
  /** Strings labelled often enough that wait for the next pass. */
  readonly #fresh = new Set<LabelledString>();
  #pass = 0;

  constructor(scheme: Scheme) {
    this.#scheme = scheme;
  }

  add(sentence: Sentence): IndexedSentence {
    const labelled: Occurrence[] = [];
    for (const { start, end, label } of this.#spans(sentence)) {
      const words = sentence.tokens.slice(start, end).map((token) => token.form);
      if (!words.some((word) => LETTER.test(word))) continue;
      labelled.push({ start, end, label, string: this.#count(words, label) });
    }
    const indexed = { labelled, outside: [], pass: 0 };
    this.find(sentence, indexed);
    return indexed;
  }

  remove({ labelled, outside }: IndexedSentence): void {
    for (const { label, string } of labelled) {
      string.labelled -= 1;
      const left = string.labels.get(label!)! - 1;
      if (left > 0) string.labels.set(label!, left);
      else string.labels.delete(label!);
    }
    for (const { string } of outside) string.outside -= 1;
  }

  /** Whether no string has become known since the last pass. */
  get isSettled(): boolean {
    return this.#fresh.size === 0;
  }

  /** Begins a pass with the strings that have become known: every sentence must then be given to `find`. */
  beginPass(): void {
    this.#pass += 1;
    for (const string of this.#fresh) {
      string.pass = this.#pass;
      const known = this.#known.get(string.words[0]!);
      if (known === undefined) this.#known.set(string.words[0]!, [string]);
      else known.push(string);
    }
    this.#fresh.clear();
  }

  /** Looks for the strings of the passes that this sentence has not seen. */
  find(sentence: Sentence, indexed: IndexedSentence): void {
    if (indexed.pass === this.#pass || sentence.unlabelled) return;
    const { tokens } = sentence;
    const found: Occurrence[] = [];
    for (let start = 0; start < tokens.length; start++) {
      if (tokens[start]!.label !== 'O') continue;
      for (const string of this.#known.get(tokens[start]!.form) ?? []) {
        const end = start + string.words.length;
        const isHere = () =>
          string.words.every((word, i) => tokens[start + i]?.form === word && isOutside(tokens[start + i]!));
        if (string.pass <= indexed.pass || !isHere()) continue;
        string.outside += 1;
        found.push({ start, end, label: undefined, string });
      }
    }
    indexed.pass = this.#pass;
    // The longest first, so that of strings within each other the outer one is reported.
    if (found.length > 0) {
      indexed.outside = [...indexed.outside, ...found].sort((a, b) => a.start - b.start || b.end - a.end);
    }
  }

  /** What is inconsistent in a sentence by what the index knows now. */
  findings(sentence: Sentence, { labelled, outside }: IndexedSentence): readonly SentenceFinding[] {
    const found: SentenceFinding[] = [];
    for (const occurrence of labelled) {
      // Most strings have one label, and this runs over the whole file in every pause.
      if (occurrence.string.labels.size < 2) continue;
      const [label, count] = mostFrequent(occurrence.string);
      const factor = this.#scheme === 'pos' ? OUTNUMBERED.token : OUTNUMBERED.span;
      const own = occurrence.string.labels.get(occurrence.label!)!;
      if (count >= factor * own) found.push(this.#conflict(sentence, occurrence, label, count, own));
    }
    let end = 0;
    for (const occurrence of outside) {
      const { string } = occurrence;
      if (occurrence.start < end || string.labelled < KNOWN || string.labelled <= string.outside) continue;
      end = occurrence.end;
      found.push(this.#missed(sentence, occurrence));
    }
    return found.length > 0 ? found : NONE;
  }

  #spans(sentence: Sentence): Iterable<{ start: number; end: number; label: string }> {
    return labelsIn(tagsOfSentence(sentence), this.#scheme);
  }

  #count(words: readonly string[], label: string): LabelledString {
    const key = words.join(' ');
    let string = this.#strings.get(key);
    if (string === undefined) {
      string = { words, labels: new Map(), labelled: 0, outside: 0, pass: 0 };
      this.#strings.set(key, string);
    }
    string.labelled += 1;
    string.labels.set(label, (string.labels.get(label) ?? 0) + 1);
    if (this.#scheme !== 'pos' && string.labelled === KNOWN && string.pass === 0) this.#fresh.add(string);
    return string;
  }

  #conflict(
    sentence: Sentence,
    { start, end, label, string }: Occurrence,
    usual: string,
    count: number,
    own: number,
  ): SentenceFinding {
    const what = `"${string.words.join(' ')}" is ${label} here (${own} in this file) and ${usual} elsewhere (${count})`;
    return {
      ...placeOf(sentence, start, end),
      code: 'consistency.conflict',
      severity: 'warning',
      message: `${what}; relabel it if that is a slip`,
      repair: { title: `Relabel as ${usual}`, token: start, labels: this.#tags(usual, end - start) },
    };
  }

  #missed(sentence: Sentence, { start, end, string }: Occurrence): SentenceFinding {
    const [label] = mostFrequent(string);
    const what = `"${string.words.join(' ')}" is labelled elsewhere in this file (${string.labelled}, mostly ${label})`;
    return {
      ...placeOf(sentence, start, end),
      code: 'consistency.missed-repeat',
      severity: 'information',
      message: `${what} and not here; label it if it was missed`,
      repair: { title: `Label as ${label}`, token: start, labels: this.#tags(label, end - start) },
    };
  }

  #tags(label: string, length: number): string[] {
    return this.#scheme === 'pos' ? [label] : tagsOf([{ start: 0, end: length, label }], length, this.#scheme);
  }
}

function isOutside(token: Sentence['tokens'][number]): boolean {
  return token.label === 'O';
}

/** The first in the alphabet of several that are equally frequent: the order of edits must not matter. */
function mostFrequent({ labels }: LabelledString): [label: string, count: number] {
  let [label, count] = ['', 0];
  for (const [other, times] of labels) {
    if (times > count || (times === count && other < label)) [label, count] = [other, times];
  }
  return [label, count];
}

/** The words: a person looks at them and not at the cells of their labels. */
function placeOf(sentence: Sentence, start: number, end: number): { start: number; end: number } {
  return { start: sentence.tokens[start]!.start, end: sentence.tokens[end - 1]!.end };
}
