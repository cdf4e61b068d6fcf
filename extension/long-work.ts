// Work that takes minutes: a notification tells of it at first, then the status bar alone, from where the notification comes back.
import * as vscode from 'vscode';
import { isCancellation, type Progress } from './progress.ts';

/** Milliseconds that the notification stands: it covers text, and as long as its bar moves, keys wait for what is drawn. */
const SHOWN = 8000;

const underWay = new Set<LongWork<unknown>>();

class LongWork<R> {
  private readonly cancellation = new vscode.CancellationTokenSource();
  /** The notification, while it stands. */
  private notified: Progress | undefined;
  private message = '';
  private done = 0;
  /** Undefined where it was cancelled. */
  readonly result: Promise<R | undefined>;

  constructor(
    private readonly title: string,
    work: (progress: Progress, token: vscode.CancellationToken) => Promise<R>,
  ) {
    const report: Progress['report'] = ({ message = '', increment = 0 }) => {
      this.message = message;
      this.done += increment;
      this.notified?.report({ message, increment });
    };
    const { token } = this.cancellation;
    this.result = work({ report }, token)
      .catch((error) => {
        // What it had learnt may not have been saved: that is said.
        if (token.isCancellationRequested && isCancellation(error)) return undefined;
        throw error;
      })
      .finally(() => this.cancellation.dispose());
  }

  show(): void {
    if (this.notified !== undefined) return;
    const { title } = this;
    const isStopping = this.cancellation.token.isCancellationRequested;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: !isStopping };
    void vscode.window.withProgress(options, async (progress, token) => {
      this.notified = progress;
      const message = isStopping ? vscode.l10n.t('stopping…') : this.message;
      progress.report({ message, increment: this.done });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, SHOWN);
      });
      const cancelled = new Promise((resolve) => token.onCancellationRequested(resolve));
      void cancelled.then(() => this.cancellation.cancel());
      await Promise.race([this.result.catch(() => {}), cancelled, late]);
      clearTimeout(timer);
      this.notified = undefined;
    });
  }
}

/** Work of minutes that can be cancelled; its progress shows in the status bar as well. @returns undefined where it was cancelled */
export async function inBackground<R>(
  title: string,
  work: (progress: Progress, token: vscode.CancellationToken) => Promise<R>,
): Promise<R | undefined> {
  const long = new LongWork(title, work);
  underWay.add(long);
  long.show();
  return long.result.finally(() => underWay.delete(long));
}

/** Shows how far the work is that somebody has started here, where it can be cancelled. @returns whether there is any */
export function showProgress(): boolean {
  for (const long of underWay) long.show();
  return underWay.size > 0;
}
