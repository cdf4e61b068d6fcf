// What is wrong in a document: malformed lines, illegal tags, inconsistent labels. Pure: no editor, no files.
import { convertTags, type DetectedScheme, detectScheme, type Scheme } from '../tags/index.ts';
import type { Finding, Fix, TextDocument, TextEdit } from '../text/types.ts';
import { ConsistencyIndex, type IndexedSentence } from './lint-consistency.ts';
import { lintTags, type SentenceFinding, tagsOfSentence } from './lint-tags.ts';

/** How much a finding matters; `hint`: an editor shows it, and nothing fails. */
export type Severity = Finding['severity'] | 'hint';

export interface LintOptions {
  /** Severity by code (`tags.unknown-tag`) or group (`tags.*`); `off` leaves findings out. Others keep theirs. */
  readonly severity?: Readonly<Record<string, Severity | 'off'>>;
  /** The scheme of the tags; detected where it is not given. */
  readonly scheme?: Scheme;
}

/** A finding that makes its repair when somebody wants it. */
export interface LazyFinding extends Omit<Finding, 'fix' | 'severity'> {
  readonly severity: Severity;
  readonly fix?: () => Fix;
}

/**
 * Everything that is wrong in a document, in the order of the text.
 * @param document is not changed
 */
export function lintDocument(document: TextDocument, options: LintOptions = {}): Finding[] {
  const linter = new Linter(document, options);
  linter.work(Number.POSITIVE_INFINITY);
  const findings = linter.findings().sort((a, b) => a.start - b.start);
  return findings.map(({ fix, severity, ...finding }) => ({
    ...finding,
    severity: severity === 'hint' ? ('information' as const) : severity,
    ...(fix && { fix: fix() }),
  }));
}

/** Sentences of an edit that are linted with it; the others of a big one wait for `work`. */
const SOON = 100;

/** What is known of one sentence. */
interface LintedSentence {
  readonly tags: readonly SentenceFinding[];
  readonly index: IndexedSentence;
  /** By what the index knew when it was last asked. */
  consistency: readonly SentenceFinding[];
}

/** Keeps the findings of a document up to date, edit by edit: only changed sentences are linted again. */
export class Linter {
  readonly #document: TextDocument;
  readonly #options: LintOptions;
  #scheme: DetectedScheme;
  #index: ConsistencyIndex;
  /** Parallel to the sentences; undefined where a sentence has not been linted yet. */
  #linted: (LintedSentence | undefined)[];
  /** All sentences before this one have been linted and searched for all known strings. */
  #indexed = 0;
  /** The consistency of all sentences before this one is what the whole index says. */
  #judged = 0;

  constructor(document: TextDocument, options: LintOptions = {}) {
    this.#document = document;
    this.#options = options;
    this.#scheme = this.#detect();
    this.#index = new ConsistencyIndex(this.scheme);
    this.#linted = new Array(document.sentences.length);
  }

  /** The scheme that the document is linted by. */
  get scheme(): Scheme {
    return this.#scheme.scheme;
  }

  /** Takes over an edit of the document: what `TextDocument.edit` gave back. */
  edited({ first, removed, inserted }: { first: number; removed: number; inserted: number }): void {
    const old = this.#linted;
    for (let i = first; i < first + removed; i++) if (old[i] !== undefined) this.#index.remove(old[i]!.index);
    if (inserted === removed) old.fill(undefined, first, first + inserted);
    else this.#linted = old.slice(0, first).concat(new Array(inserted), old.slice(first + removed));
    this.#indexed = Math.min(this.#indexed, first);
    // What these sentences say may make others inconsistent.
    this.#judged = 0;
    for (let i = first; i < first + Math.min(inserted, SOON); i++) this.#lint(i);
  }

  /** Detects the scheme again, which edits may have changed. For pauses: it looks at the whole file. */
  refreshScheme(): void {
    const before = this.scheme;
    this.#scheme = this.#detect();
    if (this.scheme === before) return;
    this.#index = new ConsistencyIndex(this.scheme);
    this.#linted = new Array(this.#document.sentences.length);
    this.#indexed = 0;
    this.#judged = 0;
  }

