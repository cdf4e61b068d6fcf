// What the model does: one status bar item, and one language status item with a busy state.
import * as vscode from 'vscode';
import type { ModelStatus } from '../server/protocol.ts';
import { changesDecorations, openSetting } from './config.ts';
import { Disposable } from './disposable.ts';
import { documentSelector, isOurs } from './documents.ts';
import type { Server } from './server.ts';
import { areSuggestionsOff, SUGGESTIONS } from './suggestions.ts';

/** `off`: no model is asked about the file at hand, because somebody has switched suggestions off. */
type State = ModelStatus['state'] | 'off';
type Shown = Omit<ModelStatus, 'state'> & { readonly state: State };

/** What takes long says how far it is: an icon that turns is drawn anew twenty times a second, and keys wait for it. */
const ICONS: Readonly<Record<State, string>> = {
  off: '$(circle-slash)',
  none: '$(tag)',
  loading: '$(sync~spin)',
  ready: '$(tag)',
  tagging: '$(sync~spin)',
  training: '$(sync)',
  pretraining: '$(sync)',
  failed: '$(warning)',
};

/** Milliseconds after which tagging is shown: what follows a label is over before it is read. */
const LONG = 1000;

export class Status extends Disposable {
  private readonly item = this._register(
    vscode.window.createStatusBarItem('crosstag.model', vscode.StatusBarAlignment.Right, 100),
  );
  private readonly language = this._register(
    vscode.languages.createLanguageStatusItem('crosstag.model', documentSelector()),
  );
  /** What the language status item says. */
  private said = '';
  private tagging: NodeJS.Timeout | undefined;

  constructor(private readonly server: Server) {
    super();
    this.item.name = vscode.l10n.t('Crosstag model');
    this.language.name = this.item.name;
    this._register(server.onStatusChanged(() => this.follow()));
    this._register({ dispose: () => clearTimeout(this.tagging) });
    this._register(vscode.window.onDidChangeActiveTextEditor(() => this.update()));
    this._register(vscode.workspace.onDidChangeConfiguration((change) => changesDecorations(change) && this.update()));
    this.update();
  }

  private follow(): void {
    clearTimeout(this.tagging);
    if (this.server.status.state === 'tagging') this.tagging = setTimeout(() => this.update(), LONG);
    else this.update();
  }

  private update(): void {
    const editor = vscode.window.activeTextEditor;
    const status = shownFor(editor?.document, this.server.status);
    const isTraining = status.state === 'training' || status.state === 'pretraining';
    const text = titleOf(status);
    const failed = status.state === 'failed';
    this.item.text = `${ICONS[status.state]} ${text}`;
    this.item.tooltip =
      status.message === '' ? vscode.l10n.t('Crosstag: no model yet. Click to train one.') : status.message;
    this.item.command = commandOf(status.state);
    this.item.backgroundColor = failed ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: `Crosstag: ${text}. ${status.message}` };

    this.sayInLanguage(isTraining ? { state: status.state, message: '' } : status);

    // Training goes on whatever file is looked at.
    if (isTraining || (editor !== undefined && isOurs(editor.document))) this.item.show();
    else this.item.hide();
  }

  /** Whenever this item changes, VS Code moves its icon for a second until a person knows it: no percent stands here. */
  private sayInLanguage(status: Shown): void {
    const said = JSON.stringify(status);
    if (said === this.said) return;
    this.said = said;
    const { state, message } = status;
    this.language.text = titleOf(status);
    this.language.detail = message;
    this.language.busy = state === 'loading' || state === 'tagging';
    this.language.severity =
      state === 'failed' ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
    this.language.command = commandOf(state);
  }
}

/** What is true of a document: training goes on without its suggestions. */
function shownFor(document: vscode.TextDocument | undefined, status: ModelStatus): Shown {
  const isBusy = ['training', 'pretraining', 'failed'].includes(status.state);
  if (isBusy || document === undefined || !isOurs(document) || !areSuggestionsOff(document)) return status;
  return { state: 'off', message: vscode.l10n.t('Suggestions are off for this file.') };
}

function titleOf({ state, model, done }: Shown): string {
  const percent = done === undefined ? '' : ` ${Math.round(done * 100)}%`;
  switch (state) {
    case 'off':
      return vscode.l10n.t('Suggestions off');
    case 'none':
      return vscode.l10n.t('No model');
    case 'training':
      return `${vscode.l10n.t('Training')}${percent}`;
    case 'pretraining':
      return `${vscode.l10n.t('Pre-training')}${percent}`;
    case 'failed':
      return vscode.l10n.t('Crosstag failed');
    default:
      return model ?? vscode.l10n.t('Crosstag');
  }
}

function commandOf(state: State): vscode.Command {
  if (state === 'off') return openSetting(SUGGESTIONS, vscode.window.activeTextEditor?.document);
  if (state === 'none') return { command: 'crosstag.train', title: vscode.l10n.t('Train a Tagger…') };
  if (state === 'training' || state === 'pretraining') {
    return { command: 'crosstag.showProgress', title: vscode.l10n.t('Show Progress') };
  }
  if (state === 'failed') return { command: 'crosstag.showLog', title: vscode.l10n.t('Show Log') };
  return { command: 'crosstag.useModel', title: vscode.l10n.t('Choose Model…') };
}
