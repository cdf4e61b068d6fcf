// The language server: standard LSP over stdio or Node's IPC (`--stdio`, `--node-ipc`), and the messages of protocol.ts.
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type CancellationToken,
  type ClientCapabilities,
  CodeActionKind,
  createConnection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  ProposedFeatures,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { version } from '../package.json';
import { listenToBulkRequests } from './bulk-requests.ts';
import { answer } from './custom-messages.ts';
import { listenToDashboardRequests } from './dashboard-requests.ts';
import { codeActions } from './features/code-actions.ts';
import { hover } from './features/hover.ts';
import { labelChoices, problemOfLabel } from './features/label-choices.ts';
import { LabelKeys } from './features/label-keys.ts';
import { shownLabels, shownSentences, visibleSentences } from './features/labels.ts';
import { SETTLE_COMMAND } from './features/lint-journal.ts';
import { MARK_RIGHT_COMMAND } from './features/marked-right.ts';
import { nextSuggestion } from './features/next-suggestion.ts';
import { openSentence } from './features/open-sentences.ts';
import { legend, semanticTokens } from './features/semantic-tokens.ts';
import { documentSymbols } from './features/symbols.ts';
import { JournalledEdits } from './journalled-edits.ts';
import { listenToLabelRequests } from './label-requests.ts';
import { LanguageServer } from './language-server.ts';
import { listenToLearningRequests } from './learning-requests.ts';
import { listenToProjectRequests } from './project-requests.ts';
import {
  type InitializationOptions,
  LabelChoicesRequest,
  LabelKeysRequest,
  LabelProblemRequest,
  LabelsRequest,
  NextSuggestionRequest,
  OpenSentenceRequest,
  type TrainParams,
  TrainRequest,
  type TrainResult,
  TrustGranted,
  UseModelRequest,
} from './protocol.ts';
import { listenToRenames, RENAMES } from './renames.ts';
import { labelsOfView, listenToReviewRequests, openLine, suggestionInView } from './review-requests.ts';
import { isReviewView } from './review-views.ts';
import type { LabelledInput } from './trainer-protocol.ts';
import { failing, withProgress } from './work-done.ts';
import { isAnnotationFile } from './workspace/annotation-files.ts';
import { pathOf } from './workspace/documents.ts';
import { EXTENSIONS } from './workspace/language-ids.ts';
import { ACTIVE_FILE } from './workspace/model-verdicts.ts';
import { MODEL_FILE } from './workspace/models.ts';
import { PROJECT_FILE } from './workspace/project.ts';

/** The program of the model processes lies beside this one. */
const PROGRAM = fileURLToPath(new URL('trainer.cjs', import.meta.url));

const connection = createConnection(ProposedFeatures.all);

// A request that a client does not know, or a mistake of ours, must not end the server.
process.on('unhandledRejection', (reason) => {
  connection.console.error(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
});

connection.onInitialize((params) => {
  const options: InitializationOptions = params.initializationOptions ?? {};
  const server = new LanguageServer(connection, PROGRAM, foldersOf(params), params.capabilities, options);
  listen(server, params.capabilities);
  return capabilities;
});

const capabilities: InitializeResult = {
  serverInfo: { name: 'crosstag', version },
  capabilities: {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
    hoverProvider: true,
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite] },
    documentSymbolProvider: true,
    executeCommandProvider: { commands: [SETTLE_COMMAND, MARK_RIGHT_COMMAND] },
    semanticTokensProvider: { legend, full: true, range: true },
    workspace: {
      workspaceFolders: { supported: true, changeNotifications: true },
      fileOperations: { willRename: RENAMES, didRename: RENAMES },
    },
  },
};

function foldersOf({ workspaceFolders, rootUri, rootPath }: InitializeParams): string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => pathOf(uri));
  if (rootUri) return [pathOf(rootUri)];
  return rootPath ? [rootPath] : [];
}

/** Routes messages to whoever handles them. */
function listen(server: LanguageServer, client: ClientCapabilities): void {
  connection.onInitialized(() => {
    watch(client);
    void server.projects.refresh();
    if (client.workspace?.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => pathOf(uri)));
        server.folders = [
          ...server.folders.filter((folder) => !gone.has(folder)),
          ...added.map(({ uri }) => pathOf(uri)),
        ];
        void server.models.refresh();
        void server.review.projectChanged();
        void server.projects.refresh();
      });
    }
  });
  connection.onDidOpenTextDocument(({ textDocument }) => server.opened(textDocument));
  connection.onDidChangeTextDocument((params) => server.changed(params));
  connection.onDidSaveTextDocument(({ textDocument }) => server.saved(textDocument.uri));
  connection.onDidCloseTextDocument(({ textDocument }) => server.closed(textDocument.uri));
  connection.onDidChangeConfiguration(() => server.configured());
  connection.onDidChangeWatchedFiles((params) => server.filesChanged(params));
  connection.onNotification(TrustGranted.method, () => server.trust());
  connection.onShutdown(() => server.shutdown());
  listenToStandardRequests(server);
  const edits = new JournalledEdits(server, client);
  listenToCustomRequests(server);
  listenToRenames(connection, server);
  listenToLabelRequests(connection, server, edits);
  listenToBulkRequests(connection, server, edits);
  listenToLearningRequests(connection, server);
  listenToProjectRequests(connection, server);
  listenToReviewRequests(connection, server);
}

