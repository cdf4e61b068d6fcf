// The report of an encoder in a webview: HTML from the server, themed by the editor, kept up to date while it is trained.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { Disposable } from './disposable.ts';
import { answered, type Choice } from './questions.ts';
import { trained } from './registry.ts';
import type { Server } from './server.ts';

const VIEW = 'crosstag.encoderReport';
const UNFINISHED = '.training';

/** Milliseconds without a change of the log before the report is asked for again. */
const PAUSE = 500;

/** What the page keeps over a restart of the editor. */
interface State {
  readonly folder?: string;
}

export class Reports extends Disposable {
  /** By the folder of the encoder. */
  private readonly panels = new Map<string, vscode.WebviewPanel>();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly server: Server,
  ) {
    super();
    this._register(
      vscode.window.registerWebviewPanelSerializer(VIEW, {
        deserializeWebviewPanel: async (panel, state: State | undefined) => {
          if (state?.folder === undefined) panel.dispose();
          else await this.fill(panel, vscode.Uri.file(state.folder));
        },
      }),
    );
  }

  /** Shows the report of an encoder, which is asked for where it is not named. @throws Dismissed */
  async show(folder?: vscode.Uri): Promise<void> {
    const encoder = withoutSuffix(folder ?? (await chooseEncoder()));
    const known = this.panels.get(encoder.toString());
    if (known !== undefined) {
      known.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(VIEW, vscode.l10n.t('Encoder Report'), vscode.ViewColumn.Active);
    try {
      await this.fill(panel, encoder);
    } catch (error) {
      panel.dispose();
      throw error;
    }
  }

  private async fill(panel: vscode.WebviewPanel, folder: vscode.Uri): Promise<void> {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(this.context.extensionUri, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const { name, body } = await this.server.encoderReport(folder.fsPath);
    panel.title = vscode.l10n.t('Encoder {0}', name);
    webview.html = page(webview, dist, { title: panel.title, body, folder });
    const updates = this.follow(folder, async () => {
      const report = await this.server.encoderReport(folder.fsPath).catch(() => undefined);
      if (report !== undefined) await webview.postMessage({ body: report.body });
    });
    this.panels.set(folder.toString(), panel);
    panel.onDidDispose(() => {
      this.panels.delete(folder.toString());
      updates.dispose();
    });
  }

  /** Calls back a moment after the log of an encoder, or of its unfinished training, has changed. */
  private follow(folder: vscode.Uri, changed: () => Promise<void>): vscode.Disposable {
    // Both folders are replaced as a whole: what lies above them is watched.
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(folder, '..'), '*/log.jsonl');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    let timer: NodeJS.Timeout | undefined;
    const soon = (file: vscode.Uri) => {
      if (withoutSuffix(vscode.Uri.joinPath(file, '..')).toString() !== folder.toString()) return;
      clearTimeout(timer);
      timer = setTimeout(() => void changed(), PAUSE);
    };
    watcher.onDidChange(soon);
    watcher.onDidCreate(soon);
    return vscode.Disposable.from(watcher, { dispose: () => clearTimeout(timer) });
  }
}

/** The folder of the encoder that is finished, or will be. */
function withoutSuffix(folder: vscode.Uri): vscode.Uri {
  return folder.path.endsWith(UNFINISHED) ? folder.with({ path: folder.path.slice(0, -UNFINISHED.length) }) : folder;
}

async function chooseEncoder(): Promise<vscode.Uri> {
  const encoders = await trained('**/.crosstag/encoders/*/*/log.jsonl');
  const items: Choice<vscode.Uri | undefined>[] = encoders.map(({ folder, name, modified }) => ({
    label: name.replace(UNFINISHED, ''),
    description: name.endsWith(UNFINISHED) ? vscode.l10n.t('not finished') : new Date(modified).toLocaleString(),
    detail: vscode.workspace.asRelativePath(folder),
    value: folder,
  }));
  const browse = { label: vscode.l10n.t('$(folder-opened) Choose a folder…'), value: undefined };
  const title = vscode.l10n.t('Encoder to report on');
  const { value } = await answered(vscode.window.showQuickPick([...items, browse], { title, matchOnDetail: true }));
  if (value !== undefined) return value;
  const chosen = vscode.window.showOpenDialog({
    title: vscode.l10n.t('Folder of an encoder (it holds log.jsonl)'),
    openLabel: vscode.l10n.t('Show Report'),
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri,
  });
  return (await answered(chosen))[0]!;
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
