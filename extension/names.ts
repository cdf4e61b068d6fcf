// Names of labels in raw text and JSON lines, as inlay hints: unlike decorations they take part in word wrap. (In columns, names stand
// behind the line, see decorations.ts.)
import * as vscode from 'vscode';
import type { ShownLabel } from '../server/protocol.ts';
import type { Decorations } from './decorations.ts';
import { Disposable } from './disposable.ts';
import { hasColumns, isOurs, REVIEW_SCHEME } from './documents.ts';
import { JSON_LINES } from './json-lines.ts';
import { toRange } from './ranges.ts';
import { nameOf } from './styles.ts';

/** Characters of the scripts that run from right to left. */
const RIGHT_TO_LEFT = /[\u0591-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Milliseconds that hints wait for labels of the present text. */
const PATIENCE = 2000;

export class Names extends Disposable implements vscode.InlayHintsProvider {
  private readonly changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeInlayHints = this.changed.event;

  constructor(private readonly decorations: Decorations) {
    super();
    this._register(
      decorations.onDidShow((document) => {
        if (!hasColumns(document)) this.changed.fire();
      }),
    );
    const selector = [
      { language: 'plaintext', pattern: '**/*.txt' },
      { language: JSON_LINES },
      { scheme: REVIEW_SCHEME },
    ];
    this._register(vscode.languages.registerInlayHintsProvider(selector, this));
  }

  async provideInlayHints(
    document: vscode.TextDocument,
    range: vscode.Range,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlayHint[]> {
    if (!isOurs(document)) return [];
    const labels = (await this.present(document, token)).filter((label) => toRange(label.range).intersection(range));
    const hints: vscode.InlayHint[] = [];
    const behind = new Map<number, ShownLabel[]>();
    for (const label of labels) {
      const { end } = toRange(label.range);
      // The editor lays out from left to right what stands before and after a hint: inside a line of right-to-left words
      // it would turn their order round.
      if (!RIGHT_TO_LEFT.test(document.lineAt(end.line).text)) hints.push(hint(end, nameOf(label)));
      else behind.set(end.line, [...(behind.get(end.line) ?? []), label]);
    }
    for (const [line, all] of behind) hints.push(hint(document.lineAt(line).range.end, inReadingOrder(all)));
    return hints;
  }

  /** The labels shown, once they are those of the present text. */
  private async present(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<readonly ShownLabel[]> {
    const end = Date.now() + PATIENCE;
    while (!token.isCancellationRequested && Date.now() < end) {
      const shown = this.decorations.shown(document);
      if (shown !== undefined) return shown;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return [];
  }
}

function hint(position: vscode.Position, name: string): vscode.InlayHint {
  const made = new vscode.InlayHint(position, name);
  made.paddingLeft = true;
  return made;
}

/** Names in the order in which their words stand on the screen: the first one on the right. */
function inReadingOrder(labels: readonly ShownLabel[]): string {
  return labels.map(nameOf).reverse().join(' · ');
}
