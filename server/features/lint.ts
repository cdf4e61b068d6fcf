// What is wrong in a document: malformed lines, illegal tags, inconsistent labels. Pure: no editor, no files.
import { convertTags, type DetectedScheme, detectScheme, type Scheme } from '../tags/index.ts';
import {
  type Finding,
  type Fix,
  isAnnotated,
  type LabelChange,
  type Sentence,
  type TextDocument,
} from '../text/types.ts';
import { ConsistencyIndex, type IndexedSentence } from './lint-consistency.ts';
import { contradictions, type ModelAnswers } from './lint-model.ts';
import { lintTags, type SentenceFinding, tagsOfSentence } from './lint-tags.ts';

/** How much a finding matters; `hint`: an editor shows it, and nothing fails. */
export type Severity = Finding['severity'] | 'hint';

export interface LintOptions {
  /** Severity by code (`tags.unknown-tag`) or group (`tags.*`); `off` leaves findings out. Others keep theirs. */
  readonly severity?: Readonly<Record<string, Severity | 'off'>>;
  /** The scheme of the tags; detected where it is not given. */
  readonly scheme?: Scheme;
  /** What a model says of the sentences, to find labels that it contradicts. */
  readonly model?: ModelAnswers;
}

/** New tags for sentences of a document. */
export interface Repair {
  readonly title: string;
  /** Made when somebody wants it. */
  readonly changes: () => readonly LabelChange[];
}

/** A finding of the linter: repairs of the text are edits, repairs of labels are tags, wherever the labels stand. */
export interface LintFinding extends Omit<Finding, 'severity'> {
  readonly severity: Severity;
  readonly repair?: Repair;
}

/**
 * Everything that a linter has found in its document, in the order of the text, with repairs as edits of the text.
 * @param document is not changed
 */
export function foundIn(document: TextDocument, linter: Linter): Finding[] {
  const findings = linter.findings().sort((a, b) => a.start - b.start);
  return findings.map(({ repair, severity, fix, ...finding }) => {
    const repaired = fix ?? (repair && repairOf(document, repair));
    const rated = severity === 'hint' ? ('information' as const) : severity;
    return { ...finding, severity: rated, ...(repaired && { fix: repaired }) };
  });
}

/** Repaired tags as edits of the text; undefined where the labels stand in another file. */
function repairOf(document: TextDocument, { title, changes }: Repair): Fix | undefined {
  if (isAnnotated(document)) return undefined;
  return {
    title,
    edits: changes().flatMap(({ sentence, start, labels }) => document.setLabels(sentence, start, labels)),
  };
}

/** Fewer tags of another scheme are slips, and each has its own finding. */
const MIXED = 3;

/** Sentences of an edit that are linted with it; the others of a big one wait for `work`. */
const SOON = 100;

/** What is known of one sentence. */
interface LintedSentence {
  readonly sentence: Sentence;
  readonly tags: readonly SentenceFinding[];
  readonly index: IndexedSentence;
  /** By what the index knew when it was last asked. */
  consistency: readonly SentenceFinding[];
  /** By the model's answer with this key. */
  contradicted: { readonly key: object; readonly findings: readonly SentenceFinding[] } | undefined;
}