/** Files that may be among those that are to be labelled. */
const LABELLED_FILES = `**/*.{${EXTENSIONS.join(',')}}`;

/** Asks the client to tell of changes that no open document brings. */
function watch({ workspace }: ClientCapabilities): void {
  if (workspace?.didChangeConfiguration?.dynamicRegistration) {
    void connection.client.register(DidChangeConfigurationNotification.type, { section: 'crosstag' });
  }
  if (workspace?.didChangeWatchedFiles?.dynamicRegistration) {
    const watched = [
      `**/.crosstag/models/*/*/${MODEL_FILE}`,
      `**/.crosstag/models/${ACTIVE_FILE}`,
      `**/${PROJECT_FILE}`,
      '**/*.ann',
      '**/.crosstag/journal/*.jsonl',
      LABELLED_FILES,
    ];
    const watchers = watched.map((globPattern) => ({ globPattern }));
    void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  }
}

function listenToStandardRequests(server: LanguageServer): void {
  connection.onHover(async ({ textDocument, position }) => hover(await server.document(textDocument.uri), position));
  connection.onCodeAction(async (params) => {
    const document = await server.document(params.textDocument.uri);
    return codeActions(document, server.diagnostics.linterOf(document), params);
  });
  connection.onDocumentSymbol(async ({ textDocument }) => documentSymbols(await server.document(textDocument.uri)));
  connection.onRequest(SemanticTokensRequest.type, async ({ textDocument }) => {
    return semanticTokens(await server.document(textDocument.uri)) ?? null;
  });
  connection.onRequest(SemanticTokensRangeRequest.type, async ({ textDocument, range }) => {
    return semanticTokens(await server.document(textDocument.uri), range) ?? null;
  });
}

function listenToCustomRequests(server: LanguageServer): void {
  answer(connection, LabelsRequest, async ({ uri, range, margin }) => {
    if (isReviewView(uri)) return labelsOfView(server, uri, range);
    const document = await server.document(uri);
    const visible = visibleSentences(document, range);
    server.models.show(document, visible.first, visible.end);
    const { version } = document;
    const sentences = visibleSentences(document, range, margin);
    return { version, labels: shownLabels(document, sentences), sentences: shownSentences(document, sentences) };
  });
  answer(connection, LabelChoicesRequest, async ({ uri, range }) => {
    const place = await server.place(uri, range);
    return labelChoices(place.document, place.range);
  });
  answer(connection, LabelProblemRequest, async ({ uri, range, label }) => {
    const place = await server.place(uri, range);
    return problemOfLabel(place.document, place.range, label) ?? null;
  });
  const keys = new LabelKeys();
  listenToDashboardRequests(connection, server, keys);
  answer(connection, LabelKeysRequest, async ({ uri, position }) => {
    return keys.of((await server.place(uri, { start: position, end: position })).document);
  });
  answer(connection, OpenSentenceRequest, async ({ uri, ...params }) => {
    if (isReviewView(uri)) return openLine(server, uri, params) ?? null;
    return openSentence(await server.document(uri), params) ?? null;
  });
  answer(connection, NextSuggestionRequest, async (params, token) => {
    if (isReviewView(params.uri)) return suggestionInView(server, params) ?? null;
    const document = await server.document(params.uri);
    const tag = (first: number, end: number) => server.models.tagRange(document, first, end, token);
    return (await failing(() => nextSuggestion(document, params, tag))) ?? null;
  });
  answer(connection, UseModelRequest, async ({ folder }) => {
    const settings = await server.settings(undefined);
    return failing(() => server.models.use(folder, settings));
  });
  answer(connection, TrainRequest, (params, token) => failing(() => train(server, params, token)));
}

/** Trains with progress under the token that the client made. */
async function train(
  server: LanguageServer,
  { train, dev, parts, workDoneToken }: TrainParams,
  token: CancellationToken,
): Promise<TrainResult> {
  const data = {
    train: await Promise.all(train.map((path) => inputOf(server, path))),
    dev: await Promise.all((dev === undefined ? [] : [dev]).map((path) => inputOf(server, path))),
    workspace: server.folderOf(train[0]),
    parts,
  };
  const settings = await server.settings(undefined);
  const { folder, ...result } = await withProgress(connection, workDoneToken, 'Training a tagger', (progress) =>
    server.models.train(data, settings, progress, token),
  );
  return { model: folder, ...result };
}

/** A labelled file, to be read as the editor reads it; annotations are what their name says. */
async function inputOf(server: LanguageServer, path: string): Promise<LabelledInput> {
  const language = (await server.languageOf(path)) ?? '';
  const { format } = await server.settings(pathToFileURL(path).href);
  return { path, language, ...(format !== 'auto' && !isAnnotationFile(path) && { format }) };
}

connection.listen();
