// Which key gives which label. The server's order never changes while it runs: what is known of it stays right.
import * as vscode from 'vscode';
import { Disposable } from './disposable.ts';
import { isReview } from './documents.ts';
import type { Server } from './server.ts';

/** Labels that have a command, and so a key, of their own: `crosstag.label1` to `crosstag.label20`. */
export const KEYS = 20;

export class LabelKeys extends Disposable {
  /** By the URI of the document, as documents of two tasks have two orders. */
  private readonly known = new Map<string, readonly string[]>();

  constructor(private readonly server: Server) {
    super();
    // A server that starts again may order anew.
    this._register(server.onRestarted(() => this.known.clear()));
    this._register(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.known.delete(uri.toString())));
  }

  /** The labels that can be given at a place, in the order of their keys. */
  async of(document: vscode.TextDocument, position: vscode.Position): Promise<readonly string[]> {
    const order = await this.server.ask((connection) => connection.labelKeys(document, position));
    // The lines of the review view may be of several tasks.
    if (!isReview(document)) this.known.set(document.uri.toString(), order);
    return order;
  }

  /**
   * The label of key `number`, counted from 1.
   * @throws Error where there are fewer
   */
  async label({ document, selection }: vscode.TextEditor, number: number): Promise<string> {
    const find = (order: readonly string[] | undefined) => order?.[number - 1];
    const label = find(this.known.get(document.uri.toString())) ?? find(await this.of(document, selection.active));
    if (label !== undefined) return label;
    throw new Error(vscode.l10n.t('There is no label {0} here yet; “Set Label…” shows which there are.', number));
  }
}

/** What stands before label `number` (from 1) in a list: the digit that picks it, with ⇧ from the eleventh on. */
export function digitOf(number: number): string {
  if (number > KEYS) return '';
  return `${number > 10 ? '⇧' : ''}${number % 10} `;
}
