// Pages of the server in webviews: HTML that it makes, themed by the editor, kept up to date, open again after a restart.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { Disposable } from './disposable.ts';

/** What the script of a page says when it is ready for a newer one. */
const READY = 'ready';

/** What a page keeps over a restart of the editor. */
interface State {
  readonly folder?: string;
}

export interface PageContent {
  readonly name: string;
  /** HTML of all that is in `<main>`. */
  readonly body: string;
}

/** A kind of page; there is one for a folder. */
export interface PageKind {
  readonly viewType: string;
  /** Until the name is known. */
  readonly title: string;
  titleOf(name: string): string;
  /** Asks the server. */
  content(folder: vscode.Uri): Promise<PageContent>;
  /** Calls back when the page may be different. */
  follow(folder: vscode.Uri, changed: () => void): vscode.Disposable;
}

export class Pages extends Disposable {
  /** By folder. */
  private readonly panels = new Map<string, vscode.WebviewPanel>();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly kind: PageKind,
  ) {
    super();
    this._register(
      vscode.window.registerWebviewPanelSerializer(kind.viewType, {
        deserializeWebviewPanel: async (panel, state: State | undefined) => {
          if (state?.folder === undefined) panel.dispose();
          else await this.fill(panel, vscode.Uri.file(state.folder));
        },
      }),
    );
  }

  /** Shows the page of a folder, the one that is open already where there is one. */
  async show(folder: vscode.Uri): Promise<void> {
    const known = this.panels.get(folder.toString());
    if (known !== undefined) {
      known.reveal();
      return;
    }
    const { viewType, title } = this.kind;
    const panel = vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Active);
    try {
      await this.fill(panel, folder);
    } catch (error) {
      panel.dispose();
      throw error;
    }
  }

  private async fill(panel: vscode.WebviewPanel, folder: vscode.Uri): Promise<void> {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(this.context.extensionUri, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const listening: vscode.Disposable[] = [];
    let isClosed = false;
    // While it loads it may be closed, or asked for again.
    this.panels.set(folder.toString(), panel);
    panel.onDidDispose(() => {
      isClosed = true;
      this.panels.delete(folder.toString());
      vscode.Disposable.from(...listening).dispose();
    });
    const content = await this.kind.content(folder).catch((error) => {
      if (isClosed) return undefined;
      this.panels.delete(folder.toString());
      throw error;
    });
    if (content === undefined || isClosed) return;
    const { name, body } = content;
    panel.title = this.kind.titleOf(name);
    let latest = body;
    webview.html = page(webview, dist, { title: panel.title, body, folder });
    const refresh = restful(async () => {
      // A hidden page is not alive; it is asked for anew when it is looked at.
      if (isClosed || !panel.visible) return;
      const fresh = await this.kind.content(folder).catch(() => undefined);
      if (isClosed || fresh === undefined || fresh.body === latest) return;
      latest = fresh.body;
      await webview.postMessage({ body: latest });
    });
    listening.push(
      this.kind.follow(folder, refresh),
      panel.onDidChangeViewState(refresh),
      // A page that was hidden begins with what it began with.
      webview.onDidReceiveMessage((message) => {
        if (message === READY && latest !== body) void webview.postMessage({ body: latest });
      }),
    );
  }
}

/** So many times as long as the work took passes before it is done again: it never takes much of the server. */
const REST = 4;

/** Does the work when called, once for all calls that come meanwhile. @param work which does not fail */
function restful(work: () => Promise<void>): () => void {
  let isBusy = false;
  let isWanted = false;
  const run = async () => {
    isBusy = true;
    while (isWanted) {
      isWanted = false;
      const start = Date.now();
      await work();
      await new Promise((resolve) => setTimeout(resolve, REST * (Date.now() - start)));
    }
    isBusy = false;
  };
  return () => {
    isWanted = true;
    if (!isBusy) void run();
  };
}

/** Calls back once, `milliseconds` after the last call. */
export function debounced(milliseconds: number, callback: () => void): vscode.Disposable & { call(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    call() {
      clearTimeout(timer);
      timer = setTimeout(callback, milliseconds);
    },
    dispose: () => clearTimeout(timer),
  };
}

/** A page that may run our script and nothing else. */
function page(
  webview: vscode.Webview,
  dist: vscode.Uri,
  { title, body, folder }: { title: string; body: string; folder: vscode.Uri },
): string {
  const nonce = randomBytes(16).toString('base64');
  const resource = (name: string) => escapeHtml(webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString());
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${resource('report.css')}">
</head>
<body data-folder="${escapeHtml(folder.fsPath)}">
<main>
${body}
</main>
<script nonce="${nonce}" src="${resource('report.js')}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
