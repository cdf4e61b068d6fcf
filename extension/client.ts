// The connection to the language server: standard LSP by vscode-languageclient, and the custom messages of protocol.ts.
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import {
  AcceptRequest,
  type InitializationOptions,
  LabelChoicesRequest,
  LabelsChanged,
  LabelsRequest,
  type LabelsResult,
  type ModelStatus,
  ModelStatusChanged,
  RelabelRequest,
  type TrainParams,
  TrainRequest,
  type TrainResult,
  TrustGranted,
  UseModelRequest,
} from '../server/protocol.ts';
import { SECTION } from './config.ts';
import { trackProgress } from './progress.ts';

/** A server that stopped this often within `CRASH_WINDOW` stays off. */
const CRASHES = 4;
/** Milliseconds. */
const CRASH_WINDOW = 3 * 60_000;
/** Milliseconds to wait before the first restart; doubles with every crash inside the window. */
const BACK_OFF = 250;

let channel: vscode.LogOutputChannel | undefined;

/** The one log channel, made when first used. */
export function log(): vscode.LogOutputChannel {
  channel ??= vscode.window.createOutputChannel('Crosstag', { log: true });
  return channel;
}

export interface Listener {
  labelsChanged(uri: string): void;
  statusChanged(status: ModelStatus): void;
  /** The server runs again after a crash: all that it had said is void. */
  restarted(): void;
}

export class Connection {
  private constructor(
    private readonly client: LanguageClient,
    private readonly crashes: CrashHandler,
  ) {}

  /** @throws Error when the server cannot be started or refuses to initialise. */
  static async open(
    module: string,
    selector: { language: string; pattern?: string }[],
    listener: Listener,
  ): Promise<Connection> {
    const initializationOptions: InitializationOptions = { trusted: vscode.workspace.isTrusted };
    const crashes = new CrashHandler(listener);
    const client = new LanguageClient(
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
        initializationOptions,
        // Keeps the library's own notification back: the caller shows the failure with its remedy.
        initializationFailedHandler: () => false,
        errorHandler: crashes,
      },
    );
    client.onNotification(LabelsChanged, ({ uri }) =>
      listener.labelsChanged(client.protocol2CodeConverter.asUri(uri).toString()),
    );
    client.onNotification(ModelStatusChanged, (status) => listener.statusChanged(status));
    await client.start();
    crashes.started = true;
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) listener.restarted();
    });
    return new Connection(client, crashes);
  }

  labels(document: vscode.TextDocument, range: vscode.Range, token: vscode.CancellationToken): Promise<LabelsResult> {
    return this.client.sendRequest(LabelsRequest, this.place(document, range), token);
  }

  labelChoices(document: vscode.TextDocument, range: vscode.Range) {
    return this.client.sendRequest(LabelChoicesRequest, this.place(document, range));
  }

  async relabel(
    document: vscode.TextDocument,
    range: vscode.Range,
    label: string | null,
  ): Promise<vscode.WorkspaceEdit> {
    const edit = await this.client.sendRequest(RelabelRequest, { ...this.place(document, range), label });
    return this.client.protocol2CodeConverter.asWorkspaceEdit(edit);
  }

  async accept(
    document: vscode.TextDocument,
    range: vscode.Range,
    what: 'touched' | 'sentence',
    minimumProbability: number,
  ): Promise<vscode.WorkspaceEdit> {
    const params = { ...this.place(document, range), what, minimumProbability };
    const edit = await this.client.sendRequest(AcceptRequest, params);
    return this.client.protocol2CodeConverter.asWorkspaceEdit(edit);
  }

  async train(
    params: TrainParams,
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    token: vscode.CancellationToken,
  ): Promise<TrainResult> {
    const { workDoneToken, listening } = trackProgress(this.client, progress);
    try {
      return await this.client.sendRequest(TrainRequest, { ...params, workDoneToken }, token);
    } finally {
      listening.dispose();
    }
  }

  useModel(folder: string): Promise<ModelStatus> {
    return this.client.sendRequest(UseModelRequest, { folder });
  }

  trust(): Promise<void> {
    return this.client.sendNotification(TrustGranted);
  }

  async close(): Promise<void> {
    this.crashes.started = false;
    await this.client.dispose();
  }

  private place(document: vscode.TextDocument, range: vscode.Range) {
    const { code2ProtocolConverter } = this.client;
    return { uri: code2ProtocolConverter.asUri(document.uri), range: code2ProtocolConverter.asRange(range) };
  }
}

/** Restarts a server that died, says so once, and gives up when it dies again and again. */
class CrashHandler implements ErrorHandler {
  /** A server that never came up is the caller's to report. */
  started = false;
  private readonly times: number[] = [];

  constructor(private readonly listener: Listener) {}

  error() {
    return { action: ErrorAction.Continue, handled: true };
  }

  async closed() {
    if (!this.started) return { action: CloseAction.DoNotRestart, handled: true };
    const now = Date.now();
    this.times.push(now);
    const recent = this.times.filter((time) => now - time < CRASH_WINDOW).length;
    if (recent >= CRASHES) {
      const message = vscode.l10n.t('The Crosstag language server stopped {0} times in three minutes.', recent);
      this.listener.statusChanged({ state: 'failed', message });
      void this.report(message, vscode.l10n.t('It stays off until you restart it.'), vscode.l10n.t('Restart'));
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    const message = vscode.l10n.t('The Crosstag language server stopped unexpectedly and was started again.');
    if (recent === 1) void this.report(message, vscode.l10n.t('Your files are as they were.'));
    await new Promise((resolve) => setTimeout(resolve, BACK_OFF * 2 ** (recent - 1)));
    return { action: CloseAction.Restart, handled: true };
  }

  private async report(what: string, then: string, restart?: string): Promise<void> {
    const showLog = vscode.l10n.t('Show Log');
    const actions = restart === undefined ? [showLog] : [restart, showLog];
    const answer = await vscode.window.showWarningMessage(`${what} ${then}`, ...actions);
    if (answer === showLog) log().show();
    if (restart !== undefined && answer === restart) await vscode.commands.executeCommand('crosstag.restartServer');
  }
}
