// Edits from the review view are edits of the files behind. Undo and redo there take back and give again what was done from
// the view, in its order, whichever files it was in.
import * as vscode from 'vscode';
import { contents, openAnnotations } from './annotations.ts';
import { savesReviewed } from './config.ts';
import type { LabelEdit } from './label-edit.ts';
import type { Server } from './server.ts';
import type { Standoff } from './standoff.ts';

/** A piece of a file before and after an edit. */
interface Change {
  readonly file: vscode.Uri;
  /** Where it starts, before and after, in UTF-16 units. */
  readonly start: { readonly before: number; readonly after: number };
  readonly before: string;
  readonly after: string;
}

interface Step {
  readonly changes: readonly Change[];
  /** A sentence that was marked by it as reviewed (or as not). */
  readonly mark: { readonly place: vscode.Location; readonly reviewed: boolean } | undefined;
}

export class ReviewEdits {
  private readonly steps: Step[] = [];
  /** Steps that are not undone. */
  private done = 0;

  constructor(
    private readonly server: Server,
    private readonly standoff: Standoff,
  ) {}

  /**
   * Applies an edit that the server computes for a place in the view: one undo step of the file, and one here.
   * @param mark what it says of the sentence as a whole
   * @throws Error when the file keeps changing or the editor refuses the edit
   */
  async apply<E extends LabelEdit>(
    view: vscode.TextDocument,
    range: vscode.Range,
    compute: () => Promise<E>,
    mark: boolean | undefined,
  ): Promise<E> {
    const place = await this.server.reviewPlace(view, range);
    const text = await vscode.workspace.openTextDocument(place.uri);
    await openAnnotations(text);
    for (let attempt = 0; ; attempt++) {
      const { version } = text;
      const computed = await compute();
      if (computed.edit.size === 0 && mark === undefined) return computed;
      const changes = await changesOf(computed.edit);
      if (text.version === version && (await this.write(computed.edit))) {
        this.steps.splice(this.done, Number.POSITIVE_INFINITY, {
          changes,
          mark: mark === undefined ? undefined : { place, reviewed: mark },
        });
        this.done = this.steps.length;
        return computed;
      }
      await this.server.editDropped(computed);
      if (text.version === version) {
        throw new Error(vscode.l10n.t('The editor does not let {0} be changed; is it read-only?', text.fileName));
      }
      if (attempt > 0) throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
    }
  }

  /** Takes the last step back. What was taken back in the file itself is passed over. */
  undo(): Promise<void> {
    return this.standoff.inTurn(async () => {
      for (let hasChanged = false; !hasChanged && this.done > 0; ) {
        const step = this.steps[this.done - 1]!;
        hasChanged = await this.turn(step, 'after', 'before', step.mark && !step.mark.reviewed);
        this.done--;
      }
    });
  }

  redo(): Promise<void> {
    return this.standoff.inTurn(async () => {
      for (let hasChanged = false; !hasChanged && this.done < this.steps.length; ) {
        const step = this.steps[this.done]!;
        hasChanged = await this.turn(step, 'before', 'after', step.mark?.reviewed);
        this.done++;
      }
    });
  }

  /** Gives the pieces of a step their other text. @returns false where they have it already */
  private async turn({ changes, mark }: Step, from: Side, to: Side, reviewed: boolean | undefined): Promise<boolean> {
    const edit = new vscode.WorkspaceEdit();
    let isThere = changes.length > 0;
    for (const change of changes) {
      const document = await vscode.workspace.openTextDocument(change.file);
      const place = rangeAt(document, change.start[from], change[from].length);
      if (document.getText(place) === change[from]) {
        edit.replace(change.file, place, change[to]);
        isThere = false;
      } else if (document.getText(rangeAt(document, change.start[to], change[to].length)) !== change[to]) {
        this.forget();
        throw new Error(vscode.l10n.t('{0} was changed by something else; open it to undo there.', document.fileName));
      }
    }
    if (isThere) return false;
    if (edit.size > 0 && !(await this.write(edit))) {
      throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
    }
    if (mark === undefined || reviewed === undefined) return true;
    const text = await vscode.workspace.openTextDocument(mark.place.uri);
    const marking = await this.server.review(text, [mark.place.range], reviewed);
    if (marking.edit.size > 0) await this.write(marking.edit);
    return true;
  }

  /** Applies an edit, and saves the files that had no unsaved changes before. */
  private async write(edit: vscode.WorkspaceEdit): Promise<boolean> {
    const clean = edit
      .entries()
      .map(([uri]) => uri)
      .filter((uri) => !vscode.workspace.textDocuments.some((open) => open.isDirty && same(open.uri, uri)));
    if (!(await vscode.workspace.applyEdit(edit))) return false;
    for (const uri of clean) {
      if (savesReviewed(uri)) await (await vscode.workspace.openTextDocument(uri)).save();
    }
    return true;
  }

  private forget(): void {
    this.steps.length = 0;
    this.done = 0;
  }
}

type Side = 'before' | 'after';

/** The pieces that an edit will replace, in each file from its start on. */
async function changesOf(edit: vscode.WorkspaceEdit): Promise<Change[]> {
  const changes: Change[] = [];
  for (const [file, edits] of edit.entries()) {
    const text = await contents(file);
    const document = vscode.workspace.textDocuments.find(({ uri }) => same(uri, file));
    const offset = (position: vscode.Position) => document?.offsetAt(position) ?? 0;
    const eol = document?.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
    let moved = 0;
    for (const { range, newText } of [...edits].sort((a, b) => a.range.start.compareTo(b.range.start))) {
      const start = offset(range.start);
      const before = text.slice(start, offset(range.end));
      const after = newText.replace(/\r\n?|\n/g, eol);
      changes.push({ file, start: { before: start, after: start + moved }, before, after });
      moved += after.length - before.length;
    }
  }
  return changes;
}

function rangeAt(document: vscode.TextDocument, start: number, length: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(start + length));
}

function same(a: vscode.Uri, b: vscode.Uri): boolean {
  return a.toString() === b.toString();
}
