// Edits from the review view are edits of the files behind. Undo and redo there take back and give again what was done from
// the view, in its order, whichever files it was in.
import * as vscode from 'vscode';
import { changedLines, type LineChange, type Side, turnLines } from './annotation-lines.ts';
import { contents, edited, isAhead, openAnnotations } from './annotations.ts';
import { savesReviewed } from './config.ts';
import { Disposable } from './disposable.ts';
import { type LabelEdit, notChanged } from './label-edit.ts';
import type { Server } from './server.ts';
import type { Standoff } from './standoff.ts';

/** A piece of a text before and after an edit. */
interface TextChange {
  readonly file: vscode.Uri;
  /** Where it stands now, in UTF-16 units: what is edited before it moves it. */
  start: number;
  readonly before: string;
  readonly after: string;
}

/** Lines of the annotation file beside a text, which may stand in any order. */
interface AnnotationChange {
  readonly file: vscode.Uri;
  readonly text: vscode.Uri;
  lines: readonly LineChange[];
}

type Change = TextChange | AnnotationChange;

/** A sentence that was marked as reviewed, or as not. */
interface Mark {
  readonly file: vscode.Uri;
  /** Where a word of it stands now. */
  start: number;
  readonly reviewed: boolean;
}

interface Step {
  readonly changes: readonly Change[];
  readonly mark: Mark | undefined;
}

export class ReviewEdits extends Disposable {
  private readonly steps: Step[] = [];
  /** Steps that are not undone. */
  private done = 0;

