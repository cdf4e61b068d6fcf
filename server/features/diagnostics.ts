// Findings as diagnostics, kept up to date while a person types: those of the changed sentences at once, what depends on
// the whole file in the next pause.
import { type Diagnostic, DiagnosticSeverity, type Position } from 'vscode-languageserver-protocol';
import type { OpenDocument, SentenceEdit } from '../workspace/documents.ts';
import { type Clock, Debounce } from '../workspace/host.ts';
import { positionAt } from '../workspace/positions.ts';
import { Linter, type LintFinding } from './lint.ts';
import { journalFindings } from './lint-journal.ts';
import { withoutMarked } from './marked-right.ts';
import { SuggestionAnswers } from './suggestion-answers.ts';

/** Milliseconds without a keystroke before the whole file is looked at. */
const PAUSE = 150;

/** Milliseconds of work at a time, so that requests do not wait. */
const SLICE = 10;

/** An editor shows no more, and each keystroke sends all of them. */
const MOST_DIAGNOSTICS = 1000;

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function toDiagnostics(
  findings: readonly LintFinding[],
  positionOf: (offset: number) => Position,
): Diagnostic[] {
  return findings.map(({ code, message, severity, start, end }) => {
    const range = { start: positionOf(start), end: positionOf(end) };
    return { range, severity: SEVERITIES[severity], code, source: 'crosstag', message };
  });
}

interface Linted {
  /** Made when it is first needed: whoever opens a document waits for its labels, and not for this. */
  linter: Linter | undefined;
  readonly soon: Debounce;
  readonly pause: Debounce;
  /** Whether it is being linted, slice by slice. */
  working: boolean;
}

export class Diagnostics {
  readonly #clock: Clock;
  readonly #publish: (document: OpenDocument, diagnostics: Diagnostic[]) => void;
  readonly #documents = new Map<OpenDocument, Linted>();

  constructor(clock: Clock, publish: (document: OpenDocument, diagnostics: Diagnostic[]) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** Lints a document that was opened, or whose text or settings were replaced as a whole. */
  open(document: OpenDocument): void {
    this.#stop(document);
    const linted: Linted = {
      linter: undefined,
      soon: new Debounce(this.#clock, 0, () => this.#send(document)),
      pause: new Debounce(this.#clock, PAUSE, () => this.#start(document, linted)),
      working: false,
    };
    this.#documents.set(document, linted);
    // A person who opens a file looks at its labels first: linting waits until they are on their way.
    linted.pause.call();
  }

  edited(document: OpenDocument, edit: SentenceEdit): void {
    const linted = this.#documents.get(document);
    linted?.linter?.edited(edit);
    linted?.soon.call();
    linted?.pause.call();
  }

  /** What is known beside the text has changed. */
  refresh(document: OpenDocument): void {
    this.#documents.get(document)?.soon.call();
  }

  /** The model of a document has answered, or it has another one. */
  answered(document: OpenDocument): void {
    const linted = this.#documents.get(document);
    linted?.linter?.answered();
    // Answers come without a pause while a big file is tagged: what waits already must not wait for the last of them.
    if (linted?.pause.isWaiting === false) linted.pause.call();
  }

  close(document: OpenDocument): void {
    this.#stop(document);
    this.#publish(document, []);
  }

  /** What is known of a document; of one that was closed while somebody waited for something, what its text says. */
  linterOf(document: OpenDocument): Linter {
    const linted = this.#documents.get(document);
    if (linted?.linter !== undefined) return linted.linter;
    const linter = new Linter(document.text, {
      ...document.settings.diagnostics,
      model: new SuggestionAnswers(document),
    });
    if (linted !== undefined) linted.linter = linter;
    return linter;
  }

  #stop(document: OpenDocument): void {
    const linted = this.#documents.get(document);
    linted?.soon.cancel();
    linted?.pause.cancel();
    this.#documents.delete(document);
  }

  /** What is under way finds what has changed meanwhile. */
  #start(document: OpenDocument, linted: Linted): void {
    if (linted.working) return;
    linted.working = true;
    this.#work(document, linted);
  }

  #work(document: OpenDocument, linted: Linted): void {
    // It may have been closed, or opened anew
    if (this.#documents.get(document) !== linted) return;
    const linter = this.linterOf(document);
    linter.refreshScheme();
    linted.working = !linter.work(SLICE);
    if (linted.working) this.#clock.after(0, () => this.#work(document, linted));
    else this.#send(document);
  }

  #send(document: OpenDocument): void {
    const findings = [
      ...journalFindings(document),
      ...withoutMarked(document, this.linterOf(document).findings(0, undefined, MOST_DIAGNOSTICS)),
    ];
    this.#publish(
      document,
      toDiagnostics(findings.slice(0, MOST_DIAGNOSTICS), (offset) => positionAt(document.text, offset)),
    );
  }
}