/** Keeps the findings of a document up to date, edit by edit: only changed sentences are linted again. */
export class Linter {
  readonly #document: TextDocument;
  readonly #options: LintOptions;
  #scheme: DetectedScheme;
  #schemeIsStale = false;
  #index: ConsistencyIndex;
  /** Parallel to the sentences; undefined where a sentence has not been linted yet. */
  #linted: (LintedSentence | undefined)[];
  /** All sentences before this one have been linted and searched for all known strings. */
  #indexed = 0;
  /** The consistency of all sentences before this one is what the whole index says. */
  #judged = 0;
  /** All sentences before this one are compared with what the model said when `work` began. */
  #compared = 0;

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
    const before = old.slice(first, first + removed);
    for (const linted of before) if (linted !== undefined) this.#index.remove(linted.index);
    if (inserted === removed) old.fill(undefined, first, first + inserted);
    else this.#linted = old.slice(0, first).concat(new Array(inserted), old.slice(first + removed));
    this.#indexed = Math.min(this.#indexed, first);
    // What these sentences say may make others inconsistent.
    this.#judged = 0;
    this.#compared = Math.min(this.#compared, first);
    for (let i = first; i < first + Math.min(inserted, SOON); i++) this.#lint(i);
    const after = this.#document.sentences.slice(first, first + inserted);
    this.#schemeIsStale ||= joinTags(before.map((linted) => linted?.sentence)) !== joinTags(after);
  }

  /** Detects the scheme again if edits may have changed it. For pauses: it looks at the whole file. */
  refreshScheme(): void {
    if (!this.#schemeIsStale) return;
    this.#schemeIsStale = false;
    const before = this.scheme;
    this.#scheme = this.#detect();
    if (this.scheme === before) return;
    this.#index = new ConsistencyIndex(this.scheme);
    this.#linted = new Array(this.#document.sentences.length);
    this.#indexed = 0;
    this.#judged = 0;
    this.#compared = 0;
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
    return this.#compareWithModel(end);
  }

  /** Compares the labels with what the model says by now. @returns whether all sentences are done */
  #compareWithModel(end: number): boolean {
    const { model } = this.#options;
    const { sentences } = this.#document;
    if (model === undefined) return true;
    for (; this.#compared < sentences.length; this.#compared++) {
      if (this.#compared % 16 === 0 && performance.now() > end) return false;
      const sentence = sentences[this.#compared]!;
      const linted = this.#linted[this.#compared]!;
      // Raw text without labels is not cut into words for this.
      const key = sentence.unlabelled ? undefined : model.keyOf(sentence);
      if (linted.contradicted?.key === key) continue;
      const answer = key && model.answer(sentence);
      linted.contradicted = answer && { key: key!, findings: contradictions(sentence, this.scheme, answer) };
    }
    return true;
  }

  /** The model has answered, or there is another one: `work` compares all sentences again. */
  answered(): void {
    this.#compared = 0;
  }

  /**
   * The findings so far, those of sentences [first, end) alone where they are given.
   * @param most no more than about so many; malformed lines and illegal tags come before inconsistent labels
   */
  findings(first = 0, end = this.#linted.length, most = Number.POSITIVE_INFINITY): LintFinding[] {
    const stop = Math.min(end, this.#linted.length);
    const found: LintFinding[] = this.#mixed(first, stop);
    for (let i = first; i < stop && found.length < most; i++) {
      for (const finding of this.#document.sentences[i]!.findings) this.#report(finding, i, found);
      for (const finding of this.#linted[i]?.tags ?? []) this.#report(finding, i, found);
    }
    for (let i = first; i < stop && found.length < most; i++) {
      for (const finding of this.#linted[i]?.consistency ?? []) this.#report(finding, i, found);
      for (const finding of this.#linted[i]?.contradicted?.findings ?? []) this.#report(finding, i, found);
    }
    return found;
  }

  #detect(): DetectedScheme {
    if (this.#options.scheme !== undefined) return { scheme: this.#options.scheme, mixed: [], evidence: [] };
    if (this.#document.task === 'pos') return { scheme: 'pos', mixed: [], evidence: [] };
    const detected = detectScheme(this.#document.sentences.map(tagsOfSentence));
    return { ...detected, mixed: detected.mixed.filter(({ votes }) => votes >= MIXED) };
  }

  #lint(index: number): LintedSentence {
    const sentence = this.#document.sentences[index]!;
    const indexed = this.#index.add(sentence);
    const tags = lintTags(sentence, this.scheme, this.#document.format);
    const consistency = this.#index.findings(sentence, indexed);
    const linted = { sentence, tags, index: indexed, consistency, contradicted: undefined };
    this.#linted[index] = linted;
    return linted;
  }

  /** Adds a finding of a sentence as one of the document, unless its severity is off. */
  #report(finding: SentenceFinding | Finding, index: number, found: LintFinding[]): void {
    const severity = this.#severityOf(finding);
    if (severity === 'off') return;
    const offset = this.#document.offsetOf(index);
    const { code, message } = finding;
    const placed = { code, severity, message, start: finding.start + offset, end: finding.end + offset };
    if ('repair' in finding && finding.repair !== undefined) {
      const { title, token, labels } = finding.repair;
      found.push({ ...placed, repair: { title, changes: () => [{ sentence: index, start: token, labels }] } });
    } else if ('fix' in finding && finding.fix !== undefined) {
      const { title, edits } = finding.fix;
      const moved = edits.map((edit) => ({ ...edit, start: edit.start + offset, end: edit.end + offset }));
      found.push({ ...placed, fix: { title, edits: moved } });
    } else found.push(placed);
  }

  #severityOf({ code, severity }: { readonly code: string; readonly severity: Severity }): Severity | 'off' {
    const wanted = this.#options.severity;
    return wanted?.[code] ?? wanted?.[`${code.split('.')[0]}.*`] ?? severity;
  }

  /** One finding for each scheme beside the main one, at its first tag. */
  #mixed(first: number, end: number): LintFinding[] {
    const severity = this.#severityOf({ code: 'tags.mixed-schemes', severity: 'warning' });
    if (severity === 'off') return [];
    const main = nameOf(this.scheme);
    return this.#scheme.mixed.flatMap(({ scheme, sentence, token, votes }) => {
      const { labelStart, labelEnd, label } = this.#document.sentences[sentence]?.tokens[token] ?? {};
      if (label === undefined || sentence < first || sentence >= end) return [];
      const offset = this.#document.offsetOf(sentence);
      const what = `the file is written in ${main}, but ${votes} tags from here on are in ${nameOf(scheme)}`;
      return {
        code: 'tags.mixed-schemes',
        severity,
        message: `${what}; convert it to one scheme`,
        start: offset + labelStart!,
        end: offset + labelEnd!,
        repair: { title: `Convert the file to ${main}`, changes: () => convertedTags(this.#document, this.scheme) },
      };
    });
  }
}

function nameOf(scheme: Scheme): string {
  return scheme === 'bio' ? 'BIO' : scheme.toUpperCase();
}

function joinTags(sentences: readonly (Sentence | undefined)[]): string {
  return sentences.map((sentence) => sentence && tagsOfSentence(sentence).join(' ')).join('\n');
}

/** The tags of all sentences that are written otherwise in this scheme; the spans stay. */
function convertedTags(document: TextDocument, scheme: Scheme): LabelChange[] {
  return document.sentences.flatMap((piece, sentence) => {
    const tags = tagsOfSentence(piece);
    const labels = convertTags(tags, scheme);
    return labels.some((tag, t) => tag !== tags[t]) ? [{ sentence, start: 0, labels }] : [];
  });
}
