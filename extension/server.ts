// The language server as the rest of the extension sees it: it starts with the first question and is asked in editor terms.
import * as vscode from 'vscode';
import type {
  Dashboard,
  EncoderReport,
  EncoderState,
  LabelsResult,
  LearningStatus,
  ModelStatus,
  ModelVersion,
  PretrainResult,
  ProjectDraft,
  RetrainResult,
  ReviewItem,
  SentencePlace,
  TrainParams,
  TrainResult,
  WillBeShown,
} from '../server/protocol.ts';
import type { BulkConnection } from './bulk-connection.ts';
import type { Connection } from './client.ts';
import { Crashes } from './crashes.ts';
import { Disposable } from './disposable.ts';
import { documentSelector, isOurs } from './documents.ts';
import type { LabelEdit } from './label-edit.ts';
import type { Progress } from './progress.ts';
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

  async labels(
    document: vscode.TextDocument,
    range: vscode.Range,
    margin: number,
    token: vscode.CancellationToken,
  ): Promise<LabelsResult> {
    return (await this.connect()).labels(document, range, margin, token);
  }

  async labelChoices(document: vscode.TextDocument, range: vscode.Range) {
    return (await this.connect()).labelChoices(document, range);
  }

  /** Why tokens cannot get a label of this name; null: they can. */
  async labelProblem(document: vscode.TextDocument, range: vscode.Range, label: string): Promise<string | null> {
    return (await this.connect()).labelProblem(document, range, label);
  }

  /** The edit that gives the tokens touched by ranges a label; null writes `O`, `_` "undecided". */
  async relabel(document: vscode.TextDocument, ranges: readonly vscode.Range[], label: string | null) {
    return (await this.connect()).relabel(document, ranges, label);
  }

  /** The edit that writes suggestions into the file. */
  async accept(
    document: vscode.TextDocument,
    ranges: readonly vscode.Range[],
    what: 'touched' | 'sentence',
    minimumProbability: number,
  ) {
    return (await this.connect()).accept(document, ranges, what, minimumProbability);
  }

  /** The next suggestion of at least this probability behind a position (1), or the one before it (-1). */
  async nextSuggestion(
    document: vscode.TextDocument,
    position: vscode.Position,
    direction: 1 | -1,
    minimumProbability: number,
    token: vscode.CancellationToken,
  ) {
    return (await this.connect()).nextSuggestion(document, position, direction, minimumProbability, token);
  }

  /** The labels of the task at a place, in the order of their keys. */
  async labelKeys(document: vscode.TextDocument, position: vscode.Position): Promise<readonly string[]> {
    return (await this.connect()).labelKeys(document, position);
  }

  /** The edit that moves an end of the span at `range` by a token, and where it stands then; or why there is none. */
  async resize(document: vscode.TextDocument, range: vscode.Range, end: 'start' | 'end', by: 1 | -1) {
    return (await this.connect()).resize(document, range, end, by);
  }

  /** Where to go on in the next (1) or the previous (-1) sentence that is open; `here`: that of the position counts too. */
  async openSentence(document: vscode.TextDocument, position: vscode.Position, direction: 1 | -1, here = false) {
    return (await this.connect()).openSentence(document, position, direction, here);
  }

  /** The edit that makes the tokens of the suggestions at ranges "no entity". */
  async reject(document: vscode.TextDocument, ranges: readonly vscode.Range[]) {
    return (await this.connect()).reject(document, ranges);
  }

  /** The edit, often an empty one, with which the sentences at ranges count as reviewed, or no longer. */
  async review(document: vscode.TextDocument, ranges: readonly vscode.Range[], reviewed: boolean) {
    return (await this.connect()).review(document, ranges, reviewed);
  }

  /** How much is decided where the sentences at ranges are marked as reviewed. */
  async reviewCount(document: vscode.TextDocument, ranges: readonly vscode.Range[]) {
    return (await this.connect()).reviewCount(document, ranges);
  }

  /** What works on many places at once. */
  async bulk(): Promise<BulkConnection> {
    return (await this.connect()).bulk;
  }

  /** Says that an edit was not applied. */
  async editDropped(edit: LabelEdit): Promise<void> {
    await (await this.connect()).editDropped(edit);
  }

  /** The annotation file of a raw text follows what was typed into it. @throws Error where it cannot */
  async moveAnnotations(text: vscode.TextDocument): Promise<void> {
    await (await this.connect()).moveAnnotations(text);
  }

  /** The next sentences of the queue that are not shown yet. */
  async reviewNext(count: number, shown: readonly SentencePlace[]) {
    return (await this.connect()).reviewNext(count, shown);
  }

  /** What a document of the review view consists of from now on. Its files are open. */
  async reviewLines(document: vscode.Uri, lines: readonly ReviewItem[]) {
    return (await this.connect()).reviewLines(document, lines);
  }

  /** Where a range of the review view stands in its file. */
  async reviewPlace(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.Location> {
    return (await this.connect()).reviewPlace(document, range);
  }

  async train(params: TrainParams, progress: Progress, token: vscode.CancellationToken): Promise<TrainResult> {
    return (await this.connect()).train(params, progress, token);
  }

  /** Trains the tagger of the folder's crosstag.json with its newest encoder. */
  async trainProject(folder: string, progress: Progress, token: vscode.CancellationToken): Promise<TrainResult> {
    return (await this.connect()).trainProject(folder, progress, token);
  }

  /** Which encoders of the folder's crosstag.json there are. */
  async encoderState(folder: string): Promise<EncoderState> {
    return (await this.connect()).encoderState(folder);
  }

  /** Pre-trains the encoder of the folder's crosstag.json: a new one, or the newest one further. */
  async pretrain(
    folder: string,
    from: string | undefined,
    progress: Progress,
    token: vscode.CancellationToken,
  ): Promise<PretrainResult> {
    return (await this.connect()).pretrain(folder, from, progress, token);
  }

  /** Writes crosstag.json into a workspace folder. */
  async setUpProject(folder: string, project: ProjectDraft, replace: boolean): Promise<void> {
    await (await this.connect()).setUpProject(folder, project, replace);
  }

  async encoderReport(folder: string): Promise<EncoderReport> {
    return (await this.connect()).encoderReport(folder);
  }

  async dashboard(folder: string): Promise<Dashboard> {
    return (await this.connect()).dashboard(folder);
  }

  /** Trains on all labels of a folder. */
  async retrain(folder: string, progress: Progress, token: vscode.CancellationToken): Promise<RetrainResult> {
    return (await this.connect()).retrain(folder, progress, token);
  }

  async pauseTraining(folder: string, paused: boolean): Promise<LearningStatus> {
    return (await this.connect()).pauseTraining(folder, paused);
  }

  /** The models of a folder with their scores, the one in use first. */
  async versions(
    folder: string,
    progress: Progress,
    token: vscode.CancellationToken,
  ): Promise<readonly ModelVersion[]> {
    return (await this.connect()).versions(folder, progress, token);
  }

  async restoreVersion(folder: string): Promise<LearningStatus> {
    return (await this.connect()).restoreVersion(folder);
  }

  async useModel(folder: string): Promise<ModelStatus> {
    const status = await (await this.connect()).useModel(folder);
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
