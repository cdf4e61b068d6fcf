// Sentences whose labels the journal has otherwise: annotators disagree, or the file was changed outside.
import { type CodeAction, CodeActionKind } from 'vscode-languageserver-protocol';
import { OUTSIDE, spansOf } from '../tags/index.ts';
import { UNDECIDED } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import type { LabelEntry, SentenceAddress, SentenceDecisions } from '../workspace/journal/index.ts';
import { written } from '../workspace/journal/index.ts';
import { positionAt } from '../workspace/positions.ts';
import { toDiagnostics } from './diagnostics.ts';
import type { LintFinding } from './lint.ts';

/** Server command of the quick fixes: a choice that leaves the file as it is has to be written down too. */
export const SETTLE_COMMAND = 'crosstag.settleLabels';

export interface SettleArguments {
  readonly uri: string;
  readonly address: SentenceAddress;
  readonly start: number;
  /** As a journal line holds them. */
  readonly tags: readonly string[];
}

type Tags = readonly (string | undefined)[];

interface Choice {
  readonly title: string;
  readonly tags: Tags;
}

interface Disagreement {
  readonly finding: LintFinding;
  readonly address: SentenceAddress;
  readonly start: number;
  readonly choices: readonly Choice[];
}

export function journalFindings(document: OpenDocument): LintFinding[] {
  return disagreements(document).map(({ finding }) => finding);
}

/** Quick fixes at the offsets [from, to]. */
export function journalFixes(document: OpenDocument, from: number, to: number): CodeAction[] {
  return disagreements(document)
    .filter(({ finding }) => finding.start <= to && finding.end >= from)
    .flatMap(({ finding, address, start, choices }) => {
      const diagnostics = toDiagnostics([finding], (offset) => positionAt(document.text, offset));
      return choices.map(({ title, tags }) => {
        const argument: SettleArguments = { uri: document.uri, address, start, tags: written(tags) };
        const command = { title, command: SETTLE_COMMAND, arguments: [argument] };
        return { title, kind: CodeActionKind.QuickFix, diagnostics, command };
      });
    });
}

/**
 * The tags of a sentence as somebody has chosen them.
 * @throws Error where the sentence is no longer there
 */
export function settled(document: OpenDocument, { address, start, tags }: SettleArguments) {
  const index = placeOf(document, address);
  if (index === undefined) throw new Error('the sentence has changed meanwhile; look at it again');
  const chosen = tags.map((tag) => (tag === UNDECIDED ? undefined : tag));
  const after: Tags = document.tagsOf(index).toSpliced(start, chosen.length, ...chosen);
  return { tags: new Map([[index, after]]), always: new Map([[index, { start, end: start + chosen.length }]]) };
}

function placeOf({ journal }: OpenDocument, address: SentenceAddress): number | undefined {
  const { sentence, nth } = address;
  const known = journal?.flagged.find(({ address: other }) => other.sentence === sentence && other.nth === nth);
  return known && journal!.find(address, known.like);
}

function disagreements(document: OpenDocument): Disagreement[] {
  const { journal } = document;
  return (journal?.flagged ?? []).flatMap(({ address }) => {
    const index = placeOf(document, address);
    const decisions = index === undefined ? undefined : journal!.journal.sentence(address);
    return decisions === undefined ? [] : ofSentence(document, index!, address, decisions);
  });
}

function ofSentence(
  document: OpenDocument,
  index: number,
  address: SentenceAddress,
  { conflicts, tokens: decided }: SentenceDecisions,
): Disagreement[] {
  const base = document.text.offsetOf(index);
  const { tokens } = document.text.sentences[index]!;
  const tags = document.tagsOf(index);
  const add = (code: string, message: string, start: number, end: number, choices: readonly Choice[]) => {
    const severity = severityOf(document, code);
    if (severity === 'off' || end > tokens.length) return [];
    const place = { start: base + tokens[start]!.start, end: base + tokens[end - 1]!.end };
    return [{ finding: { code, severity, message, ...place }, address, start, choices }];
  };
  const found = conflicts.flatMap(({ start, end, choices }) => {
    const said = choices.map((choice) => `${describe(choice.tags)} (${who(choice.entry)})`);
    const message = `annotators disagree: ${said.join(', ')}; choose one`;
    const keep = choices.map((choice, i) => ({ title: `Choose ${said[i]}`, tags: choice.tags }));
    return add('journal.conflict', message, start, end, keep);
  });
  const isDisputed = (token: number) => conflicts.some(({ start, end }) => start <= token && token < end);
  const differs = (token: number) => {
    const decision = decided[token];
    return decision !== undefined && !document.journal!.holds(index, token, decision) && !isDisputed(token);
  };
  for (let start = 0; start < tags.length; start++) {
    if (!differs(start)) continue;
    let end = start + 1;
    while (end < tags.length && differs(end)) end++;
    const theirs = decided.slice(start, end).map((decision) => decision!.tag);
    const [here, there] = [tags.slice(start, end), `${describe(theirs)} (${who(decided[start]!.entry)})`];
    const message = `the file says ${describe(here)}, the journal ${there}: it was changed outside; choose one`;
    const choices = [
      { title: `Take ${there} from the journal`, tags: theirs },
      { title: `Keep ${describe(here)} of the file`, tags: here },
    ];
    found.push(...add('journal.differs', message, start, end, choices));
    start = end;
  }
  return found;
}

function describe(tags: Tags): string {
  const labels = spansOf(tags).map(({ label }) => label);
  const plain = new Set(tags.map((tag) => tag ?? UNDECIDED));
  if (labels.length > 0 && tags.some((tag) => tag?.[1] === '-')) return labels.join(' ');
  return plain.size === 1 && plain.has(OUTSIDE) ? OUTSIDE : [...plain].join(' ');
}

function who({ by, at }: LabelEntry): string {
  return `${by}, ${at.slice(0, 10)}`;
}

function severityOf({ settings }: OpenDocument, code: string): LintFinding['severity'] | 'off' {
  const { severity } = settings.diagnostics;
  return severity[code] ?? severity['journal.*'] ?? 'warning';
}
