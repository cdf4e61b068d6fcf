// Accepts all suggestions of a file or the project from a probability on.
import * as vscode from 'vscode';
import type { BulkScope } from '../server/protocol.ts';
import type { SuggestionCount } from './bulk-connection.ts';
import type { Labels } from './edits.ts';
import { applyToFiles, nextGroup, scopeIn } from './many-files.ts';
import { withProgress } from './progress.ts';
import { answered } from './questions.ts';
import { requireSuggestions } from './suggestions.ts';

/** What was asked for last, in per cent. */
let least = '90';

/** Files that the question names. */
const NAMED = 10;

export async function acceptAll(labels: Labels, { document }: vscode.TextEditor, wanted: BulkScope): Promise<void> {
  requireSuggestions(document);
  const scope = scopeIn(document, wanted);
  const minimum = await askProbability(scope);
  const counts = await withProgress(vscode.l10n.t('Crosstag: tagging what has no suggestions yet'), (progress, token) =>
    labels.server.ask(({ bulk }) => bulk.countSuggestions(document.uri, scope, minimum, progress, token)),
  );
  if (counts === undefined) return;
  if (counts.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No suggestion reaches {0} %.', least));
    return;
  }
  await confirm(counts);
  const group = nextGroup();
  await applyToFiles(
    labels,
    document,
    counts.map(({ uri }) => uri),
    (file) => labels.server.ask(({ bulk }) => bulk.acceptAll(file, minimum, group)),
  );
}

/** @returns 0 to 1 @throws Dismissed */
async function askProbability(scope: BulkScope): Promise<number> {
  least = await answered(
    vscode.window.showInputBox({
      title:
        scope === 'file'
          ? vscode.l10n.t('Accept all suggestions of the file from this probability on')
          : vscode.l10n.t('Accept all suggestions of the project from this probability on'),
      prompt: vscode.l10n.t('In per cent, 0 to 100'),
      value: least,
      validateInput: (text) =>
        /^\d+(\.\d+)?$/.test(text) && Number(text) <= 100 ? undefined : vscode.l10n.t('Type a number from 0 to 100.'),
    }),
  );
  return Number(least) / 100;
}

/** Says how many they are. @throws Dismissed */
async function confirm(counts: readonly SuggestionCount[]): Promise<void> {
  const sum = (of: (count: SuggestionCount) => number) => counts.reduce((total, count) => total + of(count), 0);
  const lines = counts.slice(0, NAMED).map(({ uri, suggestions, sentences }) => {
    const name = vscode.workspace.asRelativePath(uri);
    return vscode.l10n.t('{0}: {1} in {2} sentences', name, suggestions, sentences);
  });
  if (counts.length > NAMED) lines.push(vscode.l10n.t('… and {0} other files', counts.length - NAMED));
  const accept = vscode.l10n.t('Accept');
  await answered(
    vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Accept {0} suggestions in {1} sentences?',
        sum(({ suggestions }) => suggestions),
        sum(({ sentences }) => sentences),
      ),
      { modal: true, detail: `${lines.join('\n')}\n${vscode.l10n.t('One undo step in each file.')}` },
      accept,
    ),
  );
}
