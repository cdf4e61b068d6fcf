// The connection to the language server: standard LSP by vscode-languageclient, and the custom messages of protocol.ts.
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import {
  CancellationToken,
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  TransportKind,
} from 'vscode-languageclient/node';
import type { RequestType } from 'vscode-languageserver-protocol';
import {
  AcceptRequest,
  type Dashboard,
  DashboardRequest,
  EditDropped,
  type EncoderReport,
  EncoderReportRequest,
  type EncoderState,
  EncoderStateRequest,
  type InitializationOptions,
  LabelChoicesRequest,
  LabelKeysRequest,
  LabelProblemRequest,
  LabelsChanged,
  LabelsRequest,
  type LabelsResult,
  LearningChanged,
  type LearningStatus,
  MOVE_ANNOTATIONS,
  type ModelStatus,
  ModelStatusChanged,
  type ModelVersion,
  MoveAnnotationsRequest,
  NextSuggestionRequest,
  OpenSentenceRequest,
  PauseTrainingRequest,
  type PretrainProjectParams,
  PretrainRequest,
  type PretrainResult,
  type ProjectDraft,
  RejectRequest,
  RelabelRequest,
  ResizeRequest,
  RestoreVersionRequest,
  RetrainRequest,
  type RetrainResult,
  ReviewChanged,
  type ReviewCount,
  ReviewCountRequest,
  type ReviewItem,
  ReviewLinesRequest,
  ReviewNextRequest,
  ReviewPlaceRequest,
  ReviewRequest,
  type SentencePlace,
  SetUpProjectRequest,
  type TrainParams,
  TrainProjectRequest,
  TrainRequest,
  type TrainResult,
  TrustGranted,
  UseModelRequest,
  VersionsRequest,
  type WillBeShown,
  WillShow,
} from '../server/protocol.ts';
import { saveAnnotations } from './annotations.ts';
import { BulkConnection } from './bulk-connection.ts';
import { SECTION, settingsFor } from './config.ts';
import { undoable } from './fixes.ts';
import { isForeign } from './json-lines.ts';
import { type LabelEdit, labelEditOf } from './label-edit.ts';
import { type Progress, trackProgress } from './progress.ts';

let channel: vscode.LogOutputChannel | undefined;

/** The one log channel, made when first used. */
export function log(): vscode.LogOutputChannel {
  channel ??= vscode.window.createOutputChannel('Crosstag', { log: true });
  return channel;
}

export interface Listener {
  labelsChanged(uri: string): void;
  willShow(shown: WillBeShown): void;
  reviewChanged(uri: string): void;
  statusChanged(status: ModelStatus): void;
  learningChanged(status: LearningStatus): void;
  /** The server wants an edit of labels; `apply` does it. */
  editWanted<T>(edit: vscode.WorkspaceEdit, apply: () => Promise<T>): Promise<T>;
  /** The server ended by itself: this connection is dead. */
  crashed(): void;
}

export class Connection {
  /** What works on many places at once. */
  readonly bulk: BulkConnection;

  private constructor(
    private readonly client: LanguageClient,
    private readonly errors: ErrorReporter,
  ) {
    this.bulk = new BulkConnection(client);
  }

