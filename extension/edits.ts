import * as vscode from 'vscode';
import { openAnnotations } from './annotations.ts';
import type { Decorations } from './decorations.ts';
import { isReview } from './documents.ts';
import { type LabelEdit, notChanged } from './label-edit.ts';
import type { LabelKeys } from './label-keys.ts';
import { requireTrust } from './refusal.ts';
import type { Review } from './review.ts';
import type { ReviewEdits } from './review-edits.ts';
import type { Server } from './server.ts';
import type { Standoff } from './standoff.ts';

/** What sets labels in documents. */
export interface Labels {
  readonly server: Server;
  readonly standoff: Standoff;
  readonly keys: LabelKeys;
  /** Edits from the review view. */
  readonly review: ReviewEdits;
  readonly view: Review;
  readonly decorations: Decorations;
}

/**
 * Applies an edit that the server computes for a place in a document: one undo step. When the document changes while the server
 * thinks, it is asked once more.
 * @param mark what it says of the sentence as a whole: reviewed or not
 * @returns the edit, once it is applied
 * @throws Error where the workspace is not trusted, the text keeps changing or the editor refuses the edit
 */
export async function applyLabels<E extends LabelEdit>(
  { server, standoff, review, decorations }: Labels,
  { document, selection }: { readonly document: vscode.TextDocument; readonly selection: vscode.Range },
  compute: () => Promise<E>,
  mark?: boolean,
): Promise<E> {
  requireTrust();
  let held: vscode.Disposable | undefined;
  /** An edit goes through journal, editor and server before its labels come back: they are shown meanwhile. */
  const computeAndShow = async () => {
    const version = decorations.versionOf(document);
    const listening = server.onWillShow(({ uri, sentences }) => {
      if (uri !== document.uri.toString()) return;
      held?.dispose();
      held = decorations.hold(document, version, sentences);
    });
    return compute().finally(() => listening.dispose());
  };
  const apply = async () => {
    if (isReview(document)) return review.apply(document, selection, computeAndShow, mark);
    await openAnnotations(document);
    for (let attempt = 0; ; attempt++) {
      const { version } = document;
      const computed = await computeAndShow();
      if (computed.edit.size === 0) return computed;
      if (document.version === version && (await standoff.apply(document, computed.edit))) return computed;
      await server.ask((connection) => connection.editDropped(computed));
      if (document.version === version) {
        throw notChanged(computed);
      }
      if (attempt > 0) throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
    }
  };
  return standoff.inTurn(async () => {
    try {
      return await apply();
    } finally {
      held?.dispose();
    }
  });
}

/**
 * The same for all cursors: one undo step of a file; one for each cursor in the review view, where each may be in another file.
 * @throws Error as `applyLabels`
 */
export async function atCursors(
  labels: Labels,
  { document, selections }: vscode.TextEditor,
  compute: (ranges: readonly vscode.Range[]) => Promise<LabelEdit>,
  mark?: boolean,
): Promise<void> {
  const groups = isReview(document) ? selections.map((selection) => [selection]) : [[...selections]];
  for (const group of groups) {
    await applyLabels(labels, { document, selection: group[0]! }, () => compute(group), mark);
  }
}

/** @throws Error where there are several cursors: what was meant at the others would not be done */
export function requireOneCursor({ selections }: vscode.TextEditor): void {
  if (selections.length > 1) throw new Error(vscode.l10n.t('This works with one cursor; press Escape first.'));
}
