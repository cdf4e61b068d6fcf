// A language client over real stdio: starts the bundled server and speaks LSP with it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { Diagnostic, InitializeResult, Position, Range, WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { InitializationOptions, LabelsResult, ModelStatus } from '../../server/protocol.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Inside node_modules, so that the bundles find the native modules; apart from dist/ and from other test processes. */
const BUNDLES = join(ROOT, 'node_modules', '.cache', `crosstag-lsp-${process.pid}`);

let isBundled = false;

/** Bundles server and trainer, once for a test process. @returns the server's program */
export function bundle(): string {
  const server = join(BUNDLES, 'server.cjs');
  if (isBundled) return server;
  execFileSync(process.execPath, [join(ROOT, 'test', 'lsp', 'bundle.mjs'), BUNDLES], { stdio: 'inherit' });
  process.on('exit', () => rmSync(BUNDLES, { recursive: true, force: true }));
  isBundled = true;
  return server;
}

export interface ClientOptions extends InitializationOptions {
  /** Workspace folder. */
  readonly folder: string;
  /** Workspace folders beside it. */
  readonly others?: readonly string[];
  /** What the client answers for the section `crosstag`; absent: it does not know `workspace/configuration`. */
  readonly configuration?: object;
  readonly documentChanges?: boolean;
  /** Arguments of node before the server's program. */
  readonly nodeArguments?: readonly string[];
  /** Applies an edit that the server wants; absent: the client cannot. */
  readonly applyEdit?: (edit: WorkspaceEdit) => Promise<void>;
}

export interface PublishedDiagnostics {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: Diagnostic[];
}

export class Client {
  readonly connection: MessageConnection;
  readonly server: ChildProcess;
  readonly folder: string;
  /** Everything that the server has notified so far, by method. */
  readonly notified: { readonly method: string; readonly params: unknown }[] = [];
  readonly initialized: Promise<InitializeResult>;
  #stderr = '';
  #waiting: (() => void)[] = [];

  private constructor({
    folder,
    others = [],
    configuration,
    documentChanges = true,
    applyEdit,
    nodeArguments = [],
    ...initializationOptions
  }: ClientOptions) {
    this.folder = folder;
    const program = join(BUNDLES, 'server.cjs');
    this.server = spawn(process.execPath, [...nodeArguments, program, '--stdio'], { stdio: 'pipe' });
    this.server.stderr!.on('data', (data) => {
      this.#stderr += data;
    });
    this.connection = createMessageConnection(
      new StreamMessageReader(this.server.stdout!),
      new StreamMessageWriter(this.server.stdin!),
    );
    const record = (method: string, params: unknown) => {
      this.notified.push({ method, params });
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
    this.connection.onNotification(record);
    this.connection.onUnhandledProgress((params) => record('$/progress', params));
    this.connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => configuration),
    );
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onRequest('workspace/applyEdit', async ({ edit }: { edit: WorkspaceEdit }) => {
      const applied = applyEdit !== undefined;
      await applyEdit?.(edit);
      return { applied };
    });
    this.connection.listen();
    this.initialized = this.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: [folder, ...others].map((path) => ({ uri: pathToFileURL(path).href, name: 'test' })),
      initializationOptions,
      capabilities: {
        workspace: {
          configuration: configuration !== undefined,
          workspaceEdit: { documentChanges },
          applyEdit: applyEdit !== undefined,
          didChangeWatchedFiles: { dynamicRegistration: true },
        },
      },
    });
  }

  static async start(options: ClientOptions): Promise<Client> {
    bundle();
    const client = new Client(options);
    await client.initialized;
    await client.connection.sendNotification('initialized', {});
    return client;
  }

  get stderr(): string {
    return this.#stderr;
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  /** Opens a document. @returns its URI */
  async open(name: string, text: string, languageId = 'conll'): Promise<string> {
    const uri = this.uri(name);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    });
    return uri;
  }

  async change(uri: string, version: number, range: Range, text: string): Promise<void> {
    const params = { textDocument: { uri, version }, contentChanges: [{ range, text }] };
    await this.connection.sendNotification('textDocument/didChange', params);
  }

  request<R>(method: string, params: object): Promise<R> {
    return this.connection.sendRequest<R>(method, params);
  }

  /** The first notification from `from` on that `accept` takes; waits for it. */
  async notification<P>(method: string, accept: (params: P) => boolean = () => true, from = 0): Promise<P> {
    for (let i = from; ; i++) {
      while (i >= this.notified.length) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const seen = this.notified[i]!;
      if (seen.method === method && accept(seen.params as P)) return seen.params as P;
    }
  }

  /** Diagnostics of a document that `accept` takes. */
  async diagnostics(
    uri: string,
    accept: (published: PublishedDiagnostics) => boolean = () => true,
  ): Promise<Diagnostic[]> {
    const wanted = (published: PublishedDiagnostics) => published.uri === uri && accept(published);
    return (await this.notification('textDocument/publishDiagnostics', wanted)).diagnostics;
  }

  status(state: ModelStatus['state'], from = 0): Promise<ModelStatus> {
    return this.notification<ModelStatus>('crosstag/modelStatus', (status) => status.state === state, from);
  }

  labels(uri: string, first: number, last: number): Promise<LabelsResult> {
    return this.request('crosstag/labels', { uri, range: lines(first, last) });
  }

  /** Asks for the labels until they please, after each `labelsChanged`. */
  async labelsWhen(
    uri: string,
    first: number,
    last: number,
    accept: (labels: LabelsResult) => boolean,
  ): Promise<LabelsResult> {
    for (;;) {
      const from = this.notified.length;
      const result = await this.labels(uri, first, last);
      if (accept(result)) return result;
      await this.notification<{ uri: string }>('crosstag/labelsChanged', (changed) => changed.uri === uri, from);
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.server.once('exit', resolve));
    await this.request('shutdown', {});
    await this.connection.sendNotification('exit');
    await ended;
    this.connection.dispose();
  }
}

export function lines(first: number, last: number): Range {
  return { start: at(first, 0), end: at(last, 0) };
}

export function at(line: number, character: number): Position {
  return { line, character };
}
