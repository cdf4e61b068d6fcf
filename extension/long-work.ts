// Work that takes minutes: a notification tells of it at first, then the status bar alone, from where the notification comes back.
import * as vscode from 'vscode';
import type { Progress } from './progress.ts';

/** Milliseconds that the notification stands: it covers text, and as long as its bar moves, keys wait for what is drawn. */
const SHOWN = 8000;

const underWay = new Set<LongWork>();

class LongWork {
  private readonly cancellation = new vscode.CancellationTokenSource();
  private readonly ended: Promise<unknown>;
  private isCancelled = false;
  /** The notification, while it stands. */
  private notified: Progress | undefined;
  private message = '';
  private done = 0;
  readonly result: Promise<unknown>;

  constructor(
    private readonly title: string,
    work: (progress: Progress, token: vscode.CancellationToken) => Promise<unknown>,
  ) {
    const report = ({ message = '', increment = 0 }: { message?: string; increment?: number }) => {
      this.message = message;
      this.done += increment;
      this.notified?.report({ message, increment });
    };
    this.result = work({ report }, this.cancellation.token);
    this.ended = this.result.catch(() => {}).finally(() => this.cancellation.dispose());
  }

  get wasCancelled(): boolean {
    return this.isCancelled;
  }

  show(): void {
    if (this.notified !== undefined) return;
    const { title } = this;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: !this.isCancelled };
    void vscode.window.withProgress(options, async (progress, token) => {
      this.notified = progress;
      const message = this.isCancelled ? vscode.l10n.t('stopping…') : this.message;
      progress.report({ message, increment: this.done });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, SHOWN);
      });
      const cancelled = new Promise<void>((resolve) => token.onCancellationRequested(() => resolve()));
      void cancelled.then(() => this.cancel());
      await Promise.race([this.ended, cancelled, late]);
      clearTimeout(timer);
      this.notified = undefined;
    });
  }

  private cancel(): void {
    this.isCancelled = true;
    this.cancellation.cancel();
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
  try {
    return (await long.result) as R;
  } catch (error) {
    if (long.wasCancelled) return undefined;
    throw error;
  } finally {
    underWay.delete(long);
  }
}

/** Shows how far the work is that somebody has started here, where it can be cancelled. @returns whether there is any */
export function showProgress(): boolean {
  for (const long of underWay) long.show();
  return underWay.size > 0;
}
