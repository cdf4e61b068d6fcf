// Quick fixes of findings, and suggestions to accept.
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Range,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import type { OpenDocument } from '../workspace/documents.ts';
import { offsetAt, positionAt, sentencesIn } from '../workspace/positions.ts';
import { toDiagnostics } from './diagnostics.ts';
import { type Labelling, labelEdit, tagEdit, textEdit } from './edits.ts';
import type { Linter, LintFinding, Repair } from './lint.ts';
import { journalFixes } from './lint-journal.ts';
import { markRight, withoutMarked } from './marked-right.ts';
import { acceptable } from './relabel.ts';

/** A selection of a whole file asks for nothing in particular. */
const MOST_ACTIONS = 50;

export function codeActions(
  document: OpenDocument,
  linter: Linter,
  { range, context }: CodeActionParams,
): CodeAction[] {
  const wants = (kind: string) =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  return [
    ...(wants(CodeActionKind.QuickFix) ? quickFixes(document, linter, range) : []),
    ...(wants(CodeActionKind.RefactorRewrite) ? acceptances(document, linter, range) : []),
  ].slice(0, MOST_ACTIONS);
}

function quickFixes(document: OpenDocument, linter: Linter, range: Range): CodeAction[] {
  const from = offsetAt(document.text, range.start);
  const to = offsetAt(document.text, range.end);
  const { first, end } = sentencesIn(document.text, range);
  const fixes = withoutMarked(document, linter.findings(first, end, MOST_ACTIONS))
    .filter((finding) => finding.start <= to && finding.end >= from)
    .flatMap((finding) => {
      const fixed = fixOf(document, finding);
      const right = markRight(document, finding);
      const marks = right === undefined ? [] : [right];
      if (fixed === undefined) return marks;
      const diagnostics = toDiagnostics([finding], (offset) => positionAt(document.text, offset));
      const isPreferred = finding.severity === 'error';
      return [{ ...fixed, kind: CodeActionKind.QuickFix, diagnostics, isPreferred }, ...marks];
    });
  return [...journalFixes(document, from, to), ...fixes];
}

function fixOf(
  document: OpenDocument,
  { fix, repair }: LintFinding,
): { title: string; edit: WorkspaceEdit } | undefined {
  if (fix !== undefined) return { title: fix.title, edit: textEdit(document, fix.edits) };
  return repair && { title: repair.title, edit: tagEdit(document, tagsAfterRepair(document, repair)) };
}

function tagsAfterRepair(document: OpenDocument, { changes }: Repair): Map<number, (string | undefined)[]> {
  return new Map(
    changes().map(({ sentence, start, labels }) => [
      sentence,
      document
        .tagsOf(sentence)
        .map((tag, at) => (at < start || at >= start + labels.length ? tag : labels[at - start])),
    ]),
  );
}

function acceptances(document: OpenDocument, linter: Linter, range: Range): CodeAction[] {
  const accept = (title: string, labellings: readonly Labelling[]): CodeAction => {
    return { title, kind: CodeActionKind.RefactorRewrite, edit: labelEdit(document, labellings, linter.scheme) };
  };
  // An edit is made for each: of a whole file there are thousands, and a few are shown
  const touched = acceptable(document, { range, what: 'touched', minimumProbability: 0 }).slice(0, MOST_ACTIONS);
  const all = acceptable(document, { range, what: 'sentence', minimumProbability: 0 });
  const sentences = new Set(all.map(({ sentence }) => sentence));
  return [
    ...touched.map((one) => accept(`Accept suggestion ${one.label} (${one.probability.toFixed(2)})`, [one])),
    ...(all.length > 1 && sentences.size === 1 ? [accept('Accept all suggestions in this sentence', all)] : []),
  ];
}
