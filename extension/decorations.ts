// Shows labels and suggestions in the visible lines of every editor of ours.
import * as vscode from 'vscode';
import type { SentenceShown, ShownLabel, ShownSentence } from '../server/protocol.ts';
import { changesDecorations } from './config.ts';
import { Disposable } from './disposable.ts';
import { hasColumns, isOurs, isReview } from './documents.ts';
import { Painted } from './painted.ts';
import { toRange } from './ranges.ts';
import type { ReviewDocument } from './review-document.ts';
import type { Server } from './server.ts';
import { nameBehind, Styles } from './styles.ts';
import { minimumProbability } from './suggestions.ts';

/** Milliseconds that an editor must be quiet (typing, scrolling) before it is asked for again. */
const QUIET = 40;
/** Milliseconds after which an edit that has not gone its way is not believed in any more. */
const PATIENCE = 2000;
/** Lines asked for above and below the visible ones, so that short scrolls find their labels there. */
const MARGIN = 40;

/** Sentences that will show other labels soon. */
interface Held {
  readonly version: number;
  readonly ranges: readonly vscode.Range[];
  readonly sentences: readonly SentenceShown[];
}

interface View {
  /** What will ask for it. */
  timer: NodeJS.Timeout | undefined;
  /** When it was last asked for, milliseconds since 1970. */
  asked: number;
  asking?: vscode.CancellationTokenSource;
  labels: readonly ShownLabel[];
  sentences: readonly ShownSentence[];
  held?: Held | undefined;
  /** Of the document that the labels belong to; -1 before there are any. */
  version: number;
  readonly painted: Painted;
}

export class Decorations extends Disposable {
  private readonly styles = this._register(new Styles());
  private readonly showed = this._register(new vscode.EventEmitter<vscode.TextDocument>());
  /** The labels of a document have been shown anew. */
  readonly onDidShow = this.showed.event;
  private readonly views = new Map<vscode.TextEditor, View>();

  constructor(
    private readonly server: Server,
    private readonly review: ReviewDocument,
  ) {
    super();
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.refreshAll(0)));
    this._register(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.refresh(textEditor, QUIET)),
    );
    this._register(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // An event without changes says that the document is dirty, or no longer: it must not put off what the one before asks.
        if (contentChanges.length > 0) this.refreshUri(document.uri, QUIET);
      }),
    );
    this._register(review.onDidRenew((uri) => this.refreshUri(uri, 0)));
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

  /** The sentences in the visible lines of an editor, with their state. */
  sentences(editor: vscode.TextEditor): readonly ShownSentence[] {
    return this.views.get(editor)?.sentences ?? [];
  }

  /** What is shown of the present text of a document in all of its editors; undefined while that is not known. */
  shown(document: vscode.TextDocument): readonly ShownLabel[] | undefined {
    const version = this.versionOf(document);
    const views = [...this.views].filter(([editor]) => editor.document === document);
    if (!views.some(([, view]) => view.version === version)) return undefined;
    const labels = views.flatMap(([, view]) => (view.version === version ? view.labels : []));
    const byPlace = new Map(labels.map((label) => [JSON.stringify([label.range, label.label]), label]));
    return [...byPlace.values()];
  }

  /** Version of what is shown of a document: of its text, or of the lines of the review view. */
  versionOf(document: vscode.TextDocument): number {
    return isReview(document) ? this.review.revision : document.version;
  }

  /**
   * Shows what sentences of a document will have when an edit of their labels is applied, whatever the server says of this
   * version meanwhile.
   * @param version that they are for; what is no longer shown so is left alone
   * @returns ends it: from then on the server's answers count, as they do after two seconds
   */
  hold(document: vscode.TextDocument, version: number, sentences: readonly SentenceShown[]): vscode.Disposable {
    const held: Held = { version, ranges: sentences.map(({ range }) => toRange(range)), sentences };
    for (const [editor, view] of this.views) {
      if (editor.document !== document || view.version !== version || this.versionOf(document) !== version) continue;
      view.held = held;
      this.decorate(editor, view, view.labels);
    }
    const end = () => {
      clearTimeout(late);
      for (const [editor, view] of this.views) {
        if (view.held !== held) continue;
        view.held = undefined;
        this.refresh(editor, QUIET);
      }
    };
    const late = setTimeout(end, PATIENCE);
    return new vscode.Disposable(end);
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
      if (view !== undefined) this.decorate(editor, view, []);
      return;
    }
    if (view === undefined) {
      const painted = new Painted(editor);
      view = { timer: undefined, asked: 0, labels: [], sentences: [], version: -1, painted };
      this.views.set(editor, view);
    }
    const current = view;
    // The first change after a while is answered at once: mostly it is a label, whose colour a person waits for.
    const isFirst = view.timer === undefined && Date.now() - view.asked > QUIET;
    clearTimeout(view.timer);
    view.timer = setTimeout(() => void this.ask(editor, current), isFirst ? 0 : delay);
  }

  private async ask(editor: vscode.TextEditor, view: View): Promise<void> {
    view.asking?.cancel();
    const asking = new vscode.CancellationTokenSource();
    view.asking = asking;
    view.timer = undefined;
    view.asked = Date.now();
    const { document } = editor;
    try {
      const answer = await this.server.ask((connection) =>
        connection.labels(document, visibleLines(editor), MARGIN, asking.token),
      );
      // An answer for an older text would stand in the wrong place; the change that made it old has asked again.
      if (asking.token.isCancellationRequested || answer.version !== this.versionOf(document)) return;
      view.sentences = answer.sentences;
      this.decorate(editor, view, answer.labels);
    } catch {
      // Cancelled, or the server is down: it says so itself and asks for a refresh when it is back.
    } finally {
      asking.dispose();
      if (view.asking === asking) view.asking = undefined;
    }
  }

  private decorate(editor: vscode.TextEditor, view: View, all: readonly ShownLabel[]): void {
    const least = minimumProbability(editor.document);
    const version = this.versionOf(editor.document);
    const isShown = ({ origin, probability = 1 }: ShownLabel) => origin !== 'model' || probability >= least;
    const labels = withHeld(all, view.held, version).filter(isShown);
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
      // A column names the labels of the file itself; a name in the middle of the line would push columns aside.
      if (columns && label.origin === 'model') {
        const { end } = editor.document.lineAt(range.end.line).range;
        add(this.styles.names, nameBehind(label, end));
      }
    }
    view.painted.set(options);
    view.labels = labels;
    view.version = version;
    this.showed.fire(editor.document);
  }
}

/** Labels, with those that are held in place of what their sentences have. */
function withHeld(labels: readonly ShownLabel[], held: Held | undefined, version: number): readonly ShownLabel[] {
  if (held?.version !== version) return labels;
  const isElsewhere = ({ range }: ShownLabel) => {
    const own = toRange(range);
    return !held.ranges.some((one) => one.intersection(own)?.isEmpty === false);
  };
  return [...labels.filter(isElsewhere), ...held.sentences.flatMap((sentence) => sentence.labels)];
}

function stop(view: View): void {
  clearTimeout(view.timer);
  view.asking?.cancel();
}

function visibleLines({ document, visibleRanges }: vscode.TextEditor): vscode.Range {
  const first = Math.min(...visibleRanges.map(({ start }) => start.line), document.lineCount - 1);
  const last = Math.min(Math.max(...visibleRanges.map(({ end }) => end.line), 0), document.lineCount - 1);
  return new vscode.Range(first, 0, last, document.lineAt(last).text.length);
}