  /**
   * Lints what has not been linted yet, and brings what depends on the whole file up to date, for so long.
   * @param milliseconds may be exceeded by the time for a few sentences
   * @returns whether everything is done
   */
  work(milliseconds: number): boolean {
    const end = performance.now() + milliseconds;
    const { sentences } = this.#document;
    for (;;) {
      for (; this.#indexed < sentences.length; this.#indexed++) {
        if (this.#indexed % 16 === 0 && performance.now() > end) return false;
        const linted = this.#linted[this.#indexed] ?? this.#lint(this.#indexed);
        this.#index.find(sentences[this.#indexed]!, linted.index);
      }
      if (this.#index.isSettled) break;
      // Strings have become known: they are searched for in all sentences.
      this.#index.beginPass();
      this.#indexed = 0;
    }
    for (; this.#judged < sentences.length; this.#judged++) {
      if (this.#judged % 16 === 0 && performance.now() > end) return false;
      const linted = this.#linted[this.#judged]!;
      linted.consistency = this.#index.findings(sentences[this.#judged]!, linted.index);
    }
    return true;
  }

  /** The findings so far, in the order of the text; those of sentences [first, end) alone where they are given. */
  findings(first = 0, end = this.#linted.length): LazyFinding[] {
    const found = this.#mixed().filter(({ sentence }) => sentence >= first && sentence < end) as LazyFinding[];
    for (let i = first; i < Math.min(end, this.#linted.length); i++) {
      const { findings } = this.#document.sentences[i]!;
      const linted = this.#linted[i];
      for (const finding of findings) found.push(this.#placed(finding, i));
      if (linted === undefined) continue;
      for (const finding of linted.tags) found.push(this.#placed(finding, i));
      for (const finding of linted.consistency) found.push(this.#placed(finding, i));
    }
    return found.flatMap((finding) => this.#rated(finding));
  }

  #detect(): DetectedScheme {
    if (this.#options.scheme !== undefined) return { scheme: this.#options.scheme, mixed: [], evidence: [] };
    if (this.#document.task === 'pos') return { scheme: 'pos', mixed: [], evidence: [] };
    return detectScheme(this.#document.sentences.map(tagsOfSentence));
  }

  #lint(index: number): LintedSentence {
    const sentence = this.#document.sentences[index]!;
    const indexed = this.#index.add(sentence);
    const tags = lintTags(sentence, this.scheme, this.#document.format);
    const linted = { tags, index: indexed, consistency: this.#index.findings(sentence, indexed) };
    this.#linted[index] = linted;
    return linted;
  }

  /** A finding of a sentence as one of the document. */
  #placed(finding: SentenceFinding | Finding, sentence: number): LazyFinding {
    const offset = this.#document.offsetOf(sentence);
    const { code, severity, message } = finding;
    const placed = { code, severity, message, start: finding.start + offset, end: finding.end + offset };
    if ('repair' in finding && finding.repair !== undefined) {
      const { title, token, labels } = finding.repair;
      return { ...placed, fix: () => ({ title, edits: this.#document.setLabels(sentence, token, labels) }) };
    }
    if (!('fix' in finding) || finding.fix === undefined) return placed;
    const { title, edits } = finding.fix;
    const moved = edits.map((edit) => ({ ...edit, start: edit.start + offset, end: edit.end + offset }));
    return { ...placed, fix: () => ({ title, edits: moved }) };
  }

  #rated(finding: LazyFinding): LazyFinding[] {
    const wanted = this.#options.severity;
    const severity = wanted?.[finding.code] ?? wanted?.[`${finding.code.split('.')[0]}.*`] ?? finding.severity;
    return severity === 'off' ? [] : [{ ...finding, severity }];
  }

  /** One finding for each scheme beside the main one, at its first tag. */
  #mixed(): (LazyFinding & { readonly sentence: number })[] {
    const main = nameOf(this.scheme);
    return this.#scheme.mixed.flatMap(({ scheme, sentence, token, votes }) => {
      const { labelStart, labelEnd, label } = this.#document.sentences[sentence]?.tokens[token] ?? {};
      if (label === undefined) return [];
      const offset = this.#document.offsetOf(sentence);
      const what = `the file is written in ${main}, but ${votes} tags from here on are in ${nameOf(scheme)}`;
      return {
        code: 'tags.mixed-schemes',
        severity: 'warning' as const,
        message: `${what}; convert it to one scheme`,
        start: offset + labelStart!,
        end: offset + labelEnd!,
        sentence,
        fix: () => ({ title: `Convert the file to ${main}`, edits: convertDocument(this.#document, this.scheme) }),
      };
    });
  }
}

function nameOf(scheme: Scheme): string {
  return scheme === 'bio' ? 'BIO' : scheme.toUpperCase();
}

/** Edits that rewrite all tags in one scheme; the spans stay. */
function convertDocument(document: TextDocument, scheme: Scheme): TextEdit[] {
  return document.sentences.flatMap((sentence, i) => {
    const tags = tagsOfSentence(sentence);
    const converted = convertTags(tags, scheme);
    return converted.some((tag, t) => tag !== tags[t]) ? document.setLabels(i, 0, converted) : [];
  });
}
