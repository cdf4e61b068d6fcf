// The language server as the rest of the extension sees it: it starts with the first question and is asked in editor terms.
import * as vscode from 'vscode';
import type { LearningStatus, ModelStatus, WillBeShown } from '../server/protocol.ts';
import type { Connection } from './client.ts';
import { Crashes } from './crashes.ts';
import { Disposable } from './disposable.ts';
import { documentSelector, isOurs } from './documents.ts';
import type { Standoff } from './standoff.ts';

export class Server extends Disposable {
  private readonly labelsChanged = this._register(new vscode.EventEmitter<string>());
  private readonly willShow = this._register(new vscode.EventEmitter<WillBeShown>());
  private readonly reviewChanged = this._register(new vscode.EventEmitter<string>());
  private readonly restarted = this._register(new vscode.EventEmitter<void>());
  private readonly statusChanged = this._register(new vscode.EventEmitter<ModelStatus>());
  private readonly learningChanged = this._register(new vscode.EventEmitter<LearningStatus>());
  private connection: Promise<Connection> | undefined;
  /** The next start waits for this: an old server that ends, a pause after a crash. */
  private settled: Promise<unknown> = Promise.resolve();
  private isOff = false;
  private readonly crashes = new Crashes(this);
  private lastStatus: ModelStatus = { state: 'none', message: '' };

  /** Labels of the document with this URI (as a string) have changed: ask again. */
  readonly onLabelsChanged = this.labelsChanged.event;
  /** What the edit that was asked for will show; comes before the edit. */
  readonly onWillShow = this.willShow.event;
  /** Lines of the review view with this URI have other words, or are gone. */
  readonly onReviewChanged = this.reviewChanged.event;
  /** A new server runs, which knows nothing of what the one before was told. */
  readonly onRestarted = this.restarted.event;
  readonly onStatusChanged = this.statusChanged.event;
  /** Retraining of a workspace folder stands elsewhere. */
  readonly onLearningChanged = this.learningChanged.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly standoff: Standoff,
  ) {
    super();
    this._register(vscode.workspace.onDidOpenTextDocument((document) => this.wake(document)));
    this._register(vscode.workspace.onDidGrantWorkspaceTrust(() => this.trust()));
  }

  get status(): ModelStatus {
    return this.lastStatus;
  }

  /** Starts the server when a document of ours is open; until then nothing runs. */
  wakeForOpenDocuments(): void {
    for (const document of vscode.workspace.textDocuments) this.wake(document);
  }

  /** Asks the server, which starts with the first question. */
  async ask<T>(question: (connection: Connection) => T): Promise<Awaited<T>> {
    return await question(await this.connect());
  }

  async useModel(folder: string): Promise<ModelStatus> {
    const status = await this.ask((connection) => connection.useModel(folder));
    this.setStatus(status);
    return status;
  }

  async showLog(): Promise<void> {
    (await import('./client.ts')).log().show();
  }

  /** Stops the server and starts it again with the present settings. */
  async restart(): Promise<void> {
    await this.close();
    this.isOff = false;
    this.setStatus({ state: 'none', message: '' });
    await this.connect();
    this.renew();
  }

  /** Ends the server process; resolves when it is gone. */
  async close(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    this.settled = Promise.all([this.settled, connection?.then((open) => open.close()).catch(() => {})]);
    await this.settled;
  }

  private renew(): void {
    this.restarted.fire();
    for (const editor of vscode.window.visibleTextEditors) this.labelsChanged.fire(editor.document.uri.toString());
  }

  private wake(document: vscode.TextDocument): void {
    // A failed start has been shown already; the next command or document tries again.
    if (this.connection === undefined && !this.isOff && isOurs(document)) this.connect().catch(() => {});
  }

  private async connect(): Promise<Connection> {
    if (this.isOff)
      throw new Error(vscode.l10n.t('The language server is off; run “Crosstag: Restart Language Server”.'));
    this.connection ??= this.start();
    return this.connection;
  }

  private async start(): Promise<Connection> {
    try {
      await this.settled;
      // The protocol library costs more than the rest of the activation: it is loaded when a document needs it.
      const { Connection } = await import('./client.ts');
      return await Connection.open(this.context.asAbsolutePath('dist/server.cjs'), documentSelector(), {
        labelsChanged: (uri) => this.labelsChanged.fire(uri),
        willShow: (shown) => this.willShow.fire(shown),
        reviewChanged: (uri) => this.reviewChanged.fire(uri),
        statusChanged: (status) => this.setStatus(status),
        learningChanged: (status) => this.learningChanged.fire(status),
        editWanted: (edit, apply) => this.standoff.applyWanted(edit, apply),
        crashed: () => void this.recover(),
      });
    } catch (error) {
      this.connection = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      this.setStatus({ state: 'failed', message: reason });
      void this.offerRemedy(reason);
      throw error;
    }
  }

  private async recover(): Promise<void> {
    this.connection = undefined;
    const pause = this.crashes.note();
    this.isOff = pause === undefined;
    if (pause === undefined) {
      this.setStatus({ state: 'failed', message: vscode.l10n.t('The language server stopped too often.') });
      return;
    }
    this.settled = new Promise((resolve) => setTimeout(resolve, pause));
    this.setStatus({ state: 'none', message: '' });
    await this.connect().then(
      () => this.renew(),
      // Shown by `start`.
      () => {},
    );
  }

  private async offerRemedy(reason: string): Promise<void> {
    const [again, log] = [vscode.l10n.t('Try Again'), vscode.l10n.t('Show Log')];
    const answer = await vscode.window.showErrorMessage(
      vscode.l10n.t('Crosstag could not start its language server: {0}. The log says more.', reason),
      again,
      log,
    );
    if (answer === again) await this.restart().catch(() => {});
    if (answer === log) await this.showLog();
  }

  private async trust(): Promise<void> {
    await (await this.connection)?.trust();
  }

  private setStatus(status: ModelStatus): void {
    this.lastStatus = status;
    this.statusChanged.fire(status);
  }
}
