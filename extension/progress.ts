import * as vscode from 'vscode';
import { type LanguageClient, WorkDoneProgress } from 'vscode-languageclient/node';

/** A progress of the editor: increments add up to 100. */
export type Progress = vscode.Progress<{ message?: string; increment?: number }>;

let tokens = 0;

/** Shows the work-done progress that the server reports under a fresh token in a progress of the editor. */
export function trackProgress(
  client: LanguageClient,
  progress: Progress,
): { workDoneToken: string; listening: vscode.Disposable } {
  const workDoneToken = `crosstag-${++tokens}`;
  let shown = 0;
  const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (report) => {
    if (report.kind === 'end') return;
    const percentage = report.percentage ?? shown;
    progress.report({ message: report.message, increment: Math.max(0, percentage - shown) });
    shown = Math.max(shown, percentage);
  });
  return { workDoneToken, listening };
}

/** Work of seconds with progress that can be cancelled. @returns undefined where it was */
export function withProgress<R>(
  title: string,
  work: (progress: Progress, token: vscode.CancellationToken) => Promise<R>,
): Thenable<R | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => unlessCancelled(token, work(progress, token)));
}

/** The result of work; undefined where it was cancelled, which is no error then. */
export async function unlessCancelled<R>(token: vscode.CancellationToken, work: Promise<R>): Promise<R | undefined> {
  try {
    return await work;
  } catch (error) {
    if (token.isCancellationRequested) return undefined;
    throw error;
  }
}

/** Whether an answer of the server says that the work was cancelled, and not that something went wrong meanwhile. */
export function isCancellation(error: unknown): boolean {
  if (error instanceof vscode.CancellationError) return true;
  return error instanceof Error && error.message === 'cancelled';
}