  /** @throws Error when the server cannot be started or refuses to initialise. */
  static async open(
    module: string,
    selector: { language: string; pattern?: string }[],
    listener: Listener,
  ): Promise<Connection> {
    const initializationOptions: InitializationOptions = { trusted: vscode.workspace.isTrusted };
    const errors = new ErrorReporter(listener);
    const client: LanguageClient = new LanguageClient(
      SECTION,
      'Crosstag',
      {
        run: { module, transport: TransportKind.ipc },
        debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6009'] } },
      },
      {
        // Standoff files hold the labels of raw text: the server must know their unsaved state.
        documentSelector: [...selector, { pattern: '**/*.ann' }],
        synchronize: { configurationSection: SECTION },
        outputChannel: log(),
        uriConverters,
        initializationOptions,
        // Keeps the library's own notification back: the caller shows the failure with its remedy.
        initializationFailedHandler: () => false,
        errorHandler: errors,
        middleware: {
          // The selector cannot tell them from ours: the server does not know them, and is not asked about them.
          didOpen: async (document, next) => {
            if (!isForeign(document)) await next(document);
          },
          provideHover: (document, position, token, next) =>
            isForeign(document) ? undefined : next(document, position, token),
          provideDocumentSymbols: (document, token, next) => (isForeign(document) ? undefined : next(document, token)),
          workspace: {
            // The library knows nothing of what is set for a language.
            configuration: ({ items }) =>
              items.map(({ scopeUri }) => settingsFor(scopeUri ? uriConverters.protocol2Code(scopeUri) : undefined)),
            // The server moves annotations along with a text; where that is saved already, they must not wait.
            handleApplyEdit: async (params, next) => {
              const apply = async () => next(params, CancellationToken.None);
              const result =
                params.label === MOVE_ANNOTATIONS
                  ? await apply()
                  : await listener.editWanted(await client.protocol2CodeConverter.asWorkspaceEdit(params.edit), apply);
              for (const document of vscode.workspace.textDocuments) await saveAnnotations(document);
              return result;
            },
          },
          provideCodeActions: async (document, range, context, token, next) => {
            if (isForeign(document)) return undefined;
            return (await next(document, range, context, token))?.map((action) => undoable(document, action));
          },
          // For editors without our decorations, which mean the same.
          provideDocumentSemanticTokens: () => undefined,
          provideDocumentRangeSemanticTokens: () => undefined,
        },
      },
    );
    client.onNotification(LabelsChanged, ({ uri }) =>
      listener.labelsChanged(client.protocol2CodeConverter.asUri(uri).toString()),
    );
    client.onNotification(WillShow, ({ uri, sentences }) =>
      listener.willShow({ uri: client.protocol2CodeConverter.asUri(uri).toString(), sentences }),
    );
    client.onNotification(ReviewChanged, ({ uri }) =>
      listener.reviewChanged(client.protocol2CodeConverter.asUri(uri).toString()),
    );
    client.onNotification(ModelStatusChanged, (status) => listener.statusChanged(status));
    client.onNotification(LearningChanged, (status) => listener.learningChanged(status));
    await client.start();
    errors.started = true;
    return new Connection(client, errors);
  }

  labels(
    document: vscode.TextDocument,
    range: vscode.Range,
    margin: number,
    token: vscode.CancellationToken,
  ): Promise<LabelsResult> {
    return this.client.sendRequest(LabelsRequest, { ...this.place(document, range), margin }, token);
  }

  labelChoices(document: vscode.TextDocument, range: vscode.Range) {
    return this.client.sendRequest(LabelChoicesRequest, this.place(document, range));
  }

  /** Why tokens cannot get a label of this name; null: they can. */
  labelProblem(document: vscode.TextDocument, range: vscode.Range, label: string): Promise<string | null> {
    return this.client.sendRequest(LabelProblemRequest, { ...this.place(document, range), label });
  }

  /** The edit that gives the tokens touched by ranges a label; null writes `O`, `_` "undecided". */
  async relabel(
    document: vscode.TextDocument,
    ranges: readonly vscode.Range[],
    label: string | null,
  ): Promise<LabelEdit> {
    const params = { ...this.places(document, ranges), label };
    return labelEditOf(this.client, await this.client.sendRequest(RelabelRequest, params));
  }

  /** The edit that writes suggestions into the file. */
  async accept(
    document: vscode.TextDocument,
    ranges: readonly vscode.Range[],
    what: 'touched' | 'sentence',
    minimumProbability: number,
  ): Promise<LabelEdit> {
    const params = { ...this.places(document, ranges), what, minimumProbability };
    return labelEditOf(this.client, await this.client.sendRequest(AcceptRequest, params));
  }

  /** The edit that makes the tokens of the suggestions at ranges "no entity". */
  async reject(document: vscode.TextDocument, ranges: readonly vscode.Range[]): Promise<LabelEdit> {
    return labelEditOf(this.client, await this.client.sendRequest(RejectRequest, this.places(document, ranges)));
  }

