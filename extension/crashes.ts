// What happens when the language server dies: it comes back after a growing pause, and stays off when it dies again and
// again.
import * as vscode from 'vscode';

/** A server that stopped this often within `WINDOW` stays off. */
const LIMIT = 4;
/** Milliseconds. */
const WINDOW = 3 * 60_000;
/** Milliseconds to wait before the first restart; doubles with every crash inside the window. */
const PAUSE = 250;

export class Crashes {
  private readonly times: number[] = [];

  constructor(private readonly actions: { restart(): Promise<void>; showLog(): Promise<void> }) {}

  /** Counts a crash and tells the user. @returns milliseconds to wait before a restart; undefined: no restart */
  note(): number | undefined {
    const now = Date.now();
    this.times.push(now);
    const recent = this.times.filter((time) => now - time < WINDOW).length;
    if (recent >= LIMIT) {
      this.times.length = 0;
      const message = vscode.l10n.t(
        'The Crosstag language server stopped {0} times in three minutes. It stays off until you restart it.',
        recent,
      );
      void this.report(message, vscode.l10n.t('Restart'));
      return undefined;
    }
    if (recent === 1) {
      const message = vscode.l10n.t(
        'The Crosstag language server stopped unexpectedly and was started again. Your files are as they were.',
      );
      void this.report(message);
    }
    return PAUSE * 2 ** (recent - 1);
  }

  private async report(message: string, restart?: string): Promise<void> {
    const log = vscode.l10n.t('Show Log');
    const answer = await vscode.window.showWarningMessage(message, ...(restart === undefined ? [] : [restart]), log);
    if (answer === log) await this.actions.showLog();
    else if (answer !== undefined) await this.actions.restart();
  }
}