  constructor(
    private readonly server: Server,
    private readonly standoff: Standoff,
  ) {
    super();
    this._register(vscode.workspace.onDidChangeTextDocument((change) => this.moved(change)));
  }

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
    const place = await this.server.ask((connection) => connection.reviewPlace(view, range));
    const text = await vscode.workspace.openTextDocument(place.uri);
    const { computed, changes } = await this.replace(text, compute, mark !== undefined);
    if (changes === undefined) return computed;
    // Labels stand behind the words of their lines, or elsewhere: the word is where it was.
    const start = text.offsetAt(place.range.start);
    this.add({ changes, mark: mark === undefined ? undefined : { file: text.uri, start, reviewed: mark } });
    return computed;
  }

  /**
   * Applies an edit to each of some files: one undo step in each, and one here for all.
   * @throws Error as `apply`; those before it keep their labels
   */
  async applyToAll(
    files: readonly vscode.TextDocument[],
    compute: (file: vscode.Uri) => Promise<LabelEdit>,
  ): Promise<void> {
    const all: Change[] = [];
    try {
      for (const text of files) {
        const { changes = [] } = await this.replace(text, () => compute(text.uri), false);
        all.push(...changes);
      }
    } finally {
      if (all.length > 0) this.add({ changes: all, mark: undefined });
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

  private add(step: Step): void {
    this.steps.splice(this.done, Number.POSITIVE_INFINITY, step);
    this.done = this.steps.length;
  }

  /** @param always whether an edit of no text may say something @returns no changes where there was nothing to do */
  private async replace<E extends LabelEdit>(
    text: vscode.TextDocument,
    compute: () => Promise<E>,
    always: boolean,
  ): Promise<{ computed: E; changes?: readonly Change[] }> {
    await openAnnotations(text);
    for (let attempt = 0; ; attempt++) {
      const { version } = text;
      const computed = await compute();
      if (computed.edit.size === 0 && !(always && computed.journal.length > 0)) return { computed };
      const changes = await changesOf(computed.edit, text.uri);
      if (text.version === version && (await this.write(computed.edit))) return { computed, changes };
      await this.server.ask((connection) => connection.editDropped(computed));
      if (text.version === version) {
        throw notChanged(computed);
      }
      if (attempt > 0) throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
    }
  }

  /** Gives the pieces of a step their other text. @returns false where they have it already */
  private async turn(step: Step, from: Side, to: Side, reviewed: boolean | undefined): Promise<boolean> {
    const { changes, mark } = step;
    const edit = new vscode.WorkspaceEdit();
    let isThere = changes.length > 0;
    for (const change of changes) {
      const document = await vscode.workspace.openTextDocument(change.file);
      const turned =
        'lines' in change
          ? await this.turnAnnotations(document, change, from, to)
          : turnPiece(document, change, from, to);
      if (turned === undefined) {
        this.forget(step);
        throw new Error(vscode.l10n.t('{0} was changed by something else; open it to undo there.', document.fileName));
      }
      if (turned === 'there') continue;
      edit.replace(change.file, turned.range, turned.newText);
      isThere = false;
    }
    if (isThere) return false;
    if (edit.size > 0 && !(await this.write(edit))) {
      throw new Error(vscode.l10n.t('The text changed before its label could be set; try again.'));
    }
    if (mark === undefined || reviewed === undefined) return true;
    const text = await vscode.workspace.openTextDocument(mark.file);
    const marking = await this.server.ask((connection) =>
      connection.review(text, [rangeAt(text, mark.start, 0)], reviewed),
    );
    if (marking.edit.size > 0) await this.write(marking.edit);
    return true;
  }

  /** The edit of an annotation file, brought up to date with its text: what was typed has moved the offsets of its lines. */
  private async turnAnnotations(
    document: vscode.TextDocument,
    change: AnnotationChange,
    from: Side,
    to: Side,
  ): Promise<Turned> {
    const text = await vscode.workspace.openTextDocument(change.text);
    await this.server.ask((connection) => connection.moveAnnotations(text));
    const before = document.getText();
    const turned = turnLines(before, change.lines, from, to);
    if (turned === undefined) return undefined;
    change.lines = turned.changes;
    return turned.text === before ? 'there' : vscode.TextEdit.replace(rangeAt(document, 0, before.length), turned.text);
  }

  /** Applies an edit, and saves the files that had no unsaved changes before. */
  private async write(edit: vscode.WorkspaceEdit): Promise<boolean> {
    const clean = edit
      .entries()
      .map(([uri]) => uri)
      .filter((uri) => !vscode.workspace.textDocuments.some((open) => open.isDirty && same(open.uri, uri)));
    if (!(await vscode.workspace.applyEdit(edit))) return false;
    for (const uri of clean) {
      if (savesReviewed(uri) && !isAhead(uri)) await (await vscode.workspace.openTextDocument(uri)).save();
    }
    return true;
  }

  /** A step that cannot be turned any more; the others can. */
  private forget(step: Step): void {
    const index = this.steps.indexOf(step);
    this.steps.splice(index, 1);
    if (index < this.done) this.done--;
  }

  /** What stands behind an edit has moved. */
  private moved({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const pieces: (TextChange | Mark)[] = [];
    for (const { changes, mark } of this.steps) {
      for (const change of changes) {
        if (!('lines' in change)) pieces.push(change);
        else if (contentChanges.length > 0 && same(change.text, document.uri)) {
          change.lines = change.lines.map((line) => ({ ...line, isMoved: true }));
        }
      }
      if (mark !== undefined) pieces.push(mark);
    }
    const moving = pieces.filter(({ file }) => same(file, document.uri));
    // From the end of the text to its start: each change is told by the text as those before it have left it.
    for (const { rangeOffset, rangeLength, text } of contentChanges) {
      for (const piece of moving) {
        const isBehind = rangeOffset < piece.start && rangeOffset + rangeLength <= piece.start;
        if (isBehind) piece.start += text.length - rangeLength;
      }
    }
  }
}

/** The edit that gives a change its other text; `there`: it has that already; undefined: it has neither. */
type Turned = vscode.TextEdit | 'there' | undefined;

/**
 * What an edit will replace, in each file from its start on, where it will stand then.
 * @param labelled the text that gets the labels; other files are annotations beside it
 */
async function changesOf(edit: vscode.WorkspaceEdit, labelled: vscode.Uri): Promise<Change[]> {
  const changes: Change[] = [];
  for (const [file, edits] of edit.entries()) {
    const text = await contents(file);
    if (!same(file, labelled)) {
      changes.push({ file, text: labelled, lines: changedLines(text, await edited(file, edits)) });
      continue;
    }
    const document = vscode.workspace.textDocuments.find(({ uri }) => same(uri, file));
    const offset = (position: vscode.Position) => document?.offsetAt(position) ?? 0;
    const eol = document?.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
    const sorted = [...edits].sort((a, b) => a.range.start.compareTo(b.range.start));
    let moved = 0;
    for (const [i, { range, newText }] of sorted.entries()) {
      const start = offset(range.start);
      const end = offset(range.end);
      const [before, after] = [text.slice(start, end), newText.replace(/\r\n?|\n/g, eol)];
      // With a character beside it neither side is empty, nor the beginning of the other.
      const isAlone = sorted[i + 1]?.range.start.isEqual(range.end) !== true;
      const next = isAlone ? text.slice(end, end + 1) : '';
      const last = isAlone && next === '' ? text.slice(Math.max(0, start - 1), start) : '';
      const place = { file, start: start + moved - last.length };
      changes.push({ ...place, before: last + before + next, after: last + after + next });
      moved += after.length - before.length;
    }
  }
  return changes;
}

function turnPiece(document: vscode.TextDocument, change: TextChange, from: Side, to: Side): Turned {
  const text = document.getText();
  const { start, [from]: old, [to]: wanted } = change;
  if (text.startsWith(old, start)) return vscode.TextEdit.replace(rangeAt(document, start, old.length), wanted);
  return text.startsWith(wanted, start) ? 'there' : undefined;
}

function rangeAt(document: vscode.TextDocument, start: number, length: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(start + length));
}

function same(a: vscode.Uri, b: vscode.Uri): boolean {
  return a.toString() === b.toString();
}