  /** The edit, often an empty one, with which the sentences at ranges count as reviewed, or no longer. */
  async review(document: vscode.TextDocument, ranges: readonly vscode.Range[], reviewed: boolean): Promise<LabelEdit> {
    const params = { ...this.places(document, ranges), reviewed };
    return labelEditOf(this.client, await this.client.sendRequest(ReviewRequest, params));
  }

  /** How much is decided where the sentences at ranges are marked as reviewed. */
  reviewCount(document: vscode.TextDocument, ranges: readonly vscode.Range[]): Promise<ReviewCount> {
    const { asUri, asRange } = this.client.code2ProtocolConverter;
    return this.client.sendRequest(ReviewCountRequest, {
      uri: asUri(document.uri),
      ranges: ranges.map((range) => asRange(range)),
    });
  }

  /** The next suggestion of at least this probability behind a position (1), or the one before it (-1). */
  async nextSuggestion(
    document: vscode.TextDocument,
    position: vscode.Position,
    direction: 1 | -1,
    minimumProbability: number,
    token: vscode.CancellationToken,
  ): Promise<vscode.Range | undefined> {
    const params = { ...this.position(document, position), direction, minimumProbability };
    const answer = await this.client.sendRequest(NextSuggestionRequest, params, token);
    return answer === null ? undefined : this.client.protocol2CodeConverter.asRange(answer);
  }

  /** An edit could not be applied: its journal lines count for nothing. */
  async editDropped({ journal }: LabelEdit): Promise<void> {
    if (journal.length > 0) await this.client.sendNotification(EditDropped, { ids: journal });
  }

  /** The annotation file of a raw text follows what was typed into it. @throws Error where it cannot */
  async moveAnnotations(text: vscode.TextDocument): Promise<void> {
    await this.client.sendRequest(MoveAnnotationsRequest, { uri: this.client.code2ProtocolConverter.asUri(text.uri) });
  }

  /** The labels of the task at a place, in the order of their keys. */
  labelKeys(document: vscode.TextDocument, position: vscode.Position): Promise<readonly string[]> {
    return this.client.sendRequest(LabelKeysRequest, this.position(document, position));
  }

  /** The edit that moves an end of the span at `range` by a token, and where it stands then; or why there is none. */
  async resize(document: vscode.TextDocument, range: vscode.Range, end: 'start' | 'end', by: 1 | -1) {
    const answer = await this.client.sendRequest(ResizeRequest, { ...this.place(document, range), end, by });
    if ('refused' in answer) return answer.refused;
    const edit = await labelEditOf(this.client, answer.edit);
    return { ...edit, range: this.client.protocol2CodeConverter.asRange(answer.range) };
  }

  /** Where to go on in the next (1) or the previous (-1) sentence that is open; `here`: that of the position counts too. */
  async openSentence(document: vscode.TextDocument, position: vscode.Position, direction: 1 | -1, here = false) {
    const params = { ...this.position(document, position), direction, here };
    const answer = await this.client.sendRequest(OpenSentenceRequest, params);
    return answer === null ? undefined : this.client.protocol2CodeConverter.asRange(answer);
  }

  /** The next sentences of the queue that are not shown yet. */
  reviewNext(count: number, shown: readonly SentencePlace[]) {
    return this.client.sendRequest(ReviewNextRequest, { count, shown });
  }

  /** What a document of the review view consists of from now on. Its files are open. */
  reviewLines(document: vscode.Uri, lines: readonly ReviewItem[]) {
    const uri = this.client.code2ProtocolConverter.asUri(document);
    return this.client.sendRequest(ReviewLinesRequest, { uri, lines });
  }

