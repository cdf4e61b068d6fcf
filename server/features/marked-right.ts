// Labels that a model contradicts and that somebody has marked as right: the journal remembers it, as long as they stay.
import { type CodeAction, CodeActionKind } from 'vscode-languageserver-protocol';
import type { HitPlace } from '../protocol.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { sentenceHash } from '../workspace/journal/index.ts';
import { positionAt } from '../workspace/positions.ts';
import { toDiagnostics } from './diagnostics.ts';
import type { LintFinding } from './lint.ts';
import { CONTRADICTS } from './lint-model.ts';

/** Server command of the quick fix: nothing changes in the file, so that it is no edit. */
export const MARK_RIGHT_COMMAND = 'crosstag.markRight';

export interface MarkRightArguments {
  readonly uri: string;
  readonly place: HitPlace;
}

/** Findings without those of labels that are marked as right. */
export function withoutMarked(document: OpenDocument, findings: readonly LintFinding[]): LintFinding[] {
  return findings.filter((finding) => finding.code !== CONTRADICTS || !isMarked(document, finding));
}

function isMarked(document: OpenDocument, finding: LintFinding): boolean {
  const { sentence, start, end } = placeOf(document, finding);
  const decisions = document.journal?.decisions(sentence)?.tokens;
  if (decisions === undefined) return false;
  const tags = document.tagsOf(sentence).slice(start, end);
  return tags.every((tag, i) => {
    const decision = decisions[start + i];
    return decision?.entry.action === 'settle' && decision.tag === tag;
  });
}

/** The tokens that a finding is about. */
function placeOf({ text }: OpenDocument, { start, end }: LintFinding): Omit<HitPlace, 'hash'> {
  const sentence = text.sentenceAt(start);
  const base = text.offsetOf(sentence);
  const { tokens } = text.sentences[sentence]!;
  const first = tokens.findIndex((token) => base + token.end > start);
  const last = tokens.findLastIndex((token) => base + token.start < end);
  return { sentence, start: first, end: last + 1 };
}

/** The quick fix that marks what a finding is about as right; undefined for findings of other kinds. */
export function markRight(document: OpenDocument, finding: LintFinding): CodeAction | undefined {
  if (finding.code !== CONTRADICTS || document.journal === undefined) return undefined;
  const place = placeOf(document, finding);
  const hash = sentenceHash(document.text.sentences[place.sentence]!);
  const title = 'Mark as right';
  const argument: MarkRightArguments = { uri: document.uri, place: { ...place, hash } };
  const diagnostics = toDiagnostics([finding], (offset) => positionAt(document.text, offset));
  const command = { title, command: MARK_RIGHT_COMMAND, arguments: [argument] };
  return { title, kind: CodeActionKind.QuickFix, diagnostics, command };
}

/**
 * The sentence of a label that is marked as right, and the tokens that its journal line speaks of.
 * @throws Error where the sentence is no longer there
 */
export function markedRight(document: OpenDocument, { sentence, start, end, hash }: HitPlace) {
  const there = document.text.sentences[sentence];
  if (there === undefined || sentenceHash(there) !== hash) {
    throw new Error('the sentence has changed meanwhile; look at it again');
  }
  return new Map([[sentence, { start, end }]]);
}
