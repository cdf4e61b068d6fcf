// Shows labels and suggestions in the visible lines of every editor of ours.
import * as vscode from 'vscode';
import type { ShownLabel } from '../server/protocol.ts';
import { changesDecorations, minimumProbability } from './config.ts';
import { Disposable } from './disposable.ts';
import { hasColumns, isOurs } from './documents.ts';
import { toRange } from './ranges.ts';
import type { Server } from './server.ts';
import { name, Styles } from './styles.ts';

/** Milliseconds that an editor must be quiet (typing, scrolling) before it is asked for again. */
const QUIET = 40;
/** Lines asked for above and below the visible ones, so that short scrolls find their labels there. */
const MARGIN = 40;

/** Characters of the scripts that run from right to left. */
const RIGHT_TO_LEFT = /[\u0591-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

interface View {
  timer?: NodeJS.Timeout;
  asking?: vscode.CancellationTokenSource;
  labels: readonly ShownLabel[];
  /** Types that now have ranges in the editor. */
  used: ReadonlySet<vscode.TextEditorDecorationType>;
}

export class Decorations extends Disposable {
  private readonly styles = this._register(new Styles());
  private readonly views = new Map<vscode.TextEditor, View>();

  constructor(private readonly server: Server) {
    super();
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.refreshAll(0)));
    this._register(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.refresh(textEditor, QUIET)),
    );
    this._register(vscode.workspace.onDidChangeTextDocument(({ document }) => this.refreshUri(document.uri, QUIET)));
    this._register(server.onLabelsChanged((uri) => this.refreshUri(vscode.Uri.parse(uri), 0)));
    this._register(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (changesDecorations(change)) this.refreshAll(0);
      }),
    );
    this._register({ dispose: () => this.views.forEach(stop) });
    this.refreshAll(0);
  }

  /** What is shown in an editor now. */
  labels(editor: vscode.TextEditor): readonly ShownLabel[] {
    return this.views.get(editor)?.labels ?? [];
  }

  private refreshAll(delay: number): void {
    const visible = new Set(vscode.window.visibleTextEditors);
    for (const [editor, view] of this.views) {
      if (visible.has(editor)) continue;
      stop(view);
      this.views.delete(editor);
    }
    for (const editor of visible) this.refresh(editor, delay);
  }

  private refreshUri(uri: vscode.Uri, delay: number): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.toString() === uri.toString()) this.refresh(editor, delay);
    }
  }

  private refresh(editor: vscode.TextEditor, delay: number): void {
    let view = this.views.get(editor);
    if (!isOurs(editor.document)) {
      if (view !== undefined) this.show(editor, view, []);
      return;
    }
    if (view === undefined) {
      view = { labels: [], used: new Set() };
      this.views.set(editor, view);
    }
    const current = view;
    clearTimeout(view.timer);
    view.timer = setTimeout(() => void this.ask(editor, current), delay);
  }

  private async ask(editor: vscode.TextEditor, view: View): Promise<void> {
    view.asking?.cancel();
    const asking = new vscode.CancellationTokenSource();
    view.asking = asking;
    const { document } = editor;
    try {
      const answer = await this.server.labels(document, linesAround(editor), asking.token);
      // An answer for an older text would stand in the wrong place; the change that made it old has asked again.
      if (asking.token.isCancellationRequested || answer.version !== document.version) return;
      const least = minimumProbability(document.uri);
      this.show(
        editor,
        view,
        answer.labels.filter((label) => (label.probability ?? 1) >= least),
      );
    } catch {
      // Cancelled, or the server is down: it says so itself and asks for a refresh when it is back.
    } finally {
      asking.dispose();
      if (view.asking === asking) view.asking = undefined;
    }
  }

  private show(editor: vscode.TextEditor, view: View, labels: readonly ShownLabel[]): void {
    const columns = hasColumns(editor.document);
    const options = new Map<vscode.TextEditorDecorationType, vscode.DecorationOptions[]>();
    const add = (type: vscode.TextEditorDecorationType, option: vscode.DecorationOptions) => {
      const list = options.get(type);
      if (list === undefined) options.set(type, [option]);
      else list.push(option);
    };
    for (const label of labels) {
      const range = toRange(label.range);
      const style = this.styles.of(label.label, label.origin);
      for (const part of label.parts ?? [label.range]) add(style, { range: toRange(part) });
      // A column names the labels of the file itself.
      if (columns && label.origin === 'file') continue;
      const line = editor.document.lineAt(range.end.line);
      const behind = new vscode.Range(line.range.end, line.range.end);
      // A name in the middle of a line would push columns aside, and break the order of right-to-left words: the editor
      // lays out from left to right what stands before and after it.
      if (columns) add(this.styles.names, name(label, behind, '2em'));
      else if (!RIGHT_TO_LEFT.test(line.text)) add(this.styles.names, name(label, range, '0.2em'));
      else add(this.styles.names, name(label, behind, '2em', editor.document.getText(range)));
    }
    for (const type of view.used) if (!options.has(type)) editor.setDecorations(type, []);
    for (const [type, list] of options) editor.setDecorations(type, list);
    view.used = new Set(options.keys());
    view.labels = labels;
  }
}

function stop(view: View): void {
  clearTimeout(view.timer);
  view.asking?.cancel();
}

function linesAround({ document, visibleRanges }: vscode.TextEditor): vscode.Range {
  const first = Math.min(...visibleRanges.map(({ start }) => start.line), document.lineCount - 1);
  const last = Math.max(...visibleRanges.map(({ end }) => end.line), 0);
  const [from, to] = [Math.max(0, first - MARGIN), Math.min(document.lineCount - 1, last + MARGIN)];
  return new vscode.Range(from, 0, to, document.lineAt(to).text.length);
}
