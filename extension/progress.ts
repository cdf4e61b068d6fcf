import type * as vscode from 'vscode';
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
