// Labels of raw text stand in a file beside it that nobody looks at: it is saved with the text, and undo and redo in the
// text's editor reach it.
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { changedPiece } from './annotation-lines.ts';
import { contents, save, saveAnnotations, textOf } from './annotations.ts';
import { Disposable } from './disposable.ts';
import { Turns } from './turns.ts';

/** What an annotation file was at one end of a label edit: enough to know it again, and the piece that the edit changed. */
interface End {
  readonly hash: string;
  readonly piece: string;
}

/** One label edit of an annotation file. */
interface Step {
  readonly file: vscode.Uri;
  /** Where the piece stands, in UTF-16 units. */
  readonly start: number;
  readonly before: End;
  readonly after: End;
}

interface History {
  /** Version of the text that the steps belong to: typing ends them, as their offsets are no longer those of the text. */
  readonly version: number;
  readonly steps: Step[];
  /** Steps that are not undone. */
  done: number;
}

/** What the key bindings of undo and redo look at. */
const CAN_UNDO = 'crosstag.canUndoLabel';
const CAN_REDO = 'crosstag.canRedoLabel';

export class Standoff extends Disposable {
  private readonly histories = new Map<string, History>();
  private readonly turns = new Turns();

  constructor() {
    super();
    this._register(vscode.window.onDidChangeActiveTextEditor(() => this.update()));
    this._register(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.histories.has(document.uri.toString())) this.update();
      }),
    );
    this._register(vscode.workspace.onDidSaveTextDocument((document) => void saveAnnotations(document)));
    this._register(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.histories.delete(uri.toString())));
  }

  /** Runs edits of labels one after another: each works on what the one before has left, however fast the keys come. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.run(work);
  }

  /** Applies an edit of labels. @returns false where the text has changed or the editor refuses it */
  async apply(text: vscode.TextDocument, edit: vscode.WorkspaceEdit): Promise<boolean> {
    const file = edit.entries().find(([uri]) => uri.toString() !== text.uri.toString())?.[0];
    if (file === undefined) return vscode.workspace.applyEdit(edit);
    const { version } = text;
    const before = await contents(file);
    if (text.version !== version || !(await vscode.workspace.applyEdit(edit))) return false;
    this.add(text, stepOf(file, before, await contents(file)));
    await save(text, file);
    return true;
  }

  /**
   * Applies an edit that the server wants: undo takes that back too. Not while the text waits to be saved: the file may hold
   * offsets of the text before, and would get them back.
   * @param apply does it
   */
  applyWanted<T>(edit: vscode.WorkspaceEdit, apply: () => Promise<T>): Promise<T> {
    const file = edit.entries()[0]?.[0];
    const text = file && textOf(file);
    if (file === undefined || text === undefined || text.isDirty) return apply();
    return this.inTurn(async () => {
      const { version } = text;
      const before = await contents(file);
      const result = await apply();
      const after = await contents(file);
      if (text.version === version && after !== before) this.add(text, stepOf(file, before, after));
      return result;
    });
  }

  undo({ document }: vscode.TextEditor): Promise<void> {
    return this.inTurn(async () => {
      const history = this.current(document);
      const step = history?.steps[history.done - 1];
      if (history === undefined || step === undefined) return;
      await this.turn(document, step, 'after', 'before');
      history.done--;
      this.update();
      await save(document, step.file);
    });
  }

  redo({ document }: vscode.TextEditor): Promise<void> {
    return this.inTurn(async () => {
      const history = this.current(document);
      const step = history?.steps[history.done];
      if (history === undefined || step === undefined) return;
      await this.turn(document, step, 'before', 'after');
      history.done++;
      this.update();
      await save(document, step.file);
    });
  }

  private add(text: vscode.TextDocument, step: Step): void {
    const history = this.current(text) ?? { version: text.version, steps: [], done: 0 };
    history.steps.splice(history.done, Number.POSITIVE_INFINITY, step);
    history.done = history.steps.length;
    this.histories.set(text.uri.toString(), history);
    this.update();
  }

  private current(text: vscode.TextDocument): History | undefined {
    const history = this.histories.get(text.uri.toString());
    return history?.version === text.version ? history : undefined;
  }

  private async turn(text: vscode.TextDocument, step: Step, from: 'before' | 'after', to: typeof from): Promise<void> {
    const { file, start, [from]: old, [to]: wanted } = step;
    const document = await vscode.workspace.openTextDocument(file);
    if (hashOf(document.getText()) !== old.hash) {
      this.histories.delete(text.uri.toString());
      this.update();
      throw new Error(vscode.l10n.t('{0} was changed by something else; open it to undo there.', file.fsPath));
    }
    const edit = new vscode.WorkspaceEdit();
    const place = new vscode.Range(document.positionAt(start), document.positionAt(start + old.piece.length));
    edit.replace(file, place, wanted.piece);
    await vscode.workspace.applyEdit(edit);
  }

  private update(): void {
    const editor = vscode.window.activeTextEditor;
    const history = editor && this.current(editor.document);
    void vscode.commands.executeCommand('setContext', CAN_UNDO, history !== undefined && history.done > 0);
    void vscode.commands.executeCommand(
      'setContext',
      CAN_REDO,
      history !== undefined && history.done < history.steps.length,
    );
  }
}

/** The piece is whole lines: the editor moves a range that ends inside of a character. */
function stepOf(file: vscode.Uri, before: string, after: string): Step {
  const piece = changedPiece(before, after);
  const ends = {
    before: { hash: hashOf(before), piece: piece.before },
    after: { hash: hashOf(after), piece: piece.after },
  };
  return { file, start: piece.start, ...ends };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
