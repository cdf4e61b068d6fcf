// The document of the review view: a line for each sentence, in the order of the queue. Its text is the server's.
import * as vscode from 'vscode';
import type { ReviewItem, ReviewQueueState } from '../server/protocol.ts';
import { Disposable } from './disposable.ts';
import { REVIEW_SCHEME } from './documents.ts';
import type { Server } from './server.ts';
import { Turns } from './turns.ts';

/** Milliseconds that the editor may take to ask for a new text. */
const PATIENCE = 2000;

/** A line of the view. */
export interface Shown {
  readonly item: ReviewItem;
  readonly text: string;
  /** Whether something was undecided in it when the text was made. */
  readonly isOpen: boolean;
}

export class ReviewDocument extends Disposable implements vscode.TextDocumentContentProvider {
  private readonly changed = this._register(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;
  private readonly renewed = this._register(new vscode.EventEmitter<vscode.Uri>());
  /** The lines are those of another revision, perhaps with the same text. */
  readonly onDidRenew = this.renewed.event;
  readonly uri = vscode.Uri.from({ scheme: REVIEW_SCHEME, path: `/${vscode.l10n.t('Sentences to Review')}` });
  /** Lines that follow their files must not take the place of those that the queue brings meanwhile. */
  private readonly turns = new Turns();
  /** An update waits for its turn. */
  private isWaiting = false;
  private shown: readonly Shown[] = [];
  private revisionNumber = -1;
  private state: ReviewQueueState = { files: 0, open: 0, measured: 0, complete: false };

  constructor(private readonly server: Server) {
    super();
    this._register(vscode.workspace.registerTextDocumentContentProvider(REVIEW_SCHEME, this));
    this._register(server.onReviewChanged((uri) => uri === this.uri.toString() && void this.update()));
    this._register(server.onRestarted(() => void this.update()));
    this._register(vscode.workspace.onDidCloseTextDocument((document) => void this.closed(document)));
  }

  get lines(): readonly Shown[] {
    return this.shown;
  }

  /** Version of the lines: answers of the server say which one they are for. */
  get revision(): number {
    return this.revisionNumber;
  }

  /** How the queue stood when it was last asked. */
  get queue(): ReviewQueueState {
    return this.state;
  }

  provideTextDocumentContent(): string {
    return this.shown.map(({ text }) => text).join('\n');
  }

  /**
   * Keeps the lines in which something is undecided, and adds the next ones of the queue.
   * @param count lines that there shall be
   * @param fresh no line is kept
   * @returns how many lines there are now
   */
  fill(count: number, fresh = false): Promise<number> {
    return this.turns.run(async () => {
      const kept = fresh ? [] : await this.unfinished();
      const missing = Math.max(0, count - kept.length);
      const { items, queue } = await this.server.ask((connection) => connection.reviewNext(missing, kept));
      this.state = queue;
      await this.show([...kept, ...items]);
      return kept.length + items.length;
    });
  }

  /** The items of the lines in which something is undecided now. */
  private async unfinished(): Promise<ReviewItem[]> {
    if (this.shown.length === 0) return [];
    const items = this.shown.map(({ item }) => item);
    const { lines } = await this.server.ask((connection) => connection.reviewLines(this.uri, items));
    return items.flatMap((item, i) => {
      const line = lines[i];
      return line?.isOpen ? [{ ...item, ...line.place }] : [];
    });
  }

  /** The words of lines have changed in their files: lines follow, and those whose sentences are gone leave the view. */
  private async update(): Promise<void> {
    // One that waits will see all that has changed until its turn.
    if (this.isWaiting) return;
    this.isWaiting = true;
    await this.turns
      .run(async () => {
        this.isWaiting = false;
        if (this.shown.length > 0) await this.show(this.shown.map(({ item }) => item));
      })
      .catch(() => {
        // The server is down, and says so itself; it asks again when it is back.
      });
  }

  private async show(items: readonly ReviewItem[]): Promise<void> {
    const files = new Set(items.map(({ uri }) => uri));
    // The server knows the files behind as the editor has them.
    await Promise.all(Array.from(files, openFile));
    const { revision, lines } = await this.server.ask((connection) => connection.reviewLines(this.uri, items));
    this.shown = items.flatMap((item, i) => {
      const line = lines[i];
      return line ? [{ item: { ...item, ...line.place }, text: line.text, isOpen: line.isOpen }] : [];
    });
    this.revisionNumber = revision;
    // Lines that are gone: the server's are to be those of the text.
    if (this.shown.length < items.length) {
      const rest = this.shown.map(({ item }) => item);
      this.revisionNumber = (await this.server.ask((connection) => connection.reviewLines(this.uri, rest))).revision;
    }
    this.changed.fire(this.uri);
    await this.settled();
    this.renewed.fire(this.uri);
  }

  /** The editor asks for the text in its own time: until it has it, positions are those of another text. */
  private async settled(): Promise<void> {
    const text = this.provideTextDocumentContent();
    for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
      const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === this.uri.toString());
      if (document === undefined || document.getText() === text) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The editor lets files go that it does not show: those behind the view are wanted as long as it is there. */
  private async closed({ uri }: vscode.TextDocument): Promise<void> {
    if (uri.toString() === this.uri.toString()) {
      // Another language for the same document comes as a closing and an opening.
      await new Promise((resolve) => setTimeout(resolve));
      await this.turns
        .run(async () => {
          if (vscode.workspace.textDocuments.some((other) => other.uri.toString() === uri.toString())) return;
          this.shown = [];
          await this.server.ask((connection) => connection.reviewLines(this.uri, []));
        })
        .catch(() => {});
    } else if (this.shown.some(({ item }) => vscode.Uri.parse(item.uri).toString() === uri.toString())) {
      await openFile(uri.toString());
    }
  }
}

/** A file that cannot be opened has no lines. */
async function openFile(uri: string): Promise<void> {
  try {
    await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  } catch {
    // Deleted, or too large for the editor.
  }
}