  /** Where a range of the review view stands in its file. */
  async reviewPlace(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.Location> {
    const answer = await this.client.sendRequest(ReviewPlaceRequest, this.place(document, range));
    return this.client.protocol2CodeConverter.asLocation(answer);
  }

  train(params: TrainParams, progress: Progress, token: vscode.CancellationToken): Promise<TrainResult> {
    return this.long(TrainRequest, params, progress, token);
  }

  /** Trains the tagger of the folder's crosstag.json with its newest encoder. */
  trainProject(folder: string, progress: Progress, token: vscode.CancellationToken): Promise<TrainResult> {
    return this.long(TrainProjectRequest, { folder }, progress, token);
  }

  /** Which encoders of the folder's crosstag.json there are. */
  encoderState(folder: string): Promise<EncoderState> {
    return this.client.sendRequest(EncoderStateRequest, { folder });
  }

  /** Pre-trains the encoder of the folder's crosstag.json: a new one, or the newest one further. */
  pretrain(
    params: PretrainProjectParams,
    progress: Progress,
    token: vscode.CancellationToken,
  ): Promise<PretrainResult> {
    return this.long(PretrainRequest, params, progress, token);
  }

  /** Writes crosstag.json into a workspace folder. */
  setUpProject(folder: string, project: ProjectDraft, replace: boolean): Promise<{ path: string }> {
    return this.client.sendRequest(SetUpProjectRequest, { folder, project, replace });
  }

  encoderReport(folder: string): Promise<EncoderReport> {
    return this.client.sendRequest(EncoderReportRequest, { folder });
  }

  dashboard(folder: string): Promise<Dashboard> {
    return this.client.sendRequest(DashboardRequest, { folder });
  }

  /** Trains on all labels of a folder. */
  retrain(folder: string, progress: Progress, token: vscode.CancellationToken): Promise<RetrainResult> {
    return this.long(RetrainRequest, { folder }, progress, token);
  }

  pauseTraining(folder: string, paused: boolean): Promise<LearningStatus> {
    return this.client.sendRequest(PauseTrainingRequest, { folder, paused });
  }

  /** The models of a folder with their scores on the present hold-out, the one in use first. */
  async versions(
    folder: string,
    progress: Progress,
    token: vscode.CancellationToken,
  ): Promise<readonly ModelVersion[]> {
    return (await this.long(VersionsRequest, { folder, score: true }, progress, token)).versions;
  }

  restoreVersion(folder: string): Promise<LearningStatus> {
    return this.client.sendRequest(RestoreVersionRequest, { folder });
  }

  useModel(folder: string): Promise<ModelStatus> {
    return this.client.sendRequest(UseModelRequest, { folder });
  }

  trust(): Promise<void> {
    return this.client.sendNotification(TrustGranted);
  }

  async close(): Promise<void> {
    this.errors.started = false;
    await this.client.dispose();
  }

  /** Sends a request that takes long, and shows its progress. */
  private async long<P extends { readonly workDoneToken?: string | number }, R>(
    request: RequestType<P, R, void>,
    params: P,
    progress: Progress,
    token: vscode.CancellationToken,
  ): Promise<R> {
    const { workDoneToken, listening } = trackProgress(this.client, progress);
    try {
      return await this.client.sendRequest<R>(request.method, { ...params, workDoneToken }, token);
    } finally {
      listening.dispose();
    }
  }

  private position(document: vscode.TextDocument, position: vscode.Position) {
    const { code2ProtocolConverter } = this.client;
    return { uri: code2ProtocolConverter.asUri(document.uri), position: code2ProtocolConverter.asPosition(position) };
  }

  private place(document: vscode.TextDocument, range: vscode.Range) {
    const { code2ProtocolConverter } = this.client;
    return { uri: code2ProtocolConverter.asUri(document.uri), range: code2ProtocolConverter.asRange(range) };
  }

  /** @param ranges one or more */
  private places(document: vscode.TextDocument, [range, ...others]: readonly vscode.Range[]) {
    const place = this.place(document, range!);
    return { ...place, others: others.map((other) => this.client.code2ProtocolConverter.asRange(other)) };
  }
}

/** As Node names files, and so the server those that it finds itself: VS Code escapes more characters. */
const uriConverters = {
  code2Protocol: (uri: vscode.Uri) => (uri.scheme === 'file' ? pathToFileURL(uri.fsPath).href : uri.toString()),
  protocol2Code: (uri: string) => vscode.Uri.parse(uri),
};

/** Tells the owner of a connection that its server died. The library's own restart would complain of every key meanwhile. */
class ErrorReporter implements ErrorHandler {
  /** A server that never came up, or is being closed, is the caller's to report. */
  started = false;

  constructor(private readonly listener: Listener) {}

  error() {
    return { action: ErrorAction.Continue, handled: true };
  }

  closed() {
    if (this.started) this.listener.crashed();
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}
